"""Three rounds of global_unstructured (L1) on two kernels without ties: packages/pruner-magnitude/test/fixtures/torch-rounds.json.

A quarter of 1,002 weights is 250.5: the count rounds to the even number, and each round counts what is left.

Needs torch 2.13.0. Run: python tools/reference/torch-prune.py
"""

import json
import pathlib

import torch
from torch.nn.utils import prune

torch.manual_seed(4)
sizes = [600, 402]
order = torch.randperm(sum(sizes)) + 1
signs = torch.randint(0, 2, order.shape) * 2 - 1
values = (order * signs / 1024).split(sizes)  # exact in float32, no two of one magnitude
layers = [torch.nn.Linear(size, 1, bias=False) for size in sizes]
for layer, weights in zip(layers, values):
    layer.weight.data = weights.clone().reshape(1, -1)
rounds = []
for _ in range(3):
    prune.global_unstructured([(layer, "weight") for layer in layers], pruning_method=prune.L1Unstructured, amount=0.25)
    rounds.append([[int(i) for i in (layer.weight_mask[0] == 0).nonzero()] for layer in layers])
path = pathlib.Path(__file__).parents[2] / "packages/pruner-magnitude/test/fixtures/torch-rounds.json"
reference = {"torch": torch.__version__, "kernels": [weights.tolist() for weights in values], "removed": rounds}
path.write_text(json.dumps(reference, separators=(",", ":")) + "\n")
print([[len(part) for part in one] for one in rounds])
