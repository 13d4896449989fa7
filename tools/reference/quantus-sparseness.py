"""Prints the Sparseness of small maps by Quantus 0.5.3, one image per call, for packages/metrics/test/sparseness.test.ts.

Needs: pip install quantus==0.5.3 torch
"""

import numpy as np
import quantus
import torch

maps = {
    "signed ramp": np.arange(-7, 9) / 4,
    "tiny values": 1e-9 * np.arange(16),
    "one pixel": np.eye(16)[5],
}
metric = quantus.Sparseness(abs=True, normalise=True, disable_warnings=True)
for name, values in maps.items():
    score = metric(
        model=torch.nn.Flatten(),
        x_batch=np.zeros((1, 1, 4, 4)),
        y_batch=np.array([0]),
        a_batch=values.reshape(1, 1, 4, 4),
        channel_first=True,
    )
    print(name, repr(float(score[0])))
