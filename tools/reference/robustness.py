"""Infidelity and max-sensitivity of a small network by Captum: packages/metrics-robustness/test/fixtures/captum.json.

The network has one hidden layer (`hiddenLayer` of core's tests); explanations are gradients. What the perturbations draw is drawn here
and written beside the values, so that others can perturb alike. All is of the normalised image, whose zero is the mean colour.

Needs: pip install captum==0.9.0 numpy torch==2.15.0
Run: python tools/reference/robustness.py
"""

import json
import pathlib

import numpy as np
import torch
from captum.attr import Saliency
from captum.metrics import infidelity, sensitivity_max

random = np.random.default_rng(5)
side, classes, units, count, samples = 6, 3, 5, 3, 6
sigma, radius = 1.5, 1.5
mean, std = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
images = random.random((count, side, side, 3)).astype(np.float32)
kernel, bias, dense = random.normal(size=(units, side * side * 3)), random.normal(size=units), random.normal(size=(classes, units))


class Network(torch.nn.Module):
    """logits = dense relu(kernel z + bias), z the normalised image as one vector `h w c`."""

    def forward(self, z):
        flat = z.permute(0, 2, 3, 1).flatten(1)
        return torch.relu(flat @ torch.tensor(kernel).T + torch.tensor(bias)) @ torch.tensor(dense).T


model = Network().eval()
first = lambda values: torch.tensor(values).permute(0, 3, 1, 2).contiguous()  # n h w c to n c h w
normal = random.normal(size=(count * samples, side, side, 3))
uniform = random.random(size=(count * samples, side, side, 3))
# Squares of 3 pixels.
places = random.integers(0, side - 3 + 1, size=(count * samples, 2))
squares = np.zeros_like(normal)
for i, (top, left) in enumerate(places):
    squares[i, top : top + 3, left : left + 3] = 1
targets = [2, 0, 1]
inputs = first((images - mean) / std)
saliency = Saliency(model)


def explain(x, target):
    z = (x if torch.is_tensor(x) else x[0]).clone().requires_grad_()
    return (saliency.attribute(z, target=target, abs=False).contiguous(),)


slopes = explain(inputs, targets)[0]
noise = lambda x: (sigma * first(normal), x - sigma * first(normal))
removal = lambda x: (x * first(squares), x - x * first(squares))
shares = lambda x: (first(squares), x - x * first(squares))


def values(perturb, attributions, normalize):
    return infidelity(
        model, perturb, inputs, attributions, target=targets, n_perturb_samples=samples, normalize=normalize
    ).tolist()


fixture = {
    "side": side,
    "mean": mean.tolist(),
    "std": std.tolist(),
    "images": images.ravel().tolist(),
    "kernel": kernel.ravel().tolist(),
    "bias": bias.tolist(),
    "dense": dense.ravel().tolist(),
    "targets": targets,
    "normal": normal.ravel().tolist(),
    "uniform": uniform.ravel().tolist(),
    "places": places.ravel().tolist(),
    "sigma": sigma,
    "radius": radius,
    "samples": samples,
    "infidelity": [
        {"perturbation": "noise", "unit": "logit-per-normalised", "scaling": "none", "values": values(noise, slopes, False)},
        {"perturbation": "noise", "unit": "logit-per-normalised", "scaling": "optimal", "values": values(noise, slopes, True)},
        {"perturbation": "square", "unit": "logit-per-normalised", "scaling": "none", "values": values(removal, slopes, False)},
        {"perturbation": "square", "unit": "logit", "scaling": "none", "values": values(shares, slopes * inputs, False)},
        {"perturbation": "square", "unit": "logit", "scaling": "optimal", "values": values(shares, slopes * inputs, True)},
    ],
    "sensitivity": sensitivity_max(
        explain,
        inputs,
        perturb_func=lambda x: x + radius * (2 * first(uniform) - 1),
        n_perturb_samples=samples,
        target=targets,
    ).tolist(),
}
path = pathlib.Path(__file__).parents[2] / "packages/metrics-robustness/test/fixtures/captum.json"
path.parent.mkdir(parents=True, exist_ok=True)
path.write_text(json.dumps(fixture, separators=(",", ":")) + "\n")
