"""The worked example beside scikit-learn: the same rows put aside, both accuracies.

    worked_example.py TWINCTL [SEEDS]

TWINCTL is the built twinctl. First the shipped heart table: for each of SEEDS splits (10) twinctl
trains on four fifths and is judged by the rest, and so is scikit-learn; the means must be within
one point, or twinctl's the better. Then scikit-learn's breast cancer table by five folds, beside
what scikit-learn's own reach there. Needs numpy and scikit-learn; ends with status 1 where
a bound is missed.
"""
import csv
import json
import pathlib
import subprocess
import sys
import tempfile
import warnings

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.impute import SimpleImputer
from sklearn.metrics import roc_auc_score
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

HEART = pathlib.Path(__file__).parents[3] / "deploy/samples/heart/heart.csv"
# By five folds, with seed 0.
ANCHORS = {"svm": 0.975, "forest": 0.961, "network": 0.977}


warnings.simplefilter("ignore", ConvergenceWarning)


def peer(kind, seed):
    if kind == "svm":
        model = CalibratedClassifierCV(SVC(), ensemble=False)
    elif kind == "forest":
        model = RandomForestClassifier(500, max_depth=12, min_samples_leaf=3, random_state=seed)
    else:
        model = MLPClassifier((32, 16), max_iter=500, random_state=seed)
    return make_pipeline(SimpleImputer(strategy="median"), StandardScaler(), model)


def twinctl(program, *arguments):
    text = subprocess.run([program, "model", *map(str, arguments), "--json"], check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    return json.loads(text)


def heart(program, seeds, folder):
    with open(HEART) as file:
        rows = list(csv.reader(file))[1:]
    table = np.array([[float(v) if v else np.nan for v in row] for row in rows])
    x, y = table[:, :-1], table[:, -1].astype(int)
    good = True
    print(f"{HEART.name}, means over {seeds} splits: accuracy and AUROC")
    for kind in ANCHORS:
        ours, theirs = [], []
        for seed in range(1, seeds + 1):
            made = twinctl(program, "train", "--kind", kind, "--table", HEART, "--label",
                           "heart_disease", "--holdout", 0.2, "--seed", seed, "--folds", 0,
                           "--out", f"{folder}/{kind}.onnx")
            test = made["holdoutRows"]
            train = np.setdiff1d(np.arange(len(y)), test)
            model = peer(kind, seed).fit(x[train], y[train])
            p = model.predict_proba(x[test])[:, 1]
            ours.append((made["holdout"]["accuracy"], made["holdout"]["auroc"]))
            theirs.append((np.mean((p > 0.5) == y[test]), roc_auc_score(y[test], p)))
        own, other = np.mean(ours, axis=0), np.mean(theirs, axis=0)
        fits = own[0] > other[0] - 0.01
        good &= fits
        print(f"  {kind:8} twinctl {own[0]:.3f} {own[1]:.3f}   scikit-learn {other[0]:.3f} "
              f"{other[1]:.3f}   {'good' if fits else 'MORE THAN ONE POINT BELOW'}", flush=True)
    return good


def breast_cancer(program, folder):
    data = load_breast_cancer()
    path = f"{folder}/breast_cancer.csv"
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*(name.replace(" ", "_") for name in data.feature_names), "benign"])
        writer.writerows([*map(repr, map(float, row)), label]
                         for row, label in zip(data.data, data.target))
    good = True
    print("breast cancer, accuracy by five folds")
    for kind, anchor in ANCHORS.items():
        own = twinctl(program, "evaluate", "--kind", kind, "--table", path, "--label", "benign",
                      "--folds", 5, "--seed", 1)["model"]["accuracy"]
        fits = own > anchor - 0.01
        good &= fits
        print(f"  {kind:8} twinctl {own:.3f}   scikit-learn {anchor:.3f}   "
              f"{'good' if fits else 'MORE THAN ONE POINT BELOW'}", flush=True)
    return good


def main(program, seeds="10"):
    with tempfile.TemporaryDirectory() as folder:
        good = heart(program, int(seeds), folder)
        good &= breast_cancer(program, folder)
    sys.exit(0 if good else 1)


main(*sys.argv[1:])
