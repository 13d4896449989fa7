"""Evaluates a ResNet-18 with Captum, Quantus and Craft, part by part, for tools/bench/src/evaluation.ts.

Usage: evaluation_python.py FOLDER. The folder has images.f32 (n h w c, normalised), weights.safetensors (torchvision's names, float32) and
task.json ({"shape": [n, h, w, c], "label", "classes", "percentages", "concepts", "patch"}); all images are of one class. The first line
out names the versions. Then a part per line: vg, ig, gini, road-vg, road-ig or craft, answered with JSON: the seconds it took, what it found
(one number per image, or what the part says), and the peak of memory so far in MiB. `vg` and `ig` come first.

Needs: pip install torch torchvision captum==0.9.0 quantus==0.5.3 Craft-xai==0.0.3 safetensors
"""

import importlib.util
import json
import resource
import sys
import time
import types
import warnings
from importlib.metadata import version

import numpy as np
import torch
from safetensors.torch import load_file

warnings.filterwarnings("ignore")
import captum.attr
import quantus
import torchvision

# Craft's sampler imports TensorFlow for a class that its PyTorch side does not use.
is_missing = importlib.util.find_spec("tensorflow") is None
if is_missing:
    sys.modules["tensorflow"] = types.ModuleType("tensorflow")
from craft.craft_torch import Craft

if is_missing:
    del sys.modules["tensorflow"]

folder = sys.argv[1]
with open(f"{folder}/task.json") as file:
    task = json.load(file)
torch.manual_seed(0)
np.random.seed(0)
model = torchvision.models.resnet18(num_classes=task["classes"])
model.load_state_dict(load_file(f"{folder}/weights.safetensors"), strict=False)  # how many batches BatchNorm saw is not in all files
model.eval()
images = np.fromfile(f"{folder}/images.f32", dtype=np.float32).reshape(task["shape"]).transpose(0, 3, 1, 2).copy()
x = torch.from_numpy(images)
labels = torch.full((len(x),), task["label"])
stem = torch.nn.Sequential(model.conv1, model.bn1, model.relu, model.maxpool, model.layer1, model.layer2, model.layer3, model.layer4)
head = torch.nn.Sequential(model.avgpool, torch.nn.Flatten(), model.fc)
maps = {}


def vg():
    gradient = captum.attr.Saliency(model).attribute(x, target=labels, abs=False)
    maps["vg"] = gradient.abs().sum(1, keepdim=True).numpy()
    return maps["vg"].mean(axis=(1, 2, 3)).tolist()


def ig():
    parts = [
        captum.attr.IntegratedGradients(model).attribute(
            x[i : i + 1], target=labels[i : i + 1], n_steps=50, internal_batch_size=50, return_convergence_delta=True
        )
        for i in range(len(x))
    ]
    maps["ig"] = torch.cat([values for values, _ in parts]).sum(1, keepdim=True).detach().numpy()
    return [delta.item() for _, delta in parts]


def gini():
    sparseness = quantus.Sparseness(disable_warnings=True)
    return [value for name in ("vg", "ig") for value in sparseness(model, images, labels.numpy(), maps[name], device="cpu")]


def road(name):
    metric = quantus.ROAD(percentages=task["percentages"], noise=0.01, disable_warnings=True)
    found = metric(model, images, labels.numpy(), maps[name], device="cpu")
    return [float(found[percentage]) for percentage in task["percentages"]]


def craft():
    found = Craft(stem, head, number_of_concepts=task["concepts"], patch_size=task["patch"], batch_size=64, device="cpu")
    found.fit(x)
    return np.sort(found.estimate_importance(x, task["label"])).tolist()


works = {"vg": vg, "ig": ig, "gini": gini, "road-vg": lambda: road("vg"), "road-ig": lambda: road("ig"), "craft": craft}
names = {"torch": "torch", "captum": "captum", "quantus": "quantus", "craft": "Craft-xai"}
print(json.dumps({name: version(package) for name, package in names.items()}), flush=True)
for line in sys.stdin:
    start = time.perf_counter()
    found = works[line.strip()]()
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "found": found, "peakMiB": peak}), flush=True)
