"""Three rounds of the percentile pruning that arXiv 2509.21387 released: paper-2025/test/fixtures/rounds.json.

`prune_by_percentile` is the function of its notebooks (from the lottery ticket code that they take over), without
printing and devices. Between rounds every weight moves, as training with masks that are not held does.

Run with NumPy 2.4.6.
"""

import json
import pathlib

import numpy as np


def prune_by_percentile(percent, weights, mask):
    for name, tensor in weights.items():
        if "weight" in name:
            alive = tensor[np.nonzero(tensor)]
            percentile_value = np.percentile(abs(alive), percent)
            mask[name] = np.where(abs(tensor) < percentile_value, 0, mask[name])


random = np.random.default_rng(0)
shapes = {"conv1.weight": 432, "bn1.weight": 16, "bn1.bias": 16, "fc.weight": 50, "fc.bias": 10, "tied.weight": 40}
weights = {name: random.normal(size=size).astype(np.float32) for name, size in shapes.items()}
weights["bn1.weight"] = np.ones(16, np.float32)  # as initialised: nothing is strictly smaller than the percentile
weights["tied.weight"] = (random.integers(-3, 4, size=40) / 4).astype(np.float32)
mask = {name: np.ones(size, int) for name, size in shapes.items() if "weight" in name}

rounds = []
for _ in range(3):
    before = {name: tensor.tolist() for name, tensor in weights.items()}
    prune_by_percentile(20, weights, mask)
    rounds.append({"weights": before, "masks": {name: kept.tolist() for name, kept in mask.items()}})
    for name in weights:
        kept = mask.get(name, np.ones_like(weights[name]))
        moved = weights[name] * kept + random.normal(scale=0.3, size=weights[name].shape)
        weights[name] = moved.astype(np.float32)
        weights[name][::7] = 0  # exact zeros are not alive

values = (random.normal(size=23) ** 2).astype(np.float32)
percentiles = [{"percent": p, "value": float(np.percentile(values, p))} for p in [0, 1, 20, 33, 50, 99, 100]]

folder = pathlib.Path(__file__).parents[2] / "packages/paper-2025/test/fixtures"
folder.mkdir(parents=True, exist_ok=True)
contents = {"rounds": rounds, "percentiles": {"values": values.tolist(), "expected": percentiles}}
(folder / "rounds.json").write_text(json.dumps(contents) + "\n")
