"""Makes the interventional Shapley values that the forest's tests compare with, by shap.

Reads the rows of Tests/Fixtures/Forest/rows.csv and grows the forest of nodes.csv again, as
Tests/Fixtures/make_model_fixtures.py does; writes background.csv and interventional.csv beside them.
"""
import pathlib

import numpy as np
import shap
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier

folder = pathlib.Path(__file__).parent.parent.parent / "Fixtures/Forest"
x, y = make_classification(400, 10, n_informative=6, n_redundant=2, flip_y=0.1, weights=[0.7],
                           random_state=5)
x = x.astype(np.float32)
model = RandomForestClassifier(12, max_depth=7, min_samples_leaf=3, class_weight="balanced",
                               random_state=7).fit(x[:360], y[:360])
background, rows = x[:350:7][:50], x[360:]
explainer = shap.TreeExplainer(model, data=background, feature_perturbation="interventional")
values = explainer.shap_values(rows)[:, :, 1]
with open(folder / "background.csv", "w") as out:
    out.write("10 features\n")
    for row in background:
        out.write(",".join(map(repr, map(float, row))) + "\n")
with open(folder / "interventional.csv", "w") as out:
    out.write("10 features, probability, baseline, 10 contributions\n")
    for row, p, phi in zip(rows, model.predict_proba(rows)[:, 1], values):
        numbers = [*map(float, row), float(p), float(explainer.expected_value[1]), *map(float, phi)]
        out.write(",".join(map(repr, numbers)) + "\n")
