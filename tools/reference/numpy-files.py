"""Files of NumPy: packages/formats/test/fixtures/numpy.json. Archives stored and deflated, and .npy files of orders and types.

Needs: pip install numpy==2.4.6
Run: python tools/reference/numpy-files.py
"""

import base64
import io
import json
import pathlib

import numpy as np

a = np.arange(6, dtype=np.float32).reshape(2, 3) / 4
b = np.array([[1.5, -2.0]])


def saved(save, *arguments, **arrays):
    file = io.BytesIO()
    save(file, *arguments, **arrays)
    return base64.b64encode(file.getvalue()).decode()


fixture = {
    "archives": {
        "stored": saved(np.savez, **{"n01/a b": a, "é": b}),
        "deflated": saved(np.savez_compressed, **{"n01/a b": a, "é": b}),
        "empty": saved(np.savez),
    },
    "arrays": {"n01/a b": a.tolist(), "é": b.tolist()},
    "refused": {
        "big-endian": saved(np.save, a.astype(">f4")),
        "fortran": saved(np.save, np.asfortranarray(a)),
        "objects": saved(np.save, np.array([{"a": 1}], dtype=object)),
        "complex": saved(np.save, a.astype(np.complex64)),
    },
}
path = pathlib.Path(__file__).parents[2] / "packages/formats/test/fixtures/numpy.json"
path.parent.mkdir(parents=True, exist_ok=True)
path.write_text(json.dumps(fixture, separators=(",", ":")) + "\n")
