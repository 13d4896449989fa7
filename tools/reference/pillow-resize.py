"""Writes Pillow's bilinear resize of small seeded images: packages/images/test/fixtures/pillow-resize.json.

Usage: python tools/reference/pillow-resize.py (Pillow 13.0.0, NumPy 2.4.6)
"""

import json
from pathlib import Path

import numpy as np
from PIL import Image, __version__

SIZES = [((5, 7), (9, 12)), ((12, 9), (5, 4)), ((16, 16), (16, 10)), ((20, 30), (6, 9)), ((3, 40), (3, 8))]

random = np.random.default_rng(20250923)
cases = []
for start, end in SIZES:
    pixels = random.integers(0, 256, (*start, 3), dtype=np.uint8)
    resized = Image.fromarray(pixels).resize(end[::-1], Image.Resampling.BILINEAR)
    cases.append({"from": start, "to": end, "pixels": pixels.ravel().tolist(), "resized": np.asarray(resized).ravel().tolist()})

target = Path(__file__).parents[2] / "packages/images/test/fixtures/pillow-resize.json"
target.write_text(json.dumps({"pillow": __version__, "cases": cases}, separators=(",", ":")) + "\n")
