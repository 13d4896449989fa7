"""Pointing game, relevance mass and rank accuracy of small maps by Quantus 0.5.3, one image per call:
packages/metrics/test/fixtures/quantus-localisation.json.

Needs: pip install quantus==0.5.3 torch==2.13.0 (with NumPy 2.4.6)
Run: python tools/reference/quantus-localisation.py
"""

import json
import pathlib

import numpy as np
import quantus
import torch

random = np.random.default_rng(0)
height, width = 6, 8
box = np.zeros((height, width))
box[1:4, 2:7] = 1
corner = np.zeros((height, width))
corner[:2, :2] = 1
scattered = (random.random((height, width)) < 0.3).astype(float)
positive = random.random((height, width)).astype(np.float32)
signed = random.normal(size=(height, width)).astype(np.float32)
ramp = (np.arange(height * width) - 20).reshape(height, width).astype(np.float32) / 8
peaks = positive.copy()
peaks[[0, 5], [0, 7]] = 2  # two largest values: one in the corner, one outside every region

metrics = {
    "pointing": quantus.PointingGame(disable_warnings=True),
    "mass": quantus.RelevanceMassAccuracy(disable_warnings=True),
    "rank": quantus.RelevanceRankAccuracy(disable_warnings=True),
}
cases = []
for map_name, values in {"positive": positive, "signed": signed, "ramp": ramp, "two peaks": peaks}.items():
    for region_name, region in {"box": box, "corner": corner, "scattered": scattered}.items():
        scores = {
            name: float(
                metric(
                    model=torch.nn.Flatten(),
                    x_batch=np.zeros((1, 1, height, width)),
                    y_batch=np.array([0]),
                    a_batch=values.reshape(1, 1, height, width).copy(),
                    s_batch=region.reshape(1, 1, height, width),
                    channel_first=True,
                )[0]
            )
            for name, metric in metrics.items()
        }
        cases.append(
            {
                "name": f"{map_name} map, {region_name}",
                "height": height,
                "width": width,
                "map": values.flatten().tolist(),
                "region": region.flatten().astype(int).tolist(),
                **scores,
            }
        )
path = pathlib.Path(__file__).parents[2] / "packages/metrics/test/fixtures/quantus-localisation.json"
path.parent.mkdir(parents=True, exist_ok=True)
path.write_text(json.dumps(cases) + "\n")
