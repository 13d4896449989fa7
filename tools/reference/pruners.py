"""Which weights Wanda, 2:4, SynFlow keep of the narrow networks of networks.py, computed by PyTorch in float64 by the formulas of the authors' code.

tools/conformance/test/fixtures/pruners.json: a bit for each weight, in the order of kernels, most significant first.
- wanda: |w| times the root mean square of what the weight is multiplied with (github.com/locuslab/wanda, image_classifiers: scaler_row), over the
  columns of `unfold` for convolutions; half of each row goes, a kernel's count rounded to even and shared by its rows, the first ones more.
- wanda-2:4: of every four inputs that are neighbours, the two of largest score, of equals the last; 2:4: of largest magnitude. Groups as NVIDIA's ASP has them
  (apex.contrib.sparsity): the axes [o, i, h, w] brought to [h, w, o, i], groups along i; kernels whose inputs 4 does not divide are whole.
- synflow: github.com/ganguli-lab/Synaptic-Flow, 3 rounds to half: absolute values of the whole state, an image of ones, evaluation.
  Running means are 0. ReLU6 is
  ReLU, since values of absolute networks are beyond 6. Kernels are half of those of networks.py, so that MobileNetV2 is within float32.

Needs: what networks.py needs. Run: python tools/reference/pruners.py
"""

import base64
import json
import math
import pathlib

import numpy as np
import torch
from networks import NarrowResNet, classes, fill, images, mean, std, vit
from torch import nn
from torch.nn import functional as F
from torchvision.models import mobilenetv2, resnet

fixture = pathlib.Path(__file__).parents[2] / "tools/conformance/test/fixtures/pruners.json"
torch.set_num_threads(1)


def bits(masks):
    kept = torch.cat([mask.flatten() for mask in masks])
    return base64.b64encode(np.packbits(kept.numpy()).tobytes()).decode()


def columns(module, x):
    """What each weight of a row is multiplied with: [groups, weights of a row, products]."""
    if isinstance(module, nn.Conv2d):
        unfolded = F.unfold(x, module.kernel_size, module.dilation, module.padding, module.stride)
        count = x.shape[1] // module.groups * math.prod(module.kernel_size)
        return unfolded.permute(1, 0, 2).reshape(module.groups, count, -1)
    return x.reshape(1, -1, x.shape[-1]).transpose(1, 2)


