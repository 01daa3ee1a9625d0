"""Makes the reference values of the tests of selection, scaling and temperature with scikit-learn.

Needs numpy, scipy and scikit-learn; reads Training/scores.csv of make_model_fixtures.py.
"""
import csv
import pathlib

import numpy as np
from scipy.optimize import minimize_scalar
from sklearn.datasets import make_classification
from sklearn.feature_selection import RFE, f_classif
from sklearn.impute import SimpleImputer
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import mutual_info_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

here = pathlib.Path(__file__).parent / "Training"


def bins(column, count=10):
    present = np.sort(column[~np.isnan(column)])
    edges = np.array([present[i * len(present) // count] for i in range(1, count)])
    return np.where(np.isnan(column), count, np.searchsorted(edges, column, side="right"))


def sparse(strength):
    return LogisticRegression(l1_ratio=1, C=strength, solver="saga", tol=1e-10, max_iter=100000)


def selection(out):
    x, y = make_classification(300, 8, n_informative=3, n_redundant=1, flip_y=0.1,
                               random_state=11)
    rng = np.random.default_rng(12)
    x = x * [1, 10, 0.1, 1, 3, 1, 100, 1] + [0, 50, 0, -2, 0, 0, 1000, 0]
    x[rng.random(300) < np.where(y, 0.3, 0.1), 1] = np.nan
    x[rng.random(300) < 0.2, 5] = np.nan
    x = x.round(3).astype(np.float32)
    with open(here / "selection.csv", "w") as table:
        table.write(",".join(f"f{i}" for i in range(8)) + ",label\n")
        for row, label in zip(x, y):
            cells = ["nan" if np.isnan(v) else f"{v:.3f}" for v in row]
            table.write(",".join(cells + [str(label)]) + "\n")
    x = x.astype(float)
    for i in range(8):
        known = ~np.isnan(x[:, i])
        out(f"variance {i}", np.nanvar(x[:, i]))
        out(f"ratio {i}", f_classif(x[known, i:i + 1], y[known])[0][0])
        out(f"information {i}", mutual_info_score(bins(x[:, i]), y))
    scaled = make_pipeline(SimpleImputer(strategy="median"), StandardScaler()).fit_transform(x)
    ranged = MinMaxScaler().fit_transform(x)
    for i in range(8):
        out(f"scaled {i}", scaled[7, i])
        out(f"ranged {i}", ranged[7, i])
    for strength in (0.02, 0.1, 10):
        model = sparse(strength).fit(scaled, y)
        for i, weight in enumerate(model.coef_[0]):
            out(f"sparse {strength} {i}", weight)
        out(f"sparse {strength} intercept", model.intercept_[0])
    for i, rank in enumerate(RFE(sparse(1), n_features_to_select=1).fit(scaled, y).ranking_):
        out(f"rank {i}", rank)
    model = sparse(10).fit(scaled, y)
    found = permutation_importance(model, scaled, y, scoring="roc_auc", n_repeats=400,
                                   random_state=0)
    for i, mean in enumerate(found.importances_mean):
        out(f"permuted {i}", mean)


def temperature(out):
    with open(here / "scores.csv") as lines:
        rows = [(float(r["score"]), int(r["label"])) for r in csv.DictReader(lines)]
    scores, labels = map(np.array, zip(*rows))
    odds = np.log(scores / (1 - scores))

    def loss(inverse):
        return np.sum(np.logaddexp(0, np.where(labels, -1, 1) * inverse * odds))
    out("temperature", 1 / minimize_scalar(loss, bounds=(0.01, 100), method="bounded",
                                           options={"xatol": 1e-12}).x)


with open(here / "selection_reference.csv", "w") as file:
    file.write("name,value\n")

    def write(name, value):
        file.write(f"{name},{float(value)!r}\n")
    selection(write)
    temperature(write)
