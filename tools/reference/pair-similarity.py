"""Activation-weighted mean similarity over all pairs. Prints JSON for packages/metrics-concepts/test/fixtures/pair-similarity.json.

python pair-similarity.py > ../../packages/metrics-concepts/test/fixtures/pair-similarity.json
"""

import json

import numpy

random = numpy.random.default_rng(2504)
count, size = 40, 6
embeddings = numpy.round(random.normal(size=(count, size)), 3)
embeddings /= numpy.linalg.norm(embeddings, axis=1, keepdims=True)
weights = numpy.round(numpy.maximum(0, random.normal(size=count)), 3)
similarity = embeddings @ embeddings.T
pair_weights = numpy.outer(weights, weights)
numpy.fill_diagonal(pair_weights, 0)
print(
    json.dumps(
        {
            "numpy": numpy.__version__,
            "count": count,
            "size": size,
            "embeddings": embeddings.ravel().tolist(),
            "weights": weights.tolist(),
            "similarity": float((pair_weights * similarity).sum() / pair_weights.sum()),
        }
    )
)
