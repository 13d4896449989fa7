"""Occlusion of a small network by Captum 0.9.0, in double precision: packages/explainer-occlusion/test/fixtures/captum.json.

The network has one hidden layer (`hiddenLayer` of core's tests); images are normalised, and its baseline 0 is the mean colour.

Needs: pip install captum==0.9.0 torch==2.15.0
Run: python tools/reference/occlusion.py
"""

import json
import pathlib

import numpy as np
import torch
from captum.attr import Occlusion

random = np.random.default_rng(23)
side, classes, units, count = 7, 3, 5, 2
mean, std = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
images = random.random((count, side, side, 3)).astype(np.float32)
kernel, bias, dense = (random.normal(size=shape) for shape in ((units, side * side * 3), units, (classes, units)))
targets = [2, 0]


def logits(inputs):
    flat = inputs.permute(0, 2, 3, 1).reshape(len(inputs), -1)
    return torch.relu(flat @ torch.tensor(kernel).T + torch.tensor(bias)) @ torch.tensor(dense).T


normalised = torch.tensor((images - mean) / std).permute(0, 3, 1, 2)
maps = [
    {
        "window": window,
        "stride": stride,
        # All channels of a pixel go at once, so they have one value.
        "values": Occlusion(logits)
        .attribute(normalised, sliding_window_shapes=(3, window, window), strides=(3, stride, stride), target=targets)[:, 0]
        .flatten()
        .tolist(),
    }
    # Windows that overlap, that touch, and that the border cuts.
    for window, stride in ((1, 1), (3, 2), (3, 3), (4, 1), (5, 3), (7, 4))
]

fixture = {
    "side": side,
    "mean": mean.tolist(),
    "std": std.tolist(),
    "images": images.ravel().tolist(),
    "kernel": kernel.ravel().tolist(),
    "bias": bias.tolist(),
    "dense": dense.ravel().tolist(),
    "targets": targets,
    "maps": maps,
}
path = pathlib.Path(__file__).parents[2] / "packages/explainer-occlusion/test/fixtures/captum.json"
path.parent.mkdir(parents=True, exist_ok=True)
path.write_text(json.dumps(fixture, separators=(",", ":")) + "\n")
