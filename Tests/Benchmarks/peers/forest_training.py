"""Forest training, validation and explanation: scikit-learn and shap beside ours, in one run.

    forest_training.py BENCHMARK [CINC_FOLDER OUTCOMES]

BENCHMARK is the built ForestBenchmark. With the folder of the unpacked set a of the 2012 challenge
and its outcomes, the cross-validation runs too. Needs numpy, scikit-learn and shap.
"""
import csv
import os
import subprocess
import sys
import tempfile
import time

import numpy as np
import shap
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score
from sklearn.model_selection import StratifiedKFold

SERIES = """Albumin ALP ALT AST Bilirubin BUN Cholesterol Creatinine DiasABP FiO2 GCS Glucose HCO3
HCT HR K Lactate Mg MAP MechVent Na NIDiasABP NIMAP NISysABP PaCO2 PaO2 pH Platelets RespRate SaO2
SysABP Temp TroponinI TroponinT Urine WBC Weight""".split()
STATIC = "Age Gender Height ICUType".split()


def ours(benchmark, table, x, y, folds, mode, *numbers):
    cells = np.hstack([x, y[:, None], folds[:, None]]).astype("<f4")
    cells.tofile(table)
    subprocess.run([benchmark, mode, table, *map(str, [len(x), x.shape[1], *numbers])], check=True)


def processor_seconds(work):
    start = time.process_time()
    return work(), time.process_time() - start


def grow(benchmark, table, depth):
    x, y = make_classification(25000, 100, n_informative=30, n_redundant=20,
                               n_clusters_per_class=8, flip_y=0.05, random_state=3)
    x = x.astype(np.float32)
    print(f"20,000 x 100, 100 trees, depth {depth}", flush=True)
    ours(benchmark, table, x, y, 0 * y, "grow", 20000, 100, depth)
    model, seconds = processor_seconds(lambda: RandomForestClassifier(
        100, max_depth=depth, random_state=1, n_jobs=1).fit(x[:20000], y[:20000]))
    print("scikit-learn grow", seconds, "s")
    print("scikit-learn auroc", roc_auc_score(y[20000:], model.predict_proba(x[20000:])[:, 1]))
    explainer = shap.TreeExplainer(model, feature_perturbation="tree_path_dependent")
    _, seconds = processor_seconds(
        lambda: explainer.shap_values(x[20000:20050], check_additivity=False))
    print("shap explain", seconds / 50 * 1e6, "us a row;",
          sum(t.get_n_leaves() for t in model.estimators_), "leaves", flush=True)


def summary(path):
    static, series = {}, {name: [] for name in SERIES}
    with open(path) as lines:
        next(lines)
        for line in lines:
            at, name, value = line.strip().split(",")
            value = float(value or -1)
            if name in STATIC and at == "00:00":
                static[name] = value if value >= 0 else np.nan
            elif name in series and value != -1:
                series[name].append(value)
    row = [static.get(name, np.nan) for name in STATIC]
    for values in series.values():
        row += ([values[-1], min(values), max(values), np.mean(values), values[0], len(values)]
                if values else [np.nan] * 5 + [0])
    return row


def validate(benchmark, table, folder, outcomes):
    with open(outcomes) as lines:
        died = {r["RecordID"]: int(r["In-hospital_death"]) for r in csv.DictReader(lines)}
    records = sorted(f[:-4] for f in os.listdir(folder) if f[:-4] in died)
    x = np.array([summary(f"{folder}/{r}.txt") for r in records], np.float32)
    y = np.array([died[r] for r in records])
    folds = np.zeros(len(y), int)
    for k, (_, test) in enumerate(StratifiedKFold(5, shuffle=True, random_state=0).split(x, y)):
        folds[test] = k
    for leaf in (1, 5):
        print(f"challenge 2012 set a, {x.shape}, 500 trees, leaves of {leaf}, 5 folds", flush=True)
        ours(benchmark, table, x, y, folds, "validate", 500, leaf)
        scores, start = np.zeros(len(y)), time.process_time()
        for k in range(5):
            model = RandomForestClassifier(500, min_samples_leaf=leaf, random_state=k, n_jobs=1)
            scores[folds == k] = model.fit(x[folds != k], y[folds != k]).predict_proba(
                x[folds == k])[:, 1]
        print("scikit-learn validate", time.process_time() - start, "s")
        each = [roc_auc_score(y[folds == k], scores[folds == k]) for k in range(5)]
        print("scikit-learn auroc pooled", roc_auc_score(y, scores), "by fold", np.mean(each))
        print("scikit-learn average precision", average_precision_score(y, scores), "brier",
              brier_score_loss(y, scores), flush=True)


with tempfile.NamedTemporaryFile() as table:
    for depth in (8, 16):
        grow(sys.argv[1], table.name, depth)
    if len(sys.argv) > 3:
        validate(sys.argv[1], table.name, sys.argv[2], sys.argv[3])
