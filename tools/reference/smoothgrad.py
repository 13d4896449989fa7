"""SmoothGrad, SquareGrad, VarGrad and input x gradient of a small network by Captum: test/fixtures/captum.json of explainer-smoothgrad, explainer-vg.

NoiseTunnel's own defaults: 5 copies, noise of standard deviation 1 of the normalised image. What torch.normal would draw is drawn here
and written beside the maps, so that others can add the same noise.

Needs: pip install captum==0.9.0 numpy torch==2.15.0
Run: python tools/reference/smoothgrad.py
"""

import json
import pathlib

import numpy as np
import torch
from captum.attr import InputXGradient, NoiseTunnel, Saliency

random = np.random.default_rng(11)
side, classes, samples = 4, 3, 5
mean, std = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
images = random.random((2, side, side, 3)).astype(np.float32)
kernel, bias, dense = random.normal(size=(5, side * side * 3)), random.normal(size=5), random.normal(size=(classes, 5))
noise = random.normal(size=(2, samples, side, side, 3))
targets = [2, 0]


class Network(torch.nn.Module):
    """logits = dense relu(kernel z + bias), z the normalised image as one vector `h w c`."""

    def forward(self, z):
        flat = z.permute(0, 2, 3, 1).flatten(1)
        return torch.relu(flat @ torch.tensor(kernel).T + torch.tensor(bias)) @ torch.tensor(dense).T


model = Network().eval()
inputs = torch.tensor(((images - mean) / std).transpose(0, 3, 1, 2).copy(), dtype=torch.float64)
drawn = torch.tensor(noise.reshape(2 * samples, side, side, 3).transpose(0, 3, 1, 2).copy())
torch.normal = lambda _, deviation: drawn * deviation  # copies of an image follow each other
last = lambda values: values.detach().numpy().transpose(0, 2, 3, 1).ravel().tolist()
tunnel = NoiseTunnel(Saliency(model))
maps = {
    name: last(tunnel.attribute(inputs.clone().requires_grad_(), nt_type=name, target=targets, abs=False))
    for name in ("smoothgrad", "smoothgrad_sq", "vargrad")
}
network = {
    "side": side,
    "mean": mean.tolist(),
    "std": std.tolist(),
    "images": images.ravel().tolist(),
    "kernel": kernel.ravel().tolist(),
    "bias": bias.tolist(),
    "dense": dense.ravel().tolist(),
    "targets": targets,
}
product = {"product": last(InputXGradient(model).attribute(inputs.clone().requires_grad_(), target=targets))}
for package, values in (("smoothgrad", {"noise": noise.ravel().tolist(), **maps}), ("vg", product)):
    path = pathlib.Path(__file__).parents[2] / f"packages/explainer-{package}/test/fixtures/captum.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**network, **values}, separators=(",", ":")) + "\n")
