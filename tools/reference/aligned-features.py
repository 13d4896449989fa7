"""Centred kernel alignment of features by pytorch-cka: packages/metrics-similarity/test/fixtures/pytorch-cka.json.

Needs: pip install pytorch-cka==1.1.3 numpy torch==2.15.0
Run: python tools/reference/aligned-features.py
"""

import json
import pathlib

import numpy as np
import torch
from cka.cka import cka_from_features
from cka.hsic import hsic

random = np.random.default_rng(23)
before = random.normal(size=(24, 6)).astype(np.float32)
after = (before[:, :4] @ random.normal(size=(4, 5)) + random.normal(size=(24, 5))).astype(np.float32)
parts = [(0, 9), (9, 16), (16, 24)]
double = lambda values: torch.tensor(values, dtype=torch.float64)


def products(start, end):
    grams = [(part @ part.T)[None] for part in (double(before[start:end]), double(after[start:end]))]
    return [float(value) for value in hsic(*grams)]


fixture = {
    "before": before.ravel().tolist(),
    "after": after.ravel().tolist(),
    "shapes": [before.shape, after.shape],
    "parts": parts,
    "products": [products(*part) for part in parts],
    "cka": float(cka_from_features(double(before), double(after))),
}
path = pathlib.Path(__file__).parents[2] / "packages/metrics-similarity/test/fixtures/pytorch-cka.json"
path.parent.mkdir(parents=True, exist_ok=True)
path.write_text(json.dumps(fixture, separators=(",", ":")) + "\n")
