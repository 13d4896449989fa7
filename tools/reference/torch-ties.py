"""Which of tied weights PyTorch's CPU topk takes: tools/conformance/test/fixtures/torch-ties.json.

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


def pivot_killer(length, nth):
    """Values on which introselect runs out of depth: McIlroy's adversary (1999) against libstdc++'s partition.

    Every value is large until it is compared with another large one; then the one that may become a pivot gets the
    next smallest value, so that each pivot splits off next to nothing.
    """
    large = length
    values, place, solid, candidate = [large] * length, list(range(length)), 0, 0

    def less(a, b):
        nonlocal solid, candidate
        x, y = place[a], place[b]
        if values[x] == large and values[y] == large:
            values[x if x == candidate else y] = solid
            solid += 1
        if values[x] == large:
            candidate = x
        elif values[y] == large:
            candidate = y
        return values[x] < values[y]

    def swap(a, b):
        place[a], place[b] = place[b], place[a]

    first, last = 0, length
    while last - first > 3:
        a, b, c = first + 1, first + (last - first) // 2, last - 1
        if less(a, b):
            swap(first, b if less(b, c) else c if less(a, c) else a)
        else:
            swap(first, a if less(a, c) else c if less(b, c) else b)
        low, high = first + 1, last
        while True:
            while less(low, first):
                low += 1
            high -= 1
            while less(first, high):
                high -= 1
            if low >= high:
                break
            swap(low, high)
            low += 1
        first, last = (low, last) if low <= nth else (first, low)
    return values


killer = [float(value) for value in pivot_killer(300, 200)]
taken = torch.topk(torch.tensor(killer), 201, largest=False).indices
cases.append({"values": killer, "count": 201, "indices": sorted(taken.tolist())})

folder = pathlib.Path(__file__).parents[2] / "tools/conformance/test/fixtures"
folder.mkdir(parents=True, exist_ok=True)
(folder / "torch-ties.json").write_text(json.dumps(cases) + "\n")
