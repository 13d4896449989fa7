"""Writes packages/numerics/test/fixtures/reference.json: Student t, exact binomial, Tango's interval and bootstraps.

Needs: pip install numpy==2.4.6 scipy==1.17.1
Run:   python tools/reference/paired-statistics.py > packages/numerics/test/fixtures/reference.json

Tango's interval is found by profiling the multinomial likelihood numerically, without his closed form. The studentised
bootstrap is NumPy's, with 400,000 resamples of its own generator; scipy.stats.bootstrap gives BCa beside it.
"""

import json

import numpy as np
import scipy
from scipy import optimize, stats


def profile_score(gained, lost, n, difference):
    """Score statistic with the nuisance p (reference alone scores) maximised numerically."""
    same = n - gained - lost
    low, high = max(0.0, -difference), (1 - difference) / 2

    def negative_log_likelihood(p):
        parts = [(gained, p + difference), (lost, p), (same, 1 - difference - 2 * p)]
        return -sum(count * np.log(max(chance, 1e-300)) for count, chance in parts if count > 0)

    p = optimize.minimize_scalar(
        negative_log_likelihood, bounds=(low, high), method="bounded", options={"xatol": 1e-13}
    ).x
    variance = n * (2 * p + difference - difference**2)
    return (gained - lost - n * difference) / np.sqrt(variance)


def tango(gained, lost, n):
    observed = (gained - lost) / n
    z = stats.norm.ppf(0.975)
    ends = []
    for end in (-1 + 1e-9, 1 - 1e-9):
        outside = lambda d: abs(profile_score(gained, lost, n, d)) - z
        ends.append(float(optimize.brentq(outside, observed + np.sign(end) * 1e-7, end, xtol=1e-12)))
    return ends


def studentised(values, resamples=400_000):
    """0.95 quantile of |t*|; a resample of equal values has an infinite one."""
    rng = np.random.default_rng(7)
    n, mean = len(values), values.mean()
    pivots = []
    for _ in range(resamples // 20_000):
        drawn = values[rng.integers(0, n, (20_000, n))]
        deviation = drawn.std(axis=1, ddof=1)
        with np.errstate(divide="ignore"):
            pivots.append(np.abs(drawn.mean(axis=1) - mean) / (deviation / np.sqrt(n)))
    pivots = np.concatenate(pivots)
    t = abs(mean) / (values.std(ddof=1) / np.sqrt(n))
    return float(np.quantile(pivots, 0.95)), float(np.mean(pivots >= t))


rng = np.random.default_rng(20261125)
samples = {
    "normal": rng.normal(0.3, 1, 60),
    "skewed": rng.exponential(1, 30) - 0.6,
    "tied": np.where(rng.random(80) < 0.6, 0, rng.integers(-3, 6, 80)) / 10,
}
bootstraps = []
for name, values in samples.items():
    critical, p = studentised(values)
    bca = stats.bootstrap((values,), np.mean, method="BCa", n_resamples=20_000, rng=np.random.default_rng(3))
    percentile = stats.bootstrap((values,), np.mean, method="percentile", n_resamples=20_000, rng=np.random.default_rng(3))
    bootstraps.append(
        {
            "name": name,
            "values": values.tolist(),
            "critical": critical,
            "p": p,
            "bca": [float(end) for end in bca.confidence_interval],
            "percentile": [float(end) for end in percentile.confidence_interval],
        }
    )

counts = [(12, 5, 100), (3, 0, 40), (0, 0, 25), (40, 31, 400), (1, 9, 20), (0, 20, 20)]
print(
    json.dumps(
        {
            "versions": {"numpy": np.__version__, "scipy": scipy.__version__},
            "tails": [
                {"t": t, "df": df, "p": float(2 * stats.t.sf(t, df))}
                for t in (0.0, 0.3, 2.0, 4.302652729911275, 40.0)
                for df in (1, 2, 5.5, 30, 1e7)
            ],
            "quantiles": [
                {"p": p, "df": df, "t": float(stats.t.isf(p / 2, df))}
                for p in (1.0, 0.32, 0.05, 1e-6)
                for df in (1, 2, 5.5, 30, 1e7)
            ],
            "mcnemar": [
                {"gained": a, "lost": b, "p": float(stats.binomtest(a, a + b).pvalue) if a + b else 1.0}
                for a, b, _ in counts
            ],
            "tango": [
                {"gained": a, "lost": b, "n": n, "interval": tango(a, b, n)}
                for a, b, n in counts
                if 0 < a + b < n
            ],
            "bootstraps": bootstraps,
        },
        indent=1,
    )
)
