"""Which channels torch-pruning removes from small networks: tools/conformance/test/fixtures/channel-pruning.json.

L1 over the kernels that give a channel, those that read it and BatchNorm's scales, the mean of which is divided by the mean of its group; a
fifth of all channels that may go, ranked over all groups. Of every kernel, the outputs and inputs that are removed. Networks and values are those
of networks.py. Taylor is not compared: torch-pruning 1.6.1 sums |w g| over a filter, where Molchanov et al. (2019) square the sum of w g.

Needs: pip install torch==2.15.0 torchvision==0.29.2 torch-pruning==1.6.1
Run: python tools/reference/torch-pruning.py
"""

import json
import pathlib

import numpy as np
import torch
import torch_pruning as tp
from torch import nn
from torchvision.models import mobilenetv2, resnet

classes, ratio = 5, 0.2


def uniform(seed, count):
    x = (np.arange(1, count + 1, dtype=np.uint64) * 0x9E3779B1 + (seed + 1) * 0x85EBCA6B).astype(np.uint32)
    x ^= x >> np.uint32(16)
    x *= np.uint32(0x7FEB352D)
    x ^= x >> np.uint32(15)
    x *= np.uint32(0x846CA68B)
    x ^= x >> np.uint32(16)
    return (x >> np.uint32(8)).astype(np.float32) / np.float32(2**24)


def made(seed, name, shape):
    u = uniform(seed, int(np.prod(shape, dtype=np.int64)))
    around = 2 * u - 1
    if name.endswith("num_batches_tracked"):
        values = 0 * u
    elif name.endswith("running_var"):
        values = np.float32(0.5) + u
    elif len(shape) == 1 and name.endswith("weight"):
        values = np.float32(0.75) + np.float32(0.5) * u
    elif len(shape) < 2:
        values = np.float32(0.125) * around
    else:
        values = np.float32((4 / np.prod(shape[1:])) ** 0.5) * around
    return torch.from_numpy(values.reshape(shape))


class NarrowResNet(resnet.ResNet):
    def __init__(self, block, layers, width):
        nn.Module.__init__(self)
        self._norm_layer, self.inplanes, self.dilation = nn.BatchNorm2d, width, 1
        self.groups, self.base_width = 1, 64
        self.conv1 = nn.Conv2d(3, width, kernel_size=7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU()
        self.maxpool = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
        self.layer1 = self._make_layer(block, width, layers[0])
        self.layer2 = self._make_layer(block, 2 * width, layers[1], stride=2)
        self.layer3 = self._make_layer(block, 4 * width, layers[2], stride=2)
        self.layer4 = self._make_layer(block, 8 * width, layers[3], stride=2)
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(8 * width * block.expansion, classes)


def removed(model, classifier):
    for seed, (name, value) in enumerate(model.state_dict().items()):
        value.copy_(made(seed, name, tuple(value.shape)).to(value.dtype))
    model.eval()
    importance = tp.importance.GroupMagnitudeImportance(p=1, group_reduction="mean", normalizer="mean")
    pruner = tp.pruner.BasePruner(
        model, torch.zeros(1, 3, 64, 64), importance, global_pruning=True, pruning_ratio=ratio, ignored_layers=[classifier]
    )
    names = {module: name for name, module in model.named_modules()}
    found = {}
    for group in pruner.step(interactive=True):
        for dep, idxs in group:
            module, handler = dep.target.module, dep.handler.__name__
            if not isinstance(module, (nn.Conv2d, nn.Linear)):
                continue
            side = "outputs" if "out_channels" in handler else "inputs"
            kernel = found.setdefault(f"{names[module]}.weight", {"outputs": [], "inputs": []})
            kernel[side] = sorted(set(kernel[side]) | set(int(i) for i in idxs))
    return found


networks = {
    "resnet18": NarrowResNet(resnet.BasicBlock, [2, 2, 2, 2], 4),
    "resnet50": NarrowResNet(resnet.Bottleneck, [3, 4, 6, 3], 4),
    "mobilenet-v2": mobilenetv2.MobileNetV2(classes, width_mult=0.25, dropout=0),
}
found = {
    name: removed(model, model.classifier[1] if name == "mobilenet-v2" else model.fc) for name, model in networks.items()
}
target = pathlib.Path(__file__).parents[2] / "tools/conformance/test/fixtures/channel-pruning.json"
target.write_text(json.dumps({"torch-pruning": "1.6.1", "ratio": ratio, "networks": found}) + "\n")
