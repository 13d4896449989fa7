"""Total Sobol indices from 32 unscrambled Halton points: packages/concepts-craft/test/fixtures/halton.json.

`estimate` is what `craft_torch.py` of Craft (commit 890c8d2) does with HaltonSequence and JansenEstimator, on functions of the
masks whose indices are known, in place of the rest of a network.

Run with NumPy 2.4.6, SciPy 1.17.1.
"""

import json
import pathlib

import numpy as np
from scipy.stats import qmc


def estimate(function, concepts, points=32):
    sampling = qmc.Halton(concepts * 2, scramble=False).random(points).astype(np.float32)
    A, B = sampling[:, :concepts], sampling[:, concepts:]
    indices = []
    y_A = function(A)
    for i in range(concepts):
        C = A.copy()
        C[:, i] = B[:, i]
        indices.append(np.sum((y_A - function(C)) ** 2) / (2 * points * np.var(y_A, ddof=1)))
    return [float(index) for index in indices]


cases = {
    "ten equal": {"concepts": 10, "total": estimate(lambda m: m.sum(1), 10)},
    "one active": {"concepts": 3, "total": estimate(lambda m: m[:, 1], 3)},
    "a product": {"concepts": 3, "total": estimate(lambda m: m[:, 0] * m[:, 2], 3)},
}
halton = qmc.Halton(12, scramble=False).random(32)
folder = pathlib.Path(__file__).parents[2] / "packages/concepts-craft/test/fixtures"
(folder / "halton.json").write_text(json.dumps({"points": halton.ravel().tolist(), "cases": cases}) + "\n")
