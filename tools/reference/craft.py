"""Factorisation errors and non-negative codes: packages/concepts-craft/test/fixtures/reference.json; Sobol points and crops:
packages/concept-activations/test/fixtures/reference.json.

Run with PyTorch 2.13.0, NumPy 2.4.6, SciPy 1.17.1, scikit-learn 1.9.1.
"""

import json
import pathlib

import numpy as np
import torch
from scipy.optimize import nnls
from scipy.stats import qmc
from sklearn.decomposition import NMF

random = np.random.default_rng(3)


def factorisation(rows, columns, rank, noise):
    """The best relative error of scikit-learn's coordinate descent over its starts."""
    parts = random.gamma(0.4, size=(rows, rank)) @ random.gamma(0.4, size=(rank, columns))
    values = (parts + noise * parts.mean() * random.random((rows, columns))).astype(np.float32)
    errors = []
    for init, seed in [("nndsvda", 0)] + [("random", seed) for seed in range(10)]:
        model = NMF(rank, init=init, random_state=seed, tol=1e-6, max_iter=5000)
        codes = model.fit_transform(values.astype(np.float64))
        errors.append(np.linalg.norm(values - codes @ model.components_) / np.linalg.norm(values))
    return {"shape": [rows, columns], "rank": rank, "values": values.ravel().tolist(), "error": min(errors)}


def codes(rows, columns, rank):
    """Rows of a random matrix as non-negative combinations of directions; some need few of them, some none."""
    directions = random.random((rank, columns))
    values = random.normal(size=(rows, columns)) + random.random((rows, 1)) - 0.3
    solved = np.stack([nnls(directions.T, row)[0] for row in values])
    return {
        "shape": [rows, columns],
        "rank": rank,
        "directions": directions.ravel().tolist(),
        "values": values.ravel().tolist(),
        "codes": solved.ravel().tolist(),
    }


def sobol():
    points = qmc.Sobol(128, scramble=False, bits=32).random(16) * 2**32
    return points.astype(np.uint64).ravel().tolist()


def crops():
    """One image, unfolded and enlarged as Craft does it: packages/concepts-craft/src/crops.ts."""
    image = random.random((12, 14, 3), dtype=np.float32)
    size, stride = 5, int(0.8 * 5)
    tensor = torch.tensor(image).permute(2, 0, 1)[None]
    patches = torch.nn.functional.unfold(tensor, size, stride=stride)
    patches = patches.transpose(1, 2).reshape(-1, 3, size, size)
    enlarged = torch.nn.functional.interpolate(patches, size=(12, 14), mode="bilinear", align_corners=False)
    return {
        "shape": [12, 14, 3],
        "size": size,
        "image": image.ravel().tolist(),
        "enlarged": enlarged.permute(0, 2, 3, 1).reshape(len(patches), -1).tolist(),
    }


def rounded(value):
    return float(f"{value:.9g}")


reference = {
    "factorisations": [factorisation(40, 25, 4, 0.0), factorisation(60, 30, 5, 0.5), factorisation(8, 40, 6, 0.2)],
    "codes": [codes(30, 12, 5), codes(30, 4, 4)],
}
shared = {"sobol": sobol(), "crops": crops()}
for package, part in [("concepts-craft", reference), ("concept-activations", shared)]:
    folder = pathlib.Path(__file__).parents[2] / "packages" / package / "test/fixtures"
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(json.loads(json.dumps(part), parse_float=lambda digits: rounded(float(digits))))
    (folder / "reference.json").write_text(text + "\n")
