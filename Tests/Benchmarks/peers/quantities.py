"""Models of a quantity beside scikit-learn: the same rows put aside, both errors.

    quantities.py TWINCTL [SEEDS]

TWINCTL is the built twinctl. scikit-learn's diabetes table (442 patients, progression after a year):
for each of SEEDS splits (10) twinctl trains on four fifths and is judged by the rest, and so is
scikit-learn, whose machines and networks learn the quantity at mean 0 and deviation 1 as twinctl's
do. The mean R-squared must be within 0.02, or twinctl's the better; and the interval of 90 % must
hold 86 to 94 % of the rows put aside. Where ONNX Runtime is installed it opens every artifact and must
answer as twinctl says the rows were answered: the same RMSE to 1e-5. Needs numpy and scikit-learn;
ends with status 1 where a bound is missed.
"""
import csv
import json
import subprocess
import sys
import tempfile
import warnings

import numpy as np
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_diabetes
from sklearn.ensemble import ExtraTreesRegressor, RandomForestRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVR

try:
    import onnxruntime
except ImportError:
    onnxruntime = None

warnings.simplefilter("ignore", ConvergenceWarning)
KINDS = {"forest": ["--kind", "forest"], "extra trees": ["--kind", "forest", "--extra"],
         "svm": ["--kind", "svm"], "linear svm": ["--kind", "svm", "--kernel", "linear"],
         "network": ["--kind", "network"]}


def peer(kind, seed):
    trees = dict(n_estimators=500, max_depth=12, min_samples_leaf=3, max_features=1 / 3,
                 random_state=seed)
    if kind == "forest":
        return RandomForestRegressor(**trees)
    if kind == "extra trees":
        return ExtraTreesRegressor(**trees)
    if kind == "network":
        model = MLPRegressor(hidden_layer_sizes=(32, 16), max_iter=200, early_stopping=True, n_iter_no_change=20,
                             validation_fraction=1 / 6, batch_size=32, learning_rate_init=2e-3,
                             random_state=seed)
    else:
        model = SVR(kernel="linear" if kind == "linear svm" else "rbf")
    return make_pipeline(StandardScaler(), TransformedTargetRegressor(
        model, transformer=StandardScaler()))


def runtime_error(path, x, y):
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    answers = session.run(None, {"features": x.astype(np.float32)})[0][:, 0]
    return root_mean_squared_error(y, answers)


def main(program, seeds="10"):
    data = load_diabetes(scaled=False)
    x, y = data.data, data.target
    good = True
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/diabetes.csv"
        with open(path, "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([*data.feature_names, "progression"])
            writer.writerows([*map(repr, map(float, row)), repr(float(own))]
                             for row, own in zip(x, y))
        print(f"diabetes, means over {seeds} splits: RMSE, MAE, R2; rows within the 90 % interval")
        for kind, options in KINDS.items():
            ours, theirs, held = [], [], []
            for seed in range(1, int(seeds) + 1):
                artifact = f"{folder}/model.onnx"
                text = subprocess.run(
                    [program, "model", "train", *options, "--table", path, "--label",
                     "progression", "--target", "quantity", "--unit", "{score}", "--holdout", "0.2",
                     "--seed", str(seed), "--folds", "0", "--out", artifact, "--json"], check=True,
                    stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
                made = json.loads(text)
                test = made["holdoutRows"]
                train = np.setdiff1d(np.arange(len(y)), test)
                told = peer(kind, seed).fit(x[train], y[train]).predict(x[test])
                own = made["holdout"]
                ours.append((own["rmse"], own["mae"], own["r2"]))
                held.append(made["holdoutCoverage"])
                theirs.append((root_mean_squared_error(y[test], told),
                               mean_absolute_error(y[test], told), r2_score(y[test], told)))
                if onnxruntime:
                    runtime = runtime_error(artifact, x[test], y[test])
                    if abs(runtime - own["rmse"]) > 1e-5 * own["rmse"]:
                        print(f"  {kind}: ONNX Runtime {runtime}, twinctl {own['rmse']}")
                        good = False
            own, other = np.mean(ours, axis=0), np.mean(theirs, axis=0)
            fits = own[2] > other[2] - 0.02 and 0.86 <= np.mean(held) <= 0.94
            good &= fits
            print(f"  {kind:11} twinctl {own[0]:.2f} {own[1]:.2f} {own[2]:.3f} "
                  f"({np.mean(held):.3f})   scikit-learn {other[0]:.2f} {other[1]:.2f} "
                  f"{other[2]:.3f}   {'good' if fits else 'MISSED'}", flush=True)
    sys.exit(0 if good else 1)


main(*sys.argv[1:])
