"""Class activation maps and modified gradients of the networks of relevance.py, in float64: test/fixtures/class-activation.json of tools/conformance.

Captum 0.9.0: LayerGradCam (its own size, and enlarged as `interpolate` does by default), GuidedBackprop, Deconvolution, GuidedGradCam. It hooks
modules of nn.ReLU alone, so that the network with ReLU6 is given here in a copy whose clips are written min(relu(x), 6), which has the same
gradients. grad-cam 1.5.7: GradCAM and GradCAMPlusPlus. Of Grad-CAM++ also the formula without its 1e-6, in plain NumPy.

Needs: Python 3.11; pip install captum==0.9.0 grad-cam==1.5.7 zennit==0.5.1 torch==2.15.0 torchvision==0.29.0
Run, after relevance.py: python tools/reference/class-activation.py
"""

import json
import pathlib

import numpy as np
import torch
from captum.attr import Deconvolution, GuidedBackprop, GuidedGradCam, LayerAttribution, LayerGradCam
from pytorch_grad_cam import GradCAM, GradCAMPlusPlus
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
from torch import nn

from relevance import Mobile, ResNet, Vgg, digits

LAYERS = {"vgg": ["end2", "end3"], "resnet": ["end1", "b.end", "b.sum"], "mobile": ["end3", "sum"]}


class Clipped(nn.Module):
    """ReLU6 with an nn.ReLU in it."""

    def __init__(self):
        super().__init__()
        self.relu = nn.ReLU()

    def forward(self, x):
        return torch.minimum(self.relu(x), torch.tensor(6.0, dtype=x.dtype))


def plain_plus_plus(model, layer, x, target):
    """Equation 19 with nothing added to its divisor, and the map before it is enlarged."""
    kept = []
    handle = layer.register_forward_hook(lambda _, __, output: kept.append(output))
    logit = model(x)[0, target]
    handle.remove()
    (slopes,) = torch.autograd.grad(logit, kept[0])
    g, a = slopes[0].detach().numpy(), kept[0][0].detach().numpy()
    divisor = 2 * g**2 + a.sum(axis=(1, 2), keepdims=True) * g**3
    alpha = np.where(g > 0, g**2 / np.where(g > 0, divisor, 1), 0)
    weights = (alpha * np.maximum(g, 0)).sum(axis=(1, 2))
    return torch.tensor(np.maximum(0, (weights[:, None, None] * a).sum(axis=0)))


def main(folder):
    reference = json.loads((folder / "relevance.json").read_text())
    mean = torch.tensor(reference["mean"], dtype=torch.float64).view(1, 3, 1, 1)
    std = torch.tensor(reference["std"], dtype=torch.float64).view(1, 3, 1, 1)
    found = {}
    for name, model in (("vgg", Vgg()), ("resnet", ResNet()), ("mobile", Mobile())):
        fixture = reference["networks"][name]
        for part in ("end1", "end2", "end3"):
            if name == "mobile":
                setattr(model, part, Clipped())
        model = model.double().eval()
        weights = {
            key: torch.tensor(values["data"], dtype=torch.float64).reshape(values["shape"])
            for key, values in fixture["weights"].items()
        }
        model.load_state_dict(weights)
        image = torch.tensor(fixture["image"], dtype=torch.float64).reshape(1, 8, 8, 3).permute(0, 3, 1, 2)
        x, target = (image - mean) / std, fixture["target"]
        again = lambda: x.clone().requires_grad_()
        last = lambda values: digits(values.permute(0, 2, 3, 1))
        layers = {}
        for layer_name in LAYERS[name]:
            layer = model.get_submodule(layer_name)
            small = LayerGradCam(model, layer).attribute(again(), target)
            guided = {
                mode: last(GuidedGradCam(model, layer).attribute(again(), target, interpolate_mode=mode))
                for mode in ("nearest", "bilinear")
            }
            targets = [ClassifierOutputTarget(target)]
            layers[layer_name] = {
                "small": digits(small),
                "captum": digits(LayerAttribution.interpolate(small, (8, 8))),
                "captum bilinear": digits(LayerAttribution.interpolate(small, (8, 8), interpolate_mode="bilinear")),
                "guided": guided,
                "grad-cam": digits(torch.tensor(GradCAM(model, [layer])(again(), targets))),
                "plus-plus": digits(torch.tensor(GradCAMPlusPlus(model, [layer])(again(), targets))),
                "plain plus-plus": digits(
                    LayerAttribution.interpolate(
                        plain_plus_plus(model, layer, again(), target)[None, None], (8, 8), interpolate_mode="bilinear"
                    )
                ),
            }
        found[name] = {
            "guided": last(GuidedBackprop(model).attribute(again(), target)),
            "deconvnet": last(Deconvolution(model).attribute(again(), target)),
            "layers": layers,
        }
    with open(folder / "class-activation.json", "w") as file:
        json.dump(found, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main(pathlib.Path(__file__).parents[1] / "conformance/test/fixtures")
