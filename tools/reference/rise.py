"""RISE of a small network by the code of its authors: packages/explainer-rise/test/fixtures/rise.json.

The network has one hidden layer (`hiddenLayer` of core's tests) and a softmax; images are normalised, so what masks take away is the mean
colour. The cells and shifts of the masks are written down, too: they are what the code draws after `numpy.random.seed`.

Needs: `explanations.py` of github.com/eclique/RISE at ac419cd on PYTHONPATH; pip install torch==2.15.0 scikit-image==0.26.0 tqdm
Run: python tools/reference/rise.py
"""

import json
import pathlib
import tempfile

import explanations
import numpy as np
import torch

# Its sizes are floats, which scikit-image no longer takes.
resize = explanations.resize
explanations.resize = lambda grid, size, **how: resize(grid, tuple(int(length) for length in size), **how)

random = np.random.default_rng(29)
side, classes, units, count = 7, 3, 5, 2
grid, samples, probability, seed = 3, 12, 0.4, 5
mean, std = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
images = random.random((count, side, side, 3)).astype(np.float32)
kernel, bias, dense = (random.normal(size=shape) for shape in ((units, side * side * 3), units, (classes, units)))
dense /= 10
targets = [2, 0]


def probabilities(inputs):
    flat = inputs.double().permute(0, 2, 3, 1).reshape(len(inputs), -1)
    logits = torch.relu(flat @ torch.tensor(kernel).T + torch.tensor(bias)) @ torch.tensor(dense).T
    return torch.softmax(logits, dim=1).float()


rise = explanations.RISE(probabilities, (side, side))
np.random.seed(seed)
with tempfile.TemporaryDirectory() as folder:
    rise.generate_masks(samples, grid, probability, savepath=f"{folder}/masks.npy")

np.random.seed(seed)
cell = int(np.ceil(side / grid))
cells = (np.random.rand(samples, grid, grid) < probability).astype(int)
shifts = [[int(np.random.randint(0, cell)), int(np.random.randint(0, cell))] for _ in range(samples)]

normalised = torch.tensor((images - mean) / std).permute(0, 3, 1, 2).float()
fixture = {
    "side": side,
    "mean": mean.tolist(),
    "std": std.tolist(),
    "images": images.ravel().tolist(),
    "kernel": kernel.ravel().tolist(),
    "bias": bias.tolist(),
    "dense": dense.ravel().tolist(),
    "targets": targets,
    "grid": grid,
    "probability": probability,
    "cells": [one.ravel().tolist() for one in cells],
    "shifts": shifts,
    "masks": rise.masks.reshape(samples, -1).tolist(),
    "maps": [rise(normalised[n : n + 1])[target].ravel().tolist() for n, target in enumerate(targets)],
}
path = pathlib.Path(__file__).parents[2] / "packages/explainer-rise/test/fixtures/rise.json"
path.parent.mkdir(parents=True, exist_ok=True)
path.write_text(json.dumps(fixture, separators=(",", ":")) + "\n")
