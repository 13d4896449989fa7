"""Which of tied weights PyTorch's CPU topk takes: packages/pruner-magnitude/test/fixtures/torch-ties.json.

Run with PyTorch 2.13.0 for Linux, NumPy 2.4.6.
"""

import json
import pathlib

import numpy as np
import torch

random = np.random.default_rng(0)
cases = []
for length, distinct, count in [
    (1, 1, 1),
    (3, 1, 2),
    (10, 1, 4),
    (10, 3, 5),
    (64, 2, 1),
    (65, 3, 1),
    (200, 4, 3),
    (200, 4, 100),
    (1000, 2, 15),
    (1000, 2, 16),
    (1000, 7, 333),
    (1000, 7, 999),
    (1000, 7, 1000),
]:
    values = random.integers(-distinct, distinct + 1, size=length) / 4
    taken = torch.topk(torch.tensor(values, dtype=torch.float32).abs(), count, largest=False).indices
    cases.append({"values": values.tolist(), "count": count, "indices": sorted(taken.tolist())})

# An array built to defeat median-of-three pivots, so that introselect runs out of depth and turns to a heap.
killer = [0.0] * 2000
half = len(killer) // 2
for i in range(half):
    killer[i] = float(i + 1 if i % 2 == 0 else half + i + (1 if half % 2 else 0))
    killer[half + i] = float(2 * (i + 1))
killer = [value // 3 for value in killer]
taken = torch.topk(torch.tensor(killer).abs(), half, largest=False).indices
cases.append({"values": killer, "count": half, "indices": sorted(taken.tolist())})

folder = pathlib.Path(__file__).parents[2] / "packages/pruner-magnitude/test/fixtures"
folder.mkdir(parents=True, exist_ok=True)
(folder / "torch-ties.json").write_text(json.dumps(cases) + "\n")
