"""ROAD of Quantus 0.5.3, image by image and as one batch, on a linear model: packages/metrics/test/fixtures/quantus-road.json.

Noise is 0: Quantus draws it from NumPy's global state, which no other implementation can repeat. `corrected` are the levels and the area of our
preset of that name, from Quantus' own imputation.

Needs: pip install quantus==0.5.3 torch==2.13.0 (with NumPy 2.4.6)
Run: python tools/reference/quantus-road.py
"""

import json
import pathlib

import numpy as np
import quantus
import torch

random = np.random.default_rng(3)
count, side, classes = 6, 12, 3
mean, std = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
bytes_ = random.integers(0, 256, size=(count, side, side, 3))
images = bytes_ / 255
weights = random.integers(-9, 10, size=(classes, side, side, 3))
maps = random.permuted(np.tile(np.arange(side * side) - 50, (count, 1)), axis=1).reshape(count, side, side)  # no ties
inputs = ((images - mean) / std).transpose(0, 3, 1, 2).copy()

kernel = torch.tensor(weights.transpose(0, 3, 1, 2).reshape(classes, -1).copy(), dtype=torch.float32)


class Linear(torch.nn.Module):
    def forward(self, x):
        logits = torch.flatten(x, 1) @ kernel.T
        top = torch.topk(logits, 2, dim=1).values
        assert (top[:, 0] - top[:, 1]).min() > 0.05, "too close to call in another arithmetic"
        return logits


model = Linear().eval()
with torch.no_grad():
    predicted = model(torch.tensor(inputs, dtype=torch.float32)).argmax(1).numpy()
labels = predicted.copy()
labels[-1] = (predicted[-1] + 1) % classes  # one image that the model gets wrong


def hits(percentages, chosen):
    metric = quantus.ROAD(noise=0.0, percentages=percentages, disable_warnings=True)
    scores = metric(
        model=model,
        x_batch=inputs[chosen].copy(),
        y_batch=labels[chosen],
        a_batch=maps[chosen, None].astype(np.float64),
        device="cpu",
        channel_first=True,
    )
    return [float(scores[percentage]) for percentage in percentages]


def area_from_first_level(curve):
    return sum(curve[0] - value for value in curve) / (len(curve) + 1)


def samek_area(curve):
    return sum(curve[0] - value for value in curve) / len(curve)


one_percent = list(range(1, 100, 10))
tens = list(range(10, 100, 10))
each = [hits(one_percent, [i]) for i in range(count)]
together = hits(one_percent, list(range(count)))
assert np.allclose(np.mean(each, axis=0), together)
corrected = [[float(predicted[i] == labels[i]), *hits(tens, [i])] for i in range(count)]
reference = {
    "quantus": quantus.__version__,
    "side": side,
    "mean": mean.tolist(),
    "std": std.tolist(),
    "images": bytes_.ravel().tolist(),
    "weights": weights.ravel().tolist(),
    "maps": maps.ravel().tolist(),
    "labels": labels.tolist(),
    "presets": [
        {"preset": "quantus-0.5.3", "hits": each, "curve": together, "areas": [area_from_first_level(curve) for curve in each]},
        {
            "preset": "corrected",
            "hits": corrected,
            "curve": np.mean(corrected, axis=0).tolist(),
            "areas": [samek_area(curve) for curve in corrected],
        },
    ],
}
path = pathlib.Path(__file__).parents[2] / "packages/metrics/test/fixtures/quantus-road.json"
path.write_text(json.dumps(reference, separators=(",", ":")) + "\n")
print(together, [sum(values) for values in each])
