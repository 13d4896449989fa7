"""Imputes the scenes of road.ts with Quantus 0.5.3's own function, one run per line read from standard input.

Usage: road_quantus.py FOLDER. The folder has image.f64 (h w c), <scene>.u32 (pixels in the order of removal) and
road.json ({"height", "width", "counts"}). A line that names a scene runs it at every level, without noise, writes
<scene>.out.f64 (s h w c) and answers with the seconds it took. The first answer is the version of Quantus.

Needs: pip install quantus==0.5.3 torch
"""

import json
import os
import sys
import time

os.environ["OMP_NUM_THREADS"] = "1"  # SuperLU runs on one thread; nothing else here should run on more

import numpy as np
import quantus
from quantus.functions.perturb_func import noisy_linear_imputation

folder = sys.argv[1]
with open(f"{folder}/road.json") as file:
    task = json.load(file)
image = np.fromfile(f"{folder}/image.f64").reshape(task["height"], task["width"], 3)
image = np.ascontiguousarray(image.transpose(2, 0, 1))
print(quantus.__version__, flush=True)
for line in sys.stdin:
    scene = line.strip()
    order = np.fromfile(f"{folder}/{scene}.u32", dtype=np.uint32).astype(np.int64)
    start = time.perf_counter()
    images = [noisy_linear_imputation(image, order[:count], noise=0.0) for count in task["counts"]]
    seconds = time.perf_counter() - start
    np.stack(images).transpose(0, 2, 3, 1).astype(np.float64).tofile(f"{folder}/{scene}.out.f64")
    print(seconds, flush=True)
