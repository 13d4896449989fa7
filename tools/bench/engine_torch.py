"""Times ResNet-18 in PyTorch for tools/bench/src/engine.ts, on the same number of threads, weights in channels-last.

Reads one task per line, `<work> <size> <batch>`, and answers with the seconds of one run of it; `work` is forward, gradient or
training. The first line out is the PyTorch version. Needs torch 2; the network is written out so that torchvision is not needed.
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
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 10)).to(memory_format=torch.channels_last)


def forward(state, images, labels):
    state["evaluated"].eval()
    with torch.no_grad():
        state["evaluated"](images)


def gradient(state, images, labels):
    state["evaluated"].eval()
    leaf = images.clone().requires_grad_()
    state["evaluated"](leaf).gather(1, labels[:, None]).sum().backward()


def training(state, images, labels):
    state["optimizer"].zero_grad()
    F.cross_entropy(state["trained"](images), labels).backward()
    state["optimizer"].step()


torch.set_num_threads(int(sys.argv[1]))
torch.manual_seed(0)
state = {"evaluated": resnet18().requires_grad_(False), "trained": resnet18()}
state["optimizer"] = torch.optim.SGD(state["trained"].parameters(), 0.01, momentum=0.9, weight_decay=5e-4)
inputs = {}
print(torch.__version__, flush=True)
for line in sys.stdin:
    work, size, batch = line.split()
    size, batch = int(size), int(batch)
    if (size, batch) not in inputs:
        images = torch.rand(batch, 3, size, size).to(memory_format=torch.channels_last)
        inputs[size, batch] = (images, torch.arange(batch) % 10)
    start = time.perf_counter()
    {"forward": forward, "gradient": gradient, "training": training}[work](state, *inputs[size, batch])
    print(time.perf_counter() - start, flush=True)
