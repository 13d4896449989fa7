"""Smooth and efficient MPRT of a small network by Quantus 0.5.3, one image per call: packages/metrics/test/fixtures/quantus-smooth-mprt.json.

The network is core's toy model: a 2 x 2 convolution with stride 2, ReLU, mean over space, a dense layer. Explanations are gradients, summed
over channels. Quantus draws other noise for every step; here `numpy.random.randn` gives the same noise of an image each time, which is
written down, so that steps differ by their networks alone.

Needs: pip install quantus==0.5.3 torch==2.15.0 (with NumPy 2.4.6)
Run: python tools/reference/quantus-smooth-mprt.py
"""

import json
import pathlib

import numpy as np
import quantus
import torch

size, features, classes, count, samples = 8, 5, 3, 4, 5


class Toy(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(3, features, 2, stride=2)
        self.fc = torch.nn.Linear(features, classes, bias=False)

    def forward(self, x):
        return self.fc(torch.relu(self.conv(x)).mean(dim=(2, 3)))


def gradient(model, inputs, targets, **_):
    x = torch.tensor(np.asarray(inputs), dtype=torch.float32, requires_grad=True)
    logits = model(x)
    logits[torch.arange(len(x)), torch.as_tensor(np.asarray(targets))].sum().backward()
    return x.grad.sum(dim=1, keepdim=True).numpy()


torch.manual_seed(1)
model = Toy().eval()
with torch.no_grad():
    for parameter in model.parameters():
        parameter.copy_(torch.randn_like(parameter))
images = torch.rand(count, 3, size, size).numpy()
labels = np.arange(count) % classes
noise = np.random.default_rng(2).normal(size=(count, samples - 1, 1, 3, size, size)).astype(np.float32)


def smooth(i):
    drawn = 0

    def randn(*_):
        nonlocal drawn
        drawn += 1
        return noise[i, (drawn - 1) % (samples - 1)]

    np.random.randn = randn
    metric = quantus.SmoothMPRT(layer_order="bottom_up", nr_samples=samples, noise_magnitude=0.1, disable_warnings=True)
    scores = metric(
        model=model,
        x_batch=images[i : i + 1],
        y_batch=labels[i : i + 1],
        a_batch=None,
        channel_first=True,
        explain_func=gradient,
        softmax=False,
    )
    return {name: float(values[0]) for name, values in scores.items()}


def efficient(i):
    x, y = images[i : i + 1], labels[i : i + 1]
    metric = quantus.EfficientMPRT(disable_warnings=True)
    scores = metric(
        model=model, x_batch=x, y_batch=y, a_batch=gradient(model, x, y), channel_first=True, explain_func=gradient
    )
    entropies = metric.explanation_scores_by_layer
    return {"rise": float(scores[0]), "before": float(entropies["orig"][0]), "after": float(list(entropies.values())[-1][0])}


fixture = {
    "weights": {name: value.flatten().tolist() for name, value in model.state_dict().items()},
    "images_nhwc": images.transpose(0, 2, 3, 1).flatten().tolist(),
    "labels": labels.tolist(),
    # [image, copy, h, w, c]; the last copy of each image has none.
    "noise_nhwc": noise[:, :, 0].transpose(0, 1, 3, 4, 2).flatten().tolist(),
    "samples": samples,
    "smooth": [smooth(i) for i in range(count)],
    "efficient": [efficient(i) for i in range(count)],
}
path = pathlib.Path(__file__).parents[2] / "packages/metrics/test/fixtures/quantus-smooth-mprt.json"
path.write_text(json.dumps(fixture, separators=(",", ":")) + "\n")
