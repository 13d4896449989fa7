"""Areas under ROC curves with ties. Prints JSON for packages/metrics-concepts/test/fixtures/areas.json.

python areas.py > ../../packages/metrics-concepts/test/fixtures/areas.json
"""

import json

import numpy
import sklearn
from sklearn.metrics import roc_auc_score

cases = []
for seed, levels in [(1, 4), (2, 1000), (3, 2)]:
    random = numpy.random.default_rng(seed)
    values = random.integers(0, levels, 60) / levels
    mask = (random.uniform(size=60) < 0.2 + 0.5 * values).astype(int)
    cases.append(
        {
            "values": values.astype("float32").tolist(),
            "mask": mask.tolist(),
            "area": float(roc_auc_score(mask, values.astype("float32"))),
        }
    )

print(json.dumps({"scikit-learn": sklearn.__version__, "cases": cases}))
