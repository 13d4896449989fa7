"""Sparseness of small maps by Quantus 0.5.3: packages/metrics/test/fixtures/quantus-sparseness.json.

`alone` is one image per call, `together` all of them in one, which divides by the largest value of the batch. Quantus refuses maps that are constant.

Needs: pip install quantus==0.5.3 torch==2.13.0 (with NumPy 2.4.6)
Run: python tools/reference/quantus-sparseness.py
"""

import json
import pathlib

import numpy as np
import quantus
import torch

random = np.random.default_rng(2)
maps = {
    "one-hot": np.eye(64)[17],
    "linear ramp": np.arange(64.0),
    "signed ramp": (np.arange(64) - 20) / 8,
    "signed, heavy-tailed": random.normal(size=64) ** 5,
    "tiny values": 2.0**-30 * np.arange(64),
}
stack = np.stack(list(maps.values())).astype(np.float32).astype(np.float64).reshape(-1, 1, 8, 8)
metric = quantus.Sparseness(abs=True, normalise=True, disable_warnings=True)


def scores(values):
    count = len(values)
    return metric(
        model=torch.nn.Flatten(),
        x_batch=np.zeros((count, 1, 8, 8)),
        y_batch=np.zeros(count, dtype=int),
        a_batch=values.copy(),
        channel_first=True,
    )


cases = [
    {"name": name, "map": values.ravel().tolist(), "alone": float(scores(values[None])[0])}
    for name, values in zip(maps, stack)
]
for case, together in zip(cases, scores(stack)):
    case["together"] = float(together)
path = pathlib.Path(__file__).parents[2] / "packages/metrics/test/fixtures/quantus-sparseness.json"
path.write_text(json.dumps({"quantus": quantus.__version__, "cases": cases}) + "\n")
for case in cases:
    print(case["name"], case["alone"], case["together"])
