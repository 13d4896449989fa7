"""IROF of a small network by Quantus 0.5.3, and SLIC segments by scikit-image: packages/metrics-perturbation/test/fixtures/irof.json.

The network has one hidden layer (`hiddenLayer` of core's tests) and a softmax; images are normalised, and removed segments become 0. Quantus
segments what it is given, so it is handed the segments here; of NumPy 2.4 it wants
`trapz` and numbers of arrays of one value, which are gone there.

Needs: pip install quantus==0.5.3 torch==2.15.0 scikit-image==0.26.0 (with NumPy 2.4.6)
Run: python tools/reference/irof.py
"""

import json
import pathlib
import sys

import numpy as np
import quantus
import torch
from quantus.helpers import utils
from skimage.segmentation import slic

np.trapz = np.trapezoid
sys.modules["quantus.metrics.faithfulness.irof"].float = lambda array: np.asarray(array).item()

random = np.random.default_rng(31)
side, classes, units, count = 6, 3, 5, 3
mean, std = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
images = random.random((count, side, side, 3)).astype(np.float32)
kernel, bias, dense = random.normal(size=(units, side * side * 3)), random.normal(size=units), random.normal(size=(classes, units))
dense /= 10


def logits(pixels):
    flat = ((pixels - mean) / std).reshape(len(pixels), -1)
    return np.maximum(flat @ kernel.T + bias, 0) @ dense.T


# The class that the network answers with, which has a probability to lose.
maps = random.normal(size=(count, side, side)).astype(np.float32)
segments = np.stack([random.permutation(np.arange(side * side) % 7).reshape(side, side) for _ in range(count)])
targets = logits(images).argmax(axis=1).tolist()


class Network(torch.nn.Module):
    def forward(self, x):
        flat = torch.as_tensor(x).double().permute(0, 2, 3, 1).reshape(len(x), -1)
        return torch.relu(flat @ torch.tensor(kernel).T + torch.tensor(bias)) @ torch.tensor(dense).T


def irof(n):
    utils.get_superpixel_segments = lambda **_: segments[n]
    metric = quantus.IROF(perturb_baseline=0.0, normalise=False, return_aggregate=False, disable_warnings=True)
    x = ((images - mean) / std).astype(np.float32).transpose(0, 3, 1, 2)[n : n + 1]
    scores = metric(
        model=Network().eval(),
        x_batch=x,
        y_batch=np.array([targets[n]]),
        a_batch=maps[n][None, None],
        channel_first=True,
        softmax=True,
    )
    return float(np.asarray(scores).ravel()[0])


def picture(height, width):
    """A few flat shapes on a slope, with some noise."""
    y, x = np.mgrid[:height, :width]
    image = np.stack([x / width, y / height, 0.5 + 0 * x], axis=-1)
    image[(y - height / 3) ** 2 + (x - width / 2) ** 2 < (min(height, width) / 4) ** 2] = (0.9, 0.2, 0.1)
    image[height * 2 // 3 :, : width // 3] = (0.1, 0.3, 0.8)
    return np.clip(image + random.normal(size=image.shape) / 30, 0, 1).astype(np.float32)


pictures = [
    {
        "height": height,
        "width": width,
        "image": image.ravel().tolist(),
        "runs": [
            {
                "segments": asked,
                "compactness": compactness,
                "labels": slic(image.astype(float), n_segments=asked, compactness=compactness, start_label=0).ravel().tolist(),
            }
            for asked, compactness in choices
        ],
    }
    for height, width, choices in (
        (24, 20, ((12, 10), (30, 1), (100, 10))),
        (5, 40, ((16, 10), (3, 10))),
        (4, 4, ((100, 10),)),
    )
    for image in [picture(height, width)]
]

fixture = {
    "side": side,
    "mean": mean.tolist(),
    "std": std.tolist(),
    "images": images.ravel().tolist(),
    "kernel": kernel.ravel().tolist(),
    "bias": bias.tolist(),
    "dense": dense.ravel().tolist(),
    "targets": targets,
    "maps": maps.ravel().tolist(),
    "segments": segments.ravel().tolist(),
    "irof": [irof(n) for n in range(count)],
    "pictures": pictures,
}
path = pathlib.Path(__file__).parents[2] / "packages/metrics-perturbation/test/fixtures/irof.json"
path.write_text(json.dumps(fixture, separators=(",", ":")) + "\n")
