"""What every weight of the networks of relevance.py has a share in, by Zennit's relevance in float64: test/fixtures/kernel-relevance.json of tools/conformance.

Zennit gives what arrives at the output of each layer, with 1 at the logit (as github.com/erfanhatefi/Pruning-by-eXplaining-in-PyTorch starts);
the share of each weight is worked out here from that and the layer's input, by the formula of the rule that the layer has. Kept are the sums
over the weights of each output, and every weight of the smallest network.

Needs: Python 3.11; pip install zennit==0.5.1 torch==2.15.0 torchvision==0.29.0
Run, after relevance.py: python tools/reference/kernel-relevance.py
"""

import json
import pathlib

import torch
from torch import nn
from torch.nn.functional import conv2d, linear
from torch.nn.grad import conv2d_weight

from relevance import EPSILON, STABILIZER, Mobile, ResNet, Vgg, composites, digits


def quotient(r, z, epsilon):
    return r / (z + torch.where(z < 0, -epsilon, epsilon))


def shares(module, x, r, rule):
    """The share of each weight in r, which arrives at the module's output."""
    w, b = module.weight.detach(), module.bias.detach()
    if isinstance(module, nn.Linear):
        of = lambda x, w, b: linear(x, w, b)
        slopes = lambda x, s: s.T @ x
    else:
        settings = dict(stride=module.stride, padding=module.padding, groups=module.groups)
        of = lambda x, w, b: conv2d(x, w, b, **settings)
        slopes = lambda x, s: conv2d_weight(x, w.shape, s, **settings)
    if rule == "epsilon":
        return w * slopes(x, quotient(r, of(x, w, b), EPSILON))
    above, below = (x.clamp(min=0), w.clamp(min=0)), (x.clamp(max=0), w.clamp(max=0))
    s = quotient(r, of(*above, b.clamp(min=0)) + of(*below, None), STABILIZER)
    return above[1] * slopes(above[0], s) + below[1] * slopes(below[0], s)


def main(folder):
    reference = json.loads((folder / "relevance.json").read_text())
    mean = torch.tensor(reference["mean"], dtype=torch.float64).view(1, 3, 1, 1)
    std = torch.tensor(reference["std"], dtype=torch.float64).view(1, 3, 1, 1)
    found = {}
    for name, model in (("vgg", Vgg()), ("resnet", ResNet()), ("mobile", Mobile())):
        fixture = reference["networks"][name]
        weights = {
            key: torch.tensor(values["data"], dtype=torch.float64).reshape(values["shape"])
            for key, values in fixture["weights"].items()
        }
        image = torch.tensor(fixture["image"], dtype=torch.float64).reshape(1, 8, 8, 3).permute(0, 3, 1, 2)
        found[name] = {}
        for composite in ("epsilon", "epsilon-plus"):
            model = model.double().eval()
            model.load_state_dict(weights)
            x = ((image - mean) / std).requires_grad_()
            kept = {}
            with composites((0 - mean) / std, (1 - mean) / std)[composite].context(model) as modified:
                handles = []
                for key, module in model.named_modules():
                    if isinstance(module, (nn.Conv2d, nn.Linear)):

                        def keep(module, inputs, output, key=key):
                            output.retain_grad()
                            kept[key] = (module, inputs[0].detach(), output)

                        handles.append(module.register_forward_hook(keep))
                logits = modified(x)
                start = torch.zeros_like(logits)
                start[0, fixture["target"]] = 1
                logits.backward(start)
                of = {
                    f"{key}.weight": shares(
                        module,
                        inputs,
                        output.grad,
                        "plus" if composite == "epsilon-plus" and isinstance(module, nn.Conv2d) else "epsilon",
                    )
                    for key, (module, inputs, output) in kept.items()
                }
                for handle in handles:
                    handle.remove()
            found[name][composite] = {
                "outputs": {key: digits(values.flatten(1).sum(1)) for key, values in of.items()},
                "weights": {key: digits(values) for key, values in of.items()} if name == "mobile" else {},
            }
    with open(folder / "kernel-relevance.json", "w") as file:
        json.dump(found, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main(pathlib.Path(__file__).parents[1] / "conformance/test/fixtures")
