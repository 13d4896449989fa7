"""Prints the structural similarity of two maps by scikit-image, for packages/metrics/test/similarity.test.ts.

Needs: pip install scikit-image numpy
"""

import numpy as np
import skimage
from skimage.metrics import structural_similarity

i = np.arange(72)
ramp = ((i % 11) / 4).astype(np.float32).astype(np.float64)
other = (((7 * i) % 13) / 6 - 1).astype(np.float32).astype(np.float64)
data_range = max(ramp.max(), other.max()) - min(ramp.min(), other.min())
print(skimage.__version__)
print("7 x 7", repr(float(structural_similarity(ramp.reshape(9, 8), other.reshape(9, 8), data_range=data_range))))
print("row", repr(float(structural_similarity(ramp, other, data_range=data_range))))
