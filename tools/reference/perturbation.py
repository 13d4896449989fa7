"""Insertion and deletion of a small network by Xplique 2.0.2: packages/metrics-perturbation/test/fixtures/xplique.json.

The network has one hidden layer (`hiddenLayer` of core's tests). Xplique's own `CausalFidelity` runs; TensorFlow, which it imports and does
not use there, is replaced by an empty module, and its call of the model by one of NumPy. Probabilities are a softmax, images are
normalised, and its baseline is 0.

Needs: pip install --no-deps xplique==2.0.2; pip install numpy scipy
Run: python tools/reference/perturbation.py
"""

import json
import pathlib
import sys
from unittest import mock

import numpy as np

for name in ("tensorflow", "tensorflow.keras", "tensorflow.keras.layers"):
    sys.modules[name] = mock.MagicMock()
sys.modules["xplique"] = package = type(sys)("xplique")
package.__path__ = [str(next(path for entry in sys.path if (path := pathlib.Path(entry) / "xplique").is_dir()))]
for name in ("xplique.commons", "xplique.types", "xplique.metrics.base"):
    sys.modules[name] = mock.MagicMock()
sys.modules["xplique.metrics"] = metrics = type(sys)("xplique.metrics")
metrics.__path__ = [package.__path__[0] + "/metrics"]
sys.modules["xplique.metrics.base"].ExplanationMetric = type("ExplanationMetric", (), {})
from xplique.metrics.fidelity import CausalFidelity  # noqa: E402

random = np.random.default_rng(17)
side, classes, units, count = 6, 3, 5, 3
mean, std = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
images = random.random((count, side, side, 3)).astype(np.float32)
kernel, bias, dense = random.normal(size=(units, side * side * 3)), random.normal(size=units), random.normal(size=(classes, units))
dense /= 10
maps = random.normal(size=(count, side, side, 3))
targets = [2, 0, 1]


def probabilities(_model, inputs, labels, _batch):
    flat = np.asarray(inputs).reshape(len(inputs), -1)
    logits = np.maximum(flat @ kernel.T + bias, 0) @ dense.T
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return (exponentials / exponentials.sum(axis=1, keepdims=True) * labels).sum(axis=1)


def areas(mode, steps):
    results = []
    for image, target, explanation in zip((images - mean) / std, targets, maps):
        metric = CausalFidelity.__new__(CausalFidelity)
        metric.inputs, metric.targets, metric.batch_size = image[None], np.eye(classes)[[target]], 64
        metric.model, metric.batch_inference_function = None, probabilities
        metric.causal_mode, metric.baseline_mode, metric.has_channels = mode, 0.0, True
        metric.nb_features = metric.max_nb_perturbed = side * side
        metric.inputs_flatten, metric.steps = metric.inputs.reshape(1, side * side, 3), steps
        results.append(float(metric.evaluate(explanation[None])))
    return results


fixture = {
    "side": side,
    "mean": mean.tolist(),
    "std": std.tolist(),
    "images": images.ravel().tolist(),
    "kernel": kernel.ravel().tolist(),
    "bias": bias.tolist(),
    "dense": dense.ravel().tolist(),
    "targets": targets,
    "maps": maps.ravel().tolist(),
    "areas": [
        {"steps": steps, "insertion": areas("insertion", steps), "deletion": areas("deletion", steps)} for steps in (10, 36)
    ],
}
path = pathlib.Path(__file__).parents[2] / "packages/metrics-perturbation/test/fixtures/xplique.json"
path.parent.mkdir(parents=True, exist_ok=True)
path.write_text(json.dumps(fixture, separators=(",", ":")) + "\n")