def root_mean_squares(model, x):
    """By kernel, in its shape. Dense layers of attention are computed by functions of its own, so their inputs are taken there."""
    found = {}

    def see(name, weight, groups, values):
        rows = (values**2).mean(-1).sqrt()
        found[name] = rows.repeat_interleave(weight.shape[0] // groups, 0).reshape(weight.shape)

    def hook(name):
        def seen(module, inputs, _):
            if isinstance(module, nn.MultiheadAttention):
                see(f"{name}.in_proj_weight", module.in_proj_weight, 1, columns(module, inputs[0]))
            else:
                groups = module.groups if isinstance(module, nn.Conv2d) else 1
                see(f"{name}.weight", module.weight, groups, columns(module, inputs[0]))

        return seen

    # Attention does not call its out_proj, but takes a product with its weights.
    owners = {id(m.out_proj.weight): f"{n}.out_proj.weight" for n, m in model.named_modules() if isinstance(m, nn.MultiheadAttention)}
    linear = F.linear

    def watched(value, weight, bias=None):
        if id(weight) in owners:
            see(owners[id(weight)], weight, 1, value.reshape(1, -1, value.shape[-1]).transpose(1, 2))
        return linear(value, weight, bias)

    handles = [m.register_forward_hook(hook(n)) for n, m in model.named_modules() if isinstance(m, (nn.Conv2d, nn.Linear, nn.MultiheadAttention))]
    nn.functional.linear = watched
    model(x)
    nn.functional.linear = linear
    for handle in handles:
        handle.remove()
    return found


def of_rows(scores):
    """Half of each row goes."""
    rows = scores.flatten(1)
    count = round(rows.numel() / 2)
    mask = torch.ones_like(rows, dtype=torch.bool)
    for at, row in enumerate(rows):
        gone = count // len(rows) + (at < count % len(rows))
        mask[at, torch.argsort(row, stable=True)[:gone]] = False
    return mask


def two_of_four(scores):
    """As ASP: along the inputs."""
    shape = scores.shape
    if shape[1] % 4:
        return torch.ones(shape, dtype=torch.bool)
    flat = scores if scores.dim() == 2 else scores.permute(2, 3, 0, 1)
    groups = flat.reshape(-1, 4)
    mask = torch.zeros_like(groups, dtype=torch.bool).scatter(1, torch.argsort(groups, stable=True)[:, 2:], True).reshape(flat.shape)
    return mask if scores.dim() == 2 else mask.permute(2, 3, 0, 1)


def synflow(model, shape, rounds=3, density=0.5):
    kernels = [p for p in model.parameters() if p.dim() > 1]
    with torch.no_grad():
        for key, value in model.state_dict().items():
            value.abs_()
            if key.endswith("running_mean"):
                value.zero_()
        for kernel in kernels:
            kernel.mul_(0.5)
    whole = [p.detach().clone() for p in kernels]
    masks = [torch.ones_like(p) for p in kernels]
    for step in range(rounds):
        with torch.no_grad():
            for p, value, mask in zip(kernels, whole, masks):
                p.copy_(value * mask)
        model.zero_grad()
        model(torch.ones(1, *shape, dtype=torch.float64)).sum().backward()
        scores = torch.cat([(p.grad * p).flatten() for p in kernels])
        gone = round(len(scores) * (1 - density ** ((step + 1) / rounds)))
        kept = torch.cat([mask.flatten() for mask in masks])
        scores[kept == 0] = -1
        flat = torch.ones_like(scores)
        flat[torch.argsort(scores, stable=True)[:gone]] = 0
        masks = [part.reshape(p.shape) for part, p in zip(flat.split([p.numel() for p in kernels]), kernels)]
    return bits([mask.bool() for mask in masks])


def narrow_mobilenet():
    return mobilenetv2.MobileNetV2(classes, width_mult=0.25, dropout=0)


def without_clips(model):
    for module in model.modules():
        for name, child in module.named_children():
            if isinstance(child, nn.ReLU6):
                setattr(module, name, nn.ReLU())
    return model


networks = {
    "resnet18": (lambda: NarrowResNet(resnet.BasicBlock, [2, 2, 2, 2], 4), 32),
    "mobilenet-v2": (narrow_mobilenet, 32),
    "vit-mini-8": (lambda: vit(32, 8, 2, 3, 48, 96, classes), 32),
}
found = {"torch": torch.__version__}
for name, (make, side) in networks.items():
    model = fill(make()).double().eval()
    x = ((images(3000, 4, side, side).double() - mean) / std).permute(0, 3, 1, 2)
    with torch.no_grad():
        roots = root_mean_squares(model, x)
    weights = {key: value.detach() for key, value in model.named_parameters() if value.dim() > 1 and key in roots}
    scores = {key: value.abs() * roots[key] for key, value in weights.items()}
    found[name] = {"kernels": list(weights), "wanda": bits([of_rows(score) for score in scores.values()])}
    if name != "mobilenet-v2":
        found[name]["wanda-2:4"] = bits([two_of_four(score) for score in scores.values()])
        found[name]["2:4"] = bits([two_of_four(value.abs()) for value in weights.values()])
    if name != "vit-mini-8":
        found[name]["synflow"] = synflow(without_clips(fill(make()).double().eval()), (3, side, side))
    print(name, len(scores), sum(value.numel() for value in weights.values()))
fixture.write_text(json.dumps(found, indent=2) + "\n")
