"""Complexity (entropy) and effective complexity of 4 x 4 maps by Quantus: packages/metrics-complexity/test/fixtures/quantus.json.

`entropy06` is what Quantus 0.6.0 returns; `entropy` what 0.5.3 did, scipy's entropy of the absolute map over its sum. One image per call:
Quantus normalises by the largest value of the batch.

Needs: pip install quantus==0.6.0 torch==2.15.0
Run: python tools/reference/quantus-complexity.py
"""

import json
import pathlib

import numpy as np
import quantus
import scipy.stats

random = np.random.default_rng(2)
maps = {
    "normal": random.normal(size=16),
    "a few large values": np.where(random.random(16) < 0.2, 1.0, 1e-6),
    "zeros among others": np.where(random.random(16) < 0.5, 0.0, random.normal(size=16)),
    "tiny": 1e-20 * random.random(16),
    "around the threshold": np.array([1.0] + [1e-5 * (0.5 + i / 10) for i in range(15)]),
}


def scored(metric, values):
    a = values.astype(np.float32).astype(np.float64).reshape(1, 1, 4, 4)
    inputs = {"model": None, "x_batch": np.zeros_like(a), "y_batch": np.array([0]), "a_batch": a}
    return float(metric(**inputs, channel_first=True)[0])


cases = [
    {
        "name": name,
        "map": values.tolist(),
        "entropy": float(scipy.stats.entropy(np.abs(values) / np.abs(values).sum())),
        "entropy06": scored(quantus.Complexity(disable_warnings=True), values),
        "count": scored(quantus.EffectiveComplexity(disable_warnings=True), values),
    }
    for name, values in maps.items()
]
path = pathlib.Path(__file__).parents[2] / "packages/metrics-complexity/test/fixtures/quantus.json"
path.parent.mkdir(parents=True, exist_ok=True)
path.write_text(json.dumps(cases, separators=(",", ":")) + "\n")
