"""Logits of the reference ResNet-18 pruned by torch, for packages/model-resnet/test/reference.test.ts.

Usage: python tools/reference/pruned-logits.py REFERENCE_FOLDER > packages/model-resnet/test/fixtures/pruned-logits.json
Keeps as many of the largest weights of each kernel as torch.nn.utils.prune.global_unstructured kept (reference.json), ties to the
lower index (half-precision weights tie often, and torch leaves open which of them it keeps), and prints the logits of the first image
of gradients.safetensors, and what weights and image they are of, as SHA-256. Needs torch and safetensors; the network is written out so that torchvision is not needed.
"""
import hashlib
import json
import sys

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import nn


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))
        else:
            self.downsample = nn.Sequential()

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + self.downsample(x))


class ResNet18(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.layer1 = nn.Sequential(Block(64, 64, 1), Block(64, 64, 1))
        self.layer2 = nn.Sequential(Block(64, 128, 2), Block(128, 128, 1))
        self.layer3 = nn.Sequential(Block(128, 256, 2), Block(256, 256, 1))
        self.layer4 = nn.Sequential(Block(256, 512, 2), Block(512, 512, 1))
        self.fc = nn.Linear(512, classes)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(x.mean((2, 3)))


folder = sys.argv[1]
state = {name: value.float() for name, value in load_file(f"{folder}/resnet18-imagenette.safetensors").items()}
shown = load_file(f"{folder}/gradients.safetensors")["images_u8"][:1]
pixels = shown.float() / 255
digests = {
    "weights": hashlib.sha256(open(f"{folder}/resnet18-imagenette.safetensors", "rb").read()).hexdigest(),
    "image": hashlib.sha256(shown.contiguous().numpy().tobytes()).hexdigest(),
}
mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
image = ((pixels - mean) / std).permute(0, 3, 1, 2)

reference = json.load(open(f"{folder}/reference.json"))["prune"]
logits = {}
for percent in ["10", "50"]:
    pruned = dict(state)
    for name, count in reference[percent]["kept_per_kernel"].items():
        order = torch.argsort(state[name].abs().flatten(), descending=True, stable=True)
        mask = torch.zeros_like(order, dtype=torch.float32)
        mask[order[:count]] = 1
        pruned[name] = state[name] * mask.reshape(state[name].shape)
    model = ResNet18(len(state["fc.bias"])).eval()
    model.load_state_dict(pruned)
    with torch.no_grad():
        logits[percent] = [round(value, 6) for value in model(image)[0].tolist()]
json.dump({"torch": torch.__version__, "sha256": digests, "logits": logits}, sys.stdout, indent=2)
