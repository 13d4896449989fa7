"""Optimal assignments of rectangular matrices. Prints JSON for packages/numerics/test/fixtures/assignment.json.

python assignment.py > ../../packages/numerics/test/fixtures/assignment.json
"""

import json

import numpy
import scipy
from scipy.optimize import linear_sum_assignment

problems = []
for rows, columns in [(6, 6), (10, 10), (7, 12), (12, 7), (40, 40)]:
    random = numpy.random.default_rng(rows * 100 + columns)
    values = numpy.round(random.uniform(-1, 1, (rows, columns)), 4)
    row, column = linear_sum_assignment(values, maximize=True)
    problems.append(
        {
            "rows": rows,
            "columns": columns,
            "values": values.ravel().tolist(),
            "total": float(values[row, column].sum()),
        }
    )

print(json.dumps({"numpy": numpy.__version__, "scipy": scipy.__version__, "problems": problems}))
