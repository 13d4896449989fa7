"""Relevance of three small networks by every composite, as Zennit gives it in float64: test/fixtures/relevance.json of tools/conformance.

BatchNorm is merged into the convolution before it (SequentialMergeBatchNorm), and residual sums are modules (Sum).

Needs: Python 3.11; pip install zennit==0.5.1 torch==2.15.0 torchvision==0.29.0
Run: python tools/reference/relevance.py
"""

import json
import pathlib

import torch
from torch import nn
from zennit.canonizers import SequentialMergeBatchNorm
from zennit.composites import LayerMapComposite, SpecialFirstLayerMapComposite, layer_map_base
from zennit.layer import Sum
from zennit.rules import AlphaBeta, Epsilon, Flat, Gamma, ZBox, ZPlus
from zennit.types import Convolution, Linear

EPSILON, GAMMA, STABILIZER = 0.05, 0.25, 0.01
MEAN, STD = [0.4, 0.5, 0.6], [0.2, 0.25, 0.3]


class Vgg(nn.Module):
    """Convolutions with biases, with and without BatchNorm, pools and two dense layers."""

    def __init__(self):
        super().__init__()
        self.conv1, self.bn1, self.end1 = nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU()
        self.conv2, self.end2, self.pool = nn.Conv2d(4, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)
        self.conv3, self.bn3, self.end3 = nn.Conv2d(4, 6, 3, padding=1), nn.BatchNorm2d(6), nn.ReLU()
        self.mean = nn.AvgPool2d(2)
        self.fc1, self.end4, self.fc2 = nn.Linear(24, 8), nn.ReLU(), nn.Linear(8, 3)

    def forward(self, x):
        x = self.pool(self.end2(self.conv2(self.end1(self.bn1(self.conv1(x))))))
        x = self.mean(self.end3(self.bn3(self.conv3(x)))).flatten(1)
        return self.fc2(self.end4(self.fc1(x)))


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs)
        self.end1 = nn.ReLU()
        self.conv2, self.bn2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs)
        self.conv0 = nn.Conv2d(inputs, outputs, 1, stride, bias=False) if stride > 1 else None
        self.bn0 = nn.BatchNorm2d(outputs) if stride > 1 else None
        self.sum, self.end = Sum(), nn.ReLU()

    def forward(self, x):
        y = self.bn2(self.conv2(self.end1(self.bn1(self.conv1(x)))))
        skip = self.bn0(self.conv0(x)) if self.conv0 is not None else x
        return self.end(self.sum(torch.stack([skip, y], -1)))


class ResNet(nn.Module):
    """A residual network with an identity and a projected shortcut."""

    def __init__(self):
        super().__init__()
        self.conv1, self.bn1, self.end1 = nn.Conv2d(3, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4), nn.ReLU()
        self.a, self.b = Block(4, 4, 1), Block(4, 6, 2)
        self.mean, self.fc = nn.AdaptiveAvgPool2d(1), nn.Linear(6, 3)

    def forward(self, x):
        return self.fc(self.mean(self.b(self.a(self.end1(self.bn1(self.conv1(x)))))).flatten(1))


class Mobile(nn.Module):
    """An inverted residual with a depthwise convolution and ReLU6."""

    def __init__(self):
        super().__init__()
        self.conv1, self.bn1, self.end1 = nn.Conv2d(3, 4, 3, 2, 1, bias=False), nn.BatchNorm2d(4), nn.ReLU6()
        self.conv2, self.bn2, self.end2 = nn.Conv2d(4, 8, 1, bias=False), nn.BatchNorm2d(8), nn.ReLU6()
        self.conv3, self.bn3 = nn.Conv2d(8, 8, 3, padding=1, groups=8, bias=False), nn.BatchNorm2d(8)
        self.end3 = nn.ReLU6()
        self.conv4, self.bn4, self.sum = nn.Conv2d(8, 4, 1, bias=False), nn.BatchNorm2d(4), Sum()
        self.mean, self.fc = nn.AdaptiveAvgPool2d(1), nn.Linear(4, 3)

    def forward(self, x):
        x = self.end1(self.bn1(self.conv1(x)))
        y = self.end3(self.bn3(self.conv3(self.end2(self.bn2(self.conv2(x))))))
        x = self.sum(torch.stack([x, self.bn4(self.conv4(y))], -1))
        return self.fc(self.mean(x).flatten(1))


