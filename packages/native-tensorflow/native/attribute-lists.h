// Compiled into tfjs-node's addon (`-include`), which can set a string as an attribute of an op but not a list. A string that
// starts with `list(string):` or `list(type):` becomes a list of what follows, separated by commas; types are TF_DataType numbers.
// TensorFlow's fused convolutions name their parts in such lists.
#pragma once

#include <cstdlib>
#include <string>
#include <vector>

#include "tensorflow/c/eager/c_api.h"

static inline void espalier_set_string(TFE_Op* op, const char* name, const void* value, size_t length) {
  const std::string text(static_cast<const char*>(value), length);
  const bool is_strings = text.rfind("list(string):", 0) == 0;
  if (!is_strings && text.rfind("list(type):", 0) != 0) {
    TFE_OpSetAttrString(op, name, value, length);
    return;
  }
  std::vector<const void*> items;
  std::vector<size_t> lengths;
  std::vector<TF_DataType> types;
  for (size_t start = text.find(':') + 1; start <= text.size();) {
    const size_t comma = text.find(',', start);
    const size_t end = comma == std::string::npos ? text.size() : comma;
    items.push_back(text.data() + start);
    lengths.push_back(end - start);
    types.push_back(static_cast<TF_DataType>(std::atoi(text.c_str() + start)));
    start = end + 1;
  }
  const int count = static_cast<int>(items.size());
  if (is_strings) {
    TFE_OpSetAttrStringList(op, name, items.data(), lengths.data(), count);
  } else {
    TFE_OpSetAttrTypeList(op, name, types.data(), count);
  }
}

#define TFE_OpSetAttrString espalier_set_string
