"""TCAV: packages/concepts-tcav/test/fixtures/logistic.json and tools/conformance/test/fixtures/tcav.json.

Logistic regressions of scikit-learn, on activations about their mean over their root mean square distance from it. TCAV of Captum with such a
classifier, of the layer after the mean over places, whose gradient a direction of all places has; the draws are those of @espalier/concepts-tcav
with the seed 0, which has its own generator: its test fails where it draws others. Welch's test is that of SciPy.

Needs: Python 3.11; pip install torch==2.15.0 captum==0.9.0 scikit-learn==1.9.1 scipy==1.17.1
Run: python tools/reference/tcav.py
"""

import json
import pathlib
import tempfile

import numpy as np
import torch
from captum.concept import TCAV, Classifier, Concept
from scipy.stats import ttest_ind
from sklearn.linear_model import LogisticRegression
from torch import nn
from torch.utils.data import DataLoader

root = pathlib.Path(__file__).resolve().parents[2]
random = np.random.default_rng(11)
ALPHA, HELD = 0.05, 3
# Places in the examples of two concepts, and in the counterparts: the first HELD of 8 are held out.
DRAWS = [
    [[5, 3, 7, 4, 1, 2, 0, 6], [13, 9, 12, 11, 15, 10, 8, 14], [13, 4, 0, 1, 2, 3, 5, 14, 9, 11, 8, 12, 15, 10, 6, 7]],
    [[0, 1, 2, 7, 6, 5, 3, 4], [15, 14, 10, 8, 11, 9, 13, 12], [2, 3, 0, 10, 12, 9, 14, 11, 1, 13, 8, 4, 6, 5, 15, 7]],
    [[6, 7, 4, 3, 2, 1, 5, 0], [9, 14, 11, 10, 13, 8, 15, 12], [2, 6, 5, 0, 1, 13, 7, 4, 14, 12, 9, 15, 3, 10, 11, 8]],
]


def listed(array):
    return [float(f"{value:.9g}") for value in np.asarray(array, dtype=np.float64).ravel()]


def separated(rows, is_positive, alpha):
    """Weights and intercept for the rows as they are."""
    mean = rows.mean(0)
    scale = np.sqrt(((rows - mean) ** 2).sum() / len(rows))
    model = LogisticRegression(C=1 / (len(rows) * alpha), tol=1e-14, max_iter=100_000, solver="newton-cholesky")
    model.fit((rows - mean) / scale, is_positive)
    weights = model.coef_[0] / scale
    return weights, model.intercept_[0] - weights @ mean


def logistic(rows, columns, positive, shift, alpha):
    values = random.normal(size=(rows, columns)) * random.gamma(1, size=columns) + random.normal(size=columns)
    target = np.arange(rows) < positive
    values[target] += shift * random.normal(size=columns)
    values = values.astype(np.float32).astype(np.float64)
    weights, intercept = separated(values, target, alpha)
    return {
        **{"rows": rows, "columns": columns, "positive": positive, "alpha": alpha, "values": listed(values)},
        **{"weights": listed(weights), "intercept": float(intercept)},
    }


class Exact(Classifier):
    def __init__(self):
        pass

    def train_and_eval(self, dataloader, **kwargs):
        batches = [(rows, labels) for rows, labels in dataloader]
        rows = torch.cat([rows for rows, _ in batches]).double().numpy()
        labels = torch.cat([labels for _, labels in batches]).numpy()
        # Captum numbers labels as concepts come; the one with the smaller id is the concept.
        self.ids = sorted(set(labels.tolist()))
        self.direction, self.offset = separated(rows, labels == self.ids[0], ALPHA)
        length = np.linalg.norm(self.direction)
        self.direction, self.offset = self.direction / length, self.offset / length
        return {}

    def weights(self):
        unit = torch.tensor(self.direction, dtype=torch.float32)
        return torch.stack([unit, -unit])

    def classes(self):
        return self.ids