def composites(low, high):
    base = layer_map_base(STABILIZER)
    epsilon, plus, gamma = Epsilon(EPSILON), ZPlus(STABILIZER), Gamma(GAMMA, STABILIZER)
    alpha_beta, flat, box = AlphaBeta(2, 1, STABILIZER), Flat(STABILIZER), ZBox(low, high, STABILIZER)
    merge = [SequentialMergeBatchNorm()]

    def all_of(rule):
        return LayerMapComposite(base + [(Linear, rule)], canonizers=merge)

    def split(rule, first=None):
        layers = base + [(Convolution, rule), (nn.Linear, epsilon)]
        if first is None:
            return LayerMapComposite(layers, canonizers=merge)
        return SpecialFirstLayerMapComposite(layers, [first], canonizers=merge)

    return {
        "epsilon": all_of(epsilon),
        "gamma": all_of(gamma),
        "z-plus": all_of(plus),
        "alpha2-beta1": all_of(alpha_beta),
        "epsilon-plus": split(plus),
        "epsilon-plus-flat": split(plus, (Linear, flat)),
        "epsilon-alpha2-beta1": split(alpha_beta),
        "epsilon-alpha2-beta1-flat": split(alpha_beta, (Linear, flat)),
        "epsilon-gamma-box": split(gamma, (Convolution, box)),
    }


def digits(tensor):
    return [float(f"{value:.7g}") for value in tensor.flatten().tolist()]


def made(network, seed):
    """Weights and statistics of plausible size, rounded so that float32 holds what the file says."""
    torch.manual_seed(seed)
    network = network.double().eval()
    for name, values in network.state_dict().items():
        if name.endswith("num_batches_tracked"):
            continue
        if name.endswith("running_var"):
            drawn = 0.5 + torch.rand_like(values)
        elif values.dim() > 1:
            drawn = torch.randn_like(values) * (2 / values[0].numel()) ** 0.5
        else:
            around = 1 if name.endswith("weight") else 0
            drawn = around + 0.2 * torch.randn_like(values)
        values.copy_((drawn * 1e4).round() / 1e4)
    return network


def main(path):
    channels = torch.tensor([MEAN, STD], dtype=torch.float64)
    mean, std = channels[0].view(1, 3, 1, 1), channels[1].view(1, 3, 1, 1)
    low, high = (0 - mean) / std, (1 - mean) / std
    found = {"mean": MEAN, "std": STD, "epsilon": EPSILON, "gamma": GAMMA, "stabilizer": STABILIZER, "networks": {}}
    for seed, (name, network) in enumerate([("vgg", Vgg()), ("resnet", ResNet()), ("mobile", Mobile())]):
        network = made(network, seed)
        image = (torch.rand(1, 3, 8, 8, dtype=torch.float64) * 1e3).round() / 1e3
        target = 1
        relevance = {}
        for composite_name, composite in composites(low, high).items():
            x = ((image - mean) / std).requires_grad_()
            with composite.context(network) as modified:
                logits = modified(x)
                chosen = torch.zeros_like(logits)
                chosen[:, target] = logits[:, target].detach()
                (of,) = torch.autograd.grad(logits, x, chosen)
            relevance[composite_name] = digits(of.permute(0, 2, 3, 1))
        with torch.no_grad():
            logits = network((image - mean) / std)
        weights = {
            key: {"shape": list(values.shape), "data": digits(values)} for key, values in network.state_dict().items()
        }
        found["networks"][name] = {
            "image": digits(image.permute(0, 2, 3, 1)),
            "target": target,
            "logits": digits(logits),
            "weights": weights,
            "relevance": relevance,
        }
    with open(path, "w") as file:
        json.dump(found, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main(pathlib.Path(__file__).parents[1] / "conformance/test/fixtures/relevance.json")
