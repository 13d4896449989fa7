"""MPRT and random logit of a small network by Quantus 0.5.3, one image per call:
packages/metrics/test/fixtures/quantus-randomisation.json.

The network is core's toy model: a 2 x 2 convolution with stride 2, ReLU, mean over space, a dense layer. Explanations are
gradients, summed over channels.

Needs: pip install quantus==0.5.3 torch==2.15.0 (with NumPy 2.4.6)
Run: python tools/reference/quantus-randomisation.py
"""

import json
import pathlib

import numpy as np
import quantus
import torch

size, features, classes, count = 8, 5, 3, 4


class Toy(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(3, features, 2, stride=2)
        self.fc = torch.nn.Linear(features, classes, bias=False)

    def forward(self, x):
        return self.fc(torch.relu(self.conv(x)).mean(dim=(2, 3)))


def gradient(model, inputs, targets, **_):
    x = torch.tensor(np.asarray(inputs), dtype=torch.float32, requires_grad=True)
    logits = model(x)
    logits[torch.arange(len(x)), torch.as_tensor(np.asarray(targets))].sum().backward()
    return x.grad.sum(dim=1, keepdim=True).numpy()


torch.manual_seed(1)
model = Toy().eval()
with torch.no_grad():
    for parameter in model.parameters():
        parameter.copy_(torch.randn_like(parameter))
images = torch.rand(count, 3, size, size).numpy()
labels = np.arange(count) % classes
weights = {name: value.flatten().tolist() for name, value in model.state_dict().items()}


def one_by_one(metric):
    results = []
    for i in range(count):
        x, y = images[i : i + 1], labels[i : i + 1]
        results.append(
            metric(
                model=model, x_batch=x, y_batch=y, a_batch=gradient(model, x, y), channel_first=True, explain_func=gradient
            )
        )
    return results


mprt = {}
for order in ["top_down", "bottom_up", "independent"]:
    layers = one_by_one(quantus.MPRT(layer_order=order, disable_warnings=True))
    averages = one_by_one(quantus.MPRT(layer_order=order, return_average_correlation=True, disable_warnings=True))
    mprt[order.replace("_", "-")] = {
        "names": list(layers[0].keys()),
        "curves": [[float(scores[0]) for scores in result.values()] for result in layers],
        "averages": [float(result[0]) for result in averages],
    }
logit = [float(result[0]) for result in one_by_one(quantus.RandomLogit(num_classes=classes, disable_warnings=True))]

choices = {}
for number in [2, 3, 10, 1000]:
    np.random.seed(42)
    choices[number] = int(np.random.choice([k for k in range(number) if k != 1]))

resets = []
for module in [torch.nn.Conv2d(3, 4, 3), torch.nn.Conv2d(2, 8, 1, bias=False), torch.nn.Linear(7, 3)]:
    torch.manual_seed(43)
    module.reset_parameters()
    resets.append({name: {"shape": list(p.shape), "values": p.flatten().tolist()} for name, p in module.named_parameters()})

path = pathlib.Path(__file__).parents[2] / "packages/metrics/test/fixtures/quantus-randomisation.json"
path.write_text(
    json.dumps(
        {
            "weights": weights,
            "images_nhwc": images.transpose(0, 2, 3, 1).flatten().tolist(),
            "labels": labels.tolist(),
            "mprt": mprt,
            "random_logit_ssim": logit,
            "numpy_choice_without_1": choices,
            "torch_reset_after_seed_43": resets,
        }
    )
    + "\n"
)
print(json.dumps(mprt, indent=1), logit, choices)