class Small(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.relu, self.mean = nn.Conv2d(3, 5, 2, stride=2), nn.ReLU(), nn.AdaptiveAvgPool2d(1)
        self.fc1, self.end, self.fc2 = nn.Linear(5, 6), nn.ReLU(), nn.Linear(6, 3)

    def forward(self, x):
        return self.fc2(self.end(self.fc1(self.mean(self.relu(self.conv(x))).flatten(1))))


def pictures(count, tint):
    """n h w c in [0, 1]."""
    return (0.6 * random.random((count, 8, 8, 3)) + np.asarray(tint)).round(2).astype(np.float32)


def tensor(images):
    return torch.tensor(images).permute(0, 3, 1, 2).contiguous()


def captum():
    torch.manual_seed(3)
    model = Small().eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.tensor(random.normal(size=parameter.shape) * 0.7))
    # Each of its own tint, and units that part them: slopes differ.
    images = np.concatenate([pictures(1, 0.4 * random.random(3)) for _ in range(12)])
    with torch.no_grad():
        pooled = nn.Sequential(model.conv, model.relu, model.mean, nn.Flatten())(tensor(images))
        model.fc1.bias.copy_(-(model.fc1.weight @ pooled.mean(0)))
    examples = np.concatenate([pictures(8, [0.3, 0, 0]), pictures(8, 0.2)])
    counterparts = pictures(16, 0.2)
    draws = []
    for order in DRAWS:
        others = order[2][:8]
        sides = [(examples, order[0]), (examples, order[1]), (counterparts, order[2][8:])]
        vectors = [one(model, images, rows[places[HELD:]], counterparts[others[HELD:]],
                       rows[places[:HELD]], counterparts[others[:HELD]]) for rows, places in sides]
        draws.append({"concepts": vectors[:2], "chance": vectors[2]})
    scores = [[draw["concepts"][k]["signCount"] for draw in draws] for k in range(2)]
    chance = [draw["chance"]["signCount"] for draw in draws]
    with torch.no_grad():
        weights = {name: {"shape": list(value.shape), "data": listed(value)} for name, value in model.named_parameters()}
    return {
        **{"alpha": ALPHA, "weights": weights, "images": listed(images), "examples": listed(examples)},
        **{"counterparts": listed(counterparts), "logits": listed(model(tensor(images)).detach()), "draws": draws},
        "p": [[float(ttest_ind([d[c] for d in own], [d[c] for d in chance], equal_var=False).pvalue) for c in range(3)]
              for own in scores],
    }


def one(model, images, concept, others, held, held_others):
    classifier = Exact()
    with tempfile.TemporaryDirectory() as folder:
        tcav = TCAV(model, ["mean"], classifier=classifier, save_path=folder)
        sets = [Concept(i, str(i), DataLoader(tensor(rows), batch_size=4)) for i, rows in enumerate([concept, others])]
        count = []
        for target in range(3):
            found = tcav.interpret(tensor(images), [sets], target=target)["0-1"]["mean"]
            count.append(float(found["sign_count"][0]))
    with torch.no_grad():
        layer = nn.Sequential(model.conv, model.relu, model.mean, nn.Flatten())
        sides = [layer(tensor(rows)).double().numpy() @ classifier.direction + classifier.offset for rows in (held, held_others)]
    right = (sides[0] > 0).sum() + (sides[1] <= 0).sum()
    return {
        **{"direction": listed(classifier.direction), "offset": float(classifier.offset)},
        **{"signCount": count, "accuracy": float(right / (2 * HELD))},
    }


def write(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value) + "\n")


write(root / "packages/concepts-tcav/test/fixtures/logistic.json", [
    logistic(24, 5, 12, 0.5, 0.01),
    logistic(12, 20, 6, 0.3, 0.01),
    logistic(20, 4, 10, 8, 0.001),
    logistic(15, 6, 4, 0, 1),
])
write(root / "tools/conformance/test/fixtures/tcav.json", captum())
