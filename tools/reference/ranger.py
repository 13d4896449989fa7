"""Steps of Ranger, for packages/nn/test/ranger.test.ts.

Needs torch 2.13.0 and pytorch-ranger 0.1.1. Writes packages/nn/test/fixtures/ranger.json:

    python tools/reference/ranger.py

pytorch-ranger is Ranger of 2019; gradients are centralized here as the version 20.4.11 does, before the step.
"""
import json
import math
import pathlib

import torch
from pytorch_ranger import Ranger

STEPS = 40


def gradient(shape, step, phase):
    count = math.prod(shape)
    values = [math.sin(0.7 * i + 1.3 * step + phase) + 0.2 * math.cos(0.11 * i * step) for i in range(count)]
    return torch.tensor(values, dtype=torch.float32).reshape(shape)


def weights(shape, phase):
    return torch.tensor([math.cos(0.9 * i + phase) for i in range(math.prod(shape))], dtype=torch.float32).reshape(shape)


cases = []
for centralize, decay, shape in [(True, 0.0, (3, 2, 2, 2)), (False, 0.1, (3, 4)), (True, 0.05, (4, 3)), (True, 0.1, (5,))]:
    parameter = torch.nn.Parameter(weights(shape, 0.4))
    optimizer = Ranger([parameter], lr=0.02, weight_decay=decay)
    after = {}
    for step in range(1, STEPS + 1):
        grad = gradient(shape, step, 0.1)
        if centralize and grad.dim() > 1:
            grad = grad - grad.mean(dim=tuple(range(1, grad.dim())), keepdim=True)
        parameter.grad = grad
        optimizer.step()
        if step in (1, 5, 6, 7, STEPS):
            after[step] = parameter.detach().flatten().tolist()
    cases.append({"shape": shape, "centralize": centralize, "weightDecay": decay, "after": after})

path = pathlib.Path(__file__).parents[2] / "packages/nn/test/fixtures/ranger.json"
made = {"torch": torch.__version__, "pytorch-ranger": "0.1.1", "learningRate": 0.02, "cases": cases}
path.write_text(json.dumps(made) + "\n")
