"""Times networks in PyTorch for tools/bench/src/engine.ts, on as many threads and by the clock that the arguments name, weights in channels-last.

Reads one task per line, `<work> <network> <size> <batch>`, and answers with the seconds of one run of it; `work` is forward, gradient or
training. `load <network> 0 0` answers why the network cannot be made, with an empty line where it can. The first line out is the PyTorch
version. Needs torch 2; ResNet-18 is written out, the other networks are torchvision's.
"""
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        projected = stride != 1 or inputs != outputs
        self.shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)) if projected else nn.Sequential()

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)), inplace=True)
        return F.relu(self.bn2(self.conv2(y)) + self.shortcut(x), inplace=True)


def resnet18():
    layers = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1)]
    inputs = 64
    for group in range(4):
        for block in range(2):
            outputs = 64 * 2**group
            layers.append(Block(inputs, outputs, 2 if group > 0 and block == 0 else 1))
            inputs = outputs
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 10))


def network(name):
    if name == "resnet18":
        made = resnet18()
    else:
        import torchvision

        made = getattr(torchvision.models, name)(num_classes=10)
        if name == "vit_b_16":  # starts with a head of zeros
            nn.init.normal_(made.heads.head.weight, std=0.02)
    return made.to(memory_format=torch.channels_last)


class Works:
    """One network, evaluated and trained."""

    def __init__(self, name):
        self.name = name
        self.evaluated = network(name).requires_grad_(False).eval()
        self.optimizer = None
        self.inputs = {}

    def forward(self, images, labels):
        with torch.no_grad():
            self.evaluated(images)

    def gradient(self, images, labels):
        leaf = images.clone().requires_grad_()
        self.evaluated(leaf).gather(1, labels[:, None]).sum().backward()

    def training(self, images, labels):
        if self.optimizer is None:
            self.trained = network(self.name)
            self.optimizer = torch.optim.SGD(self.trained.parameters(), 0.01, momentum=0.9, weight_decay=5e-4)
        self.optimizer.zero_grad()
        F.cross_entropy(self.trained(images), labels).backward()
        self.optimizer.step()

    def seconds(self, work, size, batch):
        if (size, batch) not in self.inputs:
            images = torch.rand(batch, 3, size, size).to(memory_format=torch.channels_last)
            self.inputs[size, batch] = (images, torch.arange(batch) % 10)
        start = clock()
        getattr(self, work)(*self.inputs[size, batch])
        return clock() - start


threads, clock = int(sys.argv[1]), {"wall": time.perf_counter, "cpu": time.process_time}[sys.argv[2]]
torch.set_num_threads(threads)
torch.manual_seed(0)
works = None
print(torch.__version__, flush=True)
for line in sys.stdin:
    work, name, size, batch = line.split()
    if work == "load":
        try:
            works = None
            works = Works(name)
            print(flush=True)
        except ImportError:
            print("no torchvision in Python", flush=True)
    else:
        print(works.seconds(work, int(size), int(batch)), flush=True)
