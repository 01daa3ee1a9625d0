"""Makes the reference values of the forest's and the metrics' tests with scikit-learn and shap."""
import pathlib

import numpy as np
import shap
from sklearn.calibration import _SigmoidCalibration
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (average_precision_score, brier_score_loss, log_loss,
                             precision_score, recall_score, roc_auc_score)

here = pathlib.Path(__file__).parent


def rounded_down(threshold):
    """The greatest float that is not above a double: floats go the same way at both."""
    narrow = np.float32(threshold)
    return np.nextafter(narrow, np.float32(-np.inf)) if narrow > threshold else narrow


def forest():
    x, y = make_classification(400, 10, n_informative=6, n_redundant=2, flip_y=0.1,
                               weights=[0.7], random_state=5)
    x = x.astype(np.float32)
    model = RandomForestClassifier(12, max_depth=7, min_samples_leaf=3, class_weight="balanced",
                                   random_state=7).fit(x[:360], y[:360])
    with open(here / "Forest/nodes.csv", "w") as out:
        out.write("tree,feature,threshold,true,false,value,cover\n")
        for number, made in enumerate(model.estimators_):
            t = made.tree_
            for i in range(t.node_count):
                leaf = t.children_left[i] < 0
                value = t.value[i][0][1] / t.value[i][0].sum() / len(model.estimators_)
                out.write(f"{number},{-1 if leaf else t.feature[i]},"
                          f"{0 if leaf else repr(float(rounded_down(t.threshold[i])))},"
                          f"{max(t.children_left[i], 0)},{max(t.children_right[i], 0)},"
                          f"{repr(float(value)) if leaf else 0},"
                          f"{repr(float(t.weighted_n_node_samples[i]))}\n")
    rows = x[360:]
    explainer = shap.TreeExplainer(model, feature_perturbation="tree_path_dependent")
    values = explainer.shap_values(rows)[:, :, 1]
    probability = model.predict_proba(rows)[:, 1]
    with open(here / "Forest/rows.csv", "w") as out:
        out.write("10 features, probability, baseline, 10 contributions\n")
        for row, p, phi in zip(rows, probability, values):
            numbers = [*map(float, row), float(p), float(explainer.expected_value[1]),
                       *map(float, phi)]
            out.write(",".join(map(repr, numbers)) + "\n")


def metrics():
    random = np.random.default_rng(11)
    labels = (random.random(400) < 0.3).astype(int)
    # Two decimals, so that there are ties.
    scores = np.round(1 / (1 + np.exp(-(random.normal(size=400) + 2.2 * labels - 1.5))), 2)
    with open(here / "Training/scores.csv", "w") as out:
        out.write("score,label\n")
        for score, label in zip(scores, labels):
            out.write(f"{float(score)!r},{label}\n")
    bins = np.minimum((scores * 10).astype(int), 9)
    ece = sum(abs(scores[bins == b].mean() - labels[bins == b].mean()) * (bins == b).sum()
              for b in range(10) if (bins == b).any()) / len(scores)
    odds = np.log(np.clip(scores, 1e-6, 1 - 1e-6) / (1 - np.clip(scores, 1e-6, 1 - 1e-6)))
    line = LogisticRegression(C=np.inf, tol=1e-12, max_iter=10000).fit(odds[:, None], labels)
    platt = _SigmoidCalibration().fit(scores, labels)
    called = scores >= 0.4
    areas = []
    while len(areas) < 4000:
        pick = random.integers(0, 400, 400)
        areas.append(roc_auc_score(labels[pick], scores[pick]))
    grid = np.linspace(-0.1, 1.1, 25)
    isotonic = IsotonicRegression(out_of_bounds="clip", y_min=0, y_max=1).fit(scores, labels)
    values = {
        "auroc": roc_auc_score(labels, scores),
        "averagePrecision": average_precision_score(labels, scores),
        "brier": brier_score_loss(labels, scores),
        "logLoss": log_loss(labels, np.clip(scores, 2**-52, 1 - 2**-52)),
        "ece": ece, "slope": line.coef_[0][0], "intercept": line.intercept_[0],
        "plattSlope": -platt.a_, "plattIntercept": -platt.b_,
        "sensitivity": recall_score(labels, called),
        "specificity": recall_score(1 - labels, 1 - called),
        "precision": precision_score(labels, called),
        "lower": np.quantile(areas, 0.025), "upper": np.quantile(areas, 0.975),
    }
    for x, p in zip(grid, isotonic.predict(grid)):
        values[f"isotonic {float(x)!r}"] = p
    with open(here / "Training/reference.csv", "w") as out:
        out.write("name,value\n")
        for name, value in values.items():
            out.write(f"{name},{float(value)!r}\n")


forest()
metrics()
