"""Quadratures, blur and Captum's rules: packages/explainer-ig/test/fixtures/reference.json.

Run with PyTorch 2.13.0, Captum 0.9.0, NumPy 2.4.6, SciPy 1.17.1.
"""

import json
import pathlib

import numpy as np
import torch
from captum.attr import IntegratedGradients
from scipy.ndimage import gaussian_filter

random = np.random.default_rng(1)


def unit_legendre(count):
    points, weights = np.polynomial.legendre.leggauss(count)
    return {"points": ((1 + points) / 2).tolist(), "weights": (weights / 2).tolist()}


def blur(height, width, sigma):
    image = random.random((height, width, 3), dtype=np.float32)
    blurred = np.stack([gaussian_filter(image[..., c].astype(np.float64), sigma) for c in range(3)], axis=-1)
    return {"shape": [height, width, 3], "sigma": sigma, "image": image.ravel().tolist(), "blurred": blurred.ravel().tolist()}


def captum():
    """A network of one hidden layer on 2 x 2 x 3 values: logits = dense relu(kernel x + bias)."""
    kernel, bias, dense = random.normal(size=(7, 12)), random.normal(size=7), random.normal(size=(3, 7))
    images = random.random((2, 12)).astype(np.float32)
    classes = [2, 0]
    tensor = lambda values: torch.tensor(values, dtype=torch.float64)
    forward = lambda x: torch.relu(x @ tensor(kernel).T + tensor(bias)) @ tensor(dense).T
    rules = [
        ("gauss-legendre", "gausslegendre", 50),
        ("captum-trapezoid", "riemann_trapezoid", 10),
        ("riemann-left", "riemann_left", 7),
        ("riemann-right", "riemann_right", 7),
        ("riemann-middle", "riemann_middle", 7),
    ]
    attributions = []
    for rule, method, steps in rules:
        values, delta = IntegratedGradients(forward).attribute(
            tensor(images), target=classes, n_steps=steps, method=method, return_convergence_delta=True
        )
        attributions.append(
            {"rule": rule, "steps": steps, "values": values.detach().ravel().tolist(), "delta": delta.detach().tolist()}
        )
    return {
        "kernel": kernel.ravel().tolist(),
        "bias": bias.tolist(),
        "dense": dense.ravel().tolist(),
        "images": images.ravel().tolist(),
        "classes": classes,
        "attributions": attributions,
    }


reference = {
    "legendre": [unit_legendre(count) for count in (1, 2, 3, 10, 50, 129)],
    "blur": [blur(6, 9, 0.7), blur(4, 5, 3.0)],
    "captum": captum(),
}
folder = pathlib.Path(__file__).parents[2] / "packages/explainer-ig/test/fixtures"
folder.mkdir(parents=True, exist_ok=True)
(folder / "reference.json").write_text(json.dumps(reference) + "\n")
