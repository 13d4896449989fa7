"""PCA and k-means: packages/concepts-pca/test/fixtures/reference.json and packages/concepts-kmeans/test/fixtures/reference.json.

Run with NumPy 2.4.6, scikit-learn 1.9.1.
"""

import json
import pathlib

import numpy as np
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA

random = np.random.default_rng(7)
packages = pathlib.Path(__file__).resolve().parents[2] / "packages"


def listed(array):
    return [float(f"{value:.12g}") for value in np.asarray(array, dtype=np.float64).ravel()]


def activations(rows, columns, rank):
    """Mixtures of a few directions and noise, about a mean: as float32, so that both sides read the same."""
    values = random.gamma(0.5, size=(rows, rank)) @ random.normal(size=(rank, columns))
    return (values + 0.1 * random.normal(size=(rows, columns)) + random.normal(size=columns)).astype(np.float32)


def components(rows, columns, count):
    values = activations(rows, columns, count + 2)
    found = PCA(n_components=count, svd_solver="full").fit(values.astype(np.float64))
    return {
        "shape": [rows, columns],
        "values": listed(values),
        "mean": listed(found.mean_),
        "components": listed(found.components_),
        "variances": listed(found.explained_variance_),
        "codes": listed(found.transform(values[:4].astype(np.float64))),
    }


def clusters(rows, columns, count, start):
    """From given centres; a centre that is far from all rows loses its cluster and starts again."""
    values = activations(rows, columns, count).astype(np.float64)
    first = values[:count].copy()
    if start == "far":
        first[0] += 1e3
    found = KMeans(count, init=first, n_init=1, tol=1e-4, max_iter=300, algorithm="lloyd").fit(values)
    return {
        "shape": [rows, columns],
        "values": listed(values),
        "start": listed(first),
        "centres": listed(found.cluster_centers_),
        "labels": found.labels_.tolist(),
        "inertia": float(found.inertia_),
        "iterations": int(found.n_iter_),
    }


def write(package, cases):
    folder = packages / package / "test" / "fixtures"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "reference.json").write_text(json.dumps(cases) + "\n")


write("concepts-pca", [components(30, 6, 3), components(12, 20, 4)])
write("concepts-kmeans", [clusters(40, 5, 4, "rows"), clusters(25, 3, 3, "far")])
