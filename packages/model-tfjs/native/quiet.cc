// An addon whose only effect is that Abseil's logging keeps to TF_CPP_MIN_LOG_LEVEL. TensorFlow 2.21 logs from static constructors,
// before it reads that variable; this addon links libtensorflow_framework alone, so it can be loaded before those constructors run.
#include <node_api.h>

#include <cstdlib>

#include "absl/log/globals.h"

static napi_value Init(napi_env env, napi_value exports) {
  const char *level = std::getenv("TF_CPP_MIN_LOG_LEVEL");
  const int severity = level ? std::atoi(level) : 0;
  absl::SetMinLogLevel(static_cast<absl::LogSeverityAtLeast>(severity < 0 ? 0 : severity > 3 ? 3 : severity));
  return exports;
}

NAPI_MODULE(espalier_quiet, Init)
