"""Vanilla gradients of a small convolutional network by Captum and as Quantus 0.5.3 has them: packages/explainer-vg/test/fixtures/reference.json.

Both see the normalised image. `captum` is Saliency with abs=False and with its default abs=True, per channel; `quantus` is quantus.explain
with method "Saliency", which is also how arXiv 2509.21387 measures: one value per pixel.

Needs: pip install captum==0.9.0 quantus==0.5.3 torch==2.13.0
Run: python tools/reference/saliency.py
"""

import json
import pathlib

import numpy as np
import quantus
import torch
from captum.attr import Saliency

random = np.random.default_rng(5)
side, classes = 4, 3
mean, std = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
images = random.random((2, side, side, 3)).astype(np.float32)
kernel, bias, dense = random.normal(size=(5, side * side * 3)), random.normal(size=5), random.normal(size=(classes, 5))
targets = [2, 0]


class Network(torch.nn.Module):
    """logits = dense relu(kernel z + bias), z the normalised image as one vector `h w c`."""

    def forward(self, z):
        flat = z.permute(0, 2, 3, 1).flatten(1).double()
        hidden = torch.relu(flat @ torch.tensor(kernel).T + torch.tensor(bias))
        return hidden @ torch.tensor(dense).T


model = Network().eval()
inputs = ((images - mean) / std).transpose(0, 3, 1, 2).copy()
tensor = torch.tensor(inputs, dtype=torch.float64)
last = lambda values: values.transpose(0, 2, 3, 1).ravel().tolist()
captum = {
    name: last(Saliency(model).attribute(tensor.clone().requires_grad_(), target=targets, abs=abs_).detach().numpy())
    for name, abs_ in (("signed", False), ("absolute", True))
}
quantus_map = quantus.explain(model, inputs, np.array(targets), method="Saliency", xai_lib="captum", device="cpu")
reference = {
    "quantusVersion": quantus.__version__,
    "side": side,
    "mean": mean.tolist(),
    "std": std.tolist(),
    "images": images.ravel().tolist(),
    "kernel": kernel.ravel().tolist(),
    "bias": bias.tolist(),
    "dense": dense.ravel().tolist(),
    "targets": targets,
    "captum": captum,
    "quantus": np.asarray(quantus_map).ravel().tolist(),
}
path = pathlib.Path(__file__).parents[2] / "packages/explainer-vg/test/fixtures/reference.json"
path.parent.mkdir(parents=True, exist_ok=True)
path.write_text(json.dumps(reference, separators=(",", ":")) + "\n")
print(np.asarray(quantus_map).shape)
