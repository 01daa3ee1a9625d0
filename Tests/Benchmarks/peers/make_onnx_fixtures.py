"""Makes the ONNX fixtures of ModelONNXTests: small models, inputs, and ONNX Runtime's answers.

Needs scikit-learn, skl2onnx, onnx, onnxruntime, lightgbm, xgboost and onnxmltools. Usage: make_onnx_fixtures.py OUTPUT_DIRECTORY
Each fixture is NAME.onnx and NAME.csv; the columns of the latter are x0... (inputs, empty where
missing), label (the first output, empty where there is one alone) and y0... (the last output, row
by row). Models from scikit-learn's own data sets, and networks, are in onnx_fixture_zoo.py.
"""

import csv
import os
import sys

import lightgbm
import numpy as np
import onnx
import onnxmltools
import onnxruntime
import xgboost
from onnx import TensorProto, helper, numpy_helper
from onnxmltools.convert.common.data_types import FloatTensorType
from skl2onnx import to_onnx
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import make_classification
from sklearn.ensemble import (
    GradientBoostingClassifier,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer, StandardScaler
from sklearn.svm import SVC

ROWS = 40
random = np.random.default_rng(7)


def data(features, classes, missing=0.0):
    x, y = make_classification(
        n_samples=300, n_features=features, n_informative=features - 1, n_redundant=1,
        n_classes=classes, random_state=11)
    x = x.astype(np.float32)
    if missing:
        x[random.random(x.shape) < missing] = np.nan
    return x, y


def answers(model, rows):
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"])
    feeds, start = {}, 0
    for port in session.get_inputs():
        shape = [size if isinstance(size, int) else -1 for size in port.shape[1:]]
        width = rows.shape[1] if -1 in shape else int(np.prod(shape))
        kind = {"tensor(float)": np.float32, "tensor(double)": np.float64,
                "tensor(int64)": np.int64, "tensor(bool)": np.bool_}[port.type]
        feeds[port.name] = rows[:, start:start + width].reshape([len(rows)] + shape).astype(kind)
        start += width
    if session.get_inputs()[0].shape[0] == 1:
        parts = [session.run(None, {k: v[i:i + 1] for k, v in feeds.items()}) for i in range(len(rows))]
        outputs = [np.concatenate(part) for part in zip(*parts)]
    else:
        outputs = session.run(None, feeds)
    return outputs[0] if len(outputs) > 1 else None, outputs[-1]


def keep(directory, name, model, rows):
    labels, scores = answers(model, rows)
    if isinstance(scores[0], dict):
        scores = [list(row.values()) for row in scores]
    scores = np.asarray(scores, dtype=np.float32).reshape(len(rows), -1)
    labels = [""] * len(rows) if labels is None else np.asarray(labels).reshape(len(rows), -1)[:, 0]
    if len(model.SerializeToString()) >= 60_000:
        raise ValueError(f"{name} is too large")
    path = os.path.join(directory, name)
    onnx.save(model, path + ".onnx")
    with open(path + ".csv", "w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(
            [f"x{i}" for i in range(rows.shape[1])] + ["label"]
            + [f"y{i}" for i in range(scores.shape[1])])
        for row, label, score in zip(rows, labels, scores):
            table.writerow(
                ["" if np.isnan(v) else repr(float(v)) for v in row] + [str(label)]
                + [repr(float(v)) for v in score])
    print(f"{name}: {os.path.getsize(path + '.onnx')} bytes")


def learned(directory, name, estimator, features=6, classes=2, missing=0.0, words=None, zipmap=False):
    x, y = data(features, classes, missing)
    if words:
        y = np.array(words)[y]
    estimator.fit(x, y)
    options = {"zipmap": zipmap} if hasattr(estimator, "classes_") else None
    target = {"": 15, "ai.onnx.ml": 3}
    if options and not isinstance(estimator, SVC):
        options = {id(estimator): options}
        model = to_onnx(estimator, x[:1], options=options, target_opset=target)
    elif options:
        model = to_onnx(estimator, x[:1], options={SVC: options}, target_opset=target)
    else:
        model = to_onnx(estimator, x[:1], target_opset=target)
    keep(directory, name, model, x[:ROWS])


def boosted(directory):
    """Boosted trees of two other libraries; they know what to do with missing values."""
    x, y = data(6, 2, 0.2)
    shape = [("X", FloatTensorType([None, 6]))]
    light = lightgbm.LGBMClassifier(n_estimators=15, num_leaves=8, verbose=-1).fit(x, y)
    keep(directory, "lightgbm", onnxmltools.convert_lightgbm(
        light, initial_types=shape, zipmap=False, target_opset=15), x[:ROWS])
    extreme = xgboost.XGBClassifier(n_estimators=15, max_depth=3).fit(x, y)
    keep(directory, "xgboost", onnxmltools.convert_xgboost(
        extreme, initial_types=shape, target_opset=15), x[:ROWS])
    x, y = data(6, 3)
    extreme = xgboost.XGBClassifier(n_estimators=6, max_depth=3).fit(x, y)
    keep(directory, "xgboost_three", onnxmltools.convert_xgboost(
        extreme, initial_types=shape, target_opset=15), x[:ROWS])


def graph(nodes, inputs, outputs, constants=()):
    return helper.make_model(
        helper.make_graph(
            nodes, "g",
            [helper.make_tensor_value_info(n, t, s) for n, t, s in inputs],
            [helper.make_tensor_value_info(n, t, s) for n, t, s in outputs],
            [numpy_helper.from_array(value, name) for name, value in constants]),
        opset_imports=[helper.make_opsetid("", 15), helper.make_opsetid("ai.onnx.ml", 3)],
        ir_version=8)


FLOAT, INT = TensorProto.FLOAT, TensorProto.INT64
MODES = ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"]


def trees(transform, class_of_leaf, class_count, weights=None, base=None, regressor=None):
    """One tree of seven nodes for each branch mode; missing values go true in every other one."""
    columns = {k: [] for k in ("tree", "node", "feature", "value", "mode", "true", "false", "missing")}
    leaves = {k: [] for k in ("tree", "node", "id", "weight")}
    for tree, mode in enumerate(MODES):
        for node in range(7):
            leaf = node >= 3
            columns["tree"].append(tree)
            columns["node"].append(node)
            columns["feature"].append(0 if leaf else (tree + node) % 3)
            columns["value"].append(0.0 if leaf else float((node - 1) * 0.5))
            columns["mode"].append("LEAF" if leaf else mode)
            columns["true"].append(0 if leaf else 2 * node + 1)
            columns["false"].append(0 if leaf else 2 * node + 2)
            columns["missing"].append(0 if leaf else tree % 2)
            if leaf:
                for k in class_of_leaf(tree, node):
                    leaves["tree"].append(tree)
                    leaves["node"].append(node)
                    leaves["id"].append(k)
                    leaves["weight"].append(
                        weights(tree, node, k) if weights else float(random.normal()) / 3)
    shared = dict(
        nodes_treeids=columns["tree"], nodes_nodeids=columns["node"],
        nodes_featureids=columns["feature"], nodes_values=columns["value"],
        nodes_modes=columns["mode"], nodes_truenodeids=columns["true"],
        nodes_falsenodeids=columns["false"], nodes_missing_value_tracks_true=columns["missing"],
        post_transform=transform, domain="ai.onnx.ml")
    if base:
        shared["base_values"] = base
    x = ("X", FLOAT, [None, 3])
    if regressor:
        node = helper.make_node(
            "TreeEnsembleRegressor", ["X"], ["Y"], n_targets=class_count,
            target_treeids=leaves["tree"], target_nodeids=leaves["node"], target_ids=leaves["id"],
            target_weights=leaves["weight"], aggregate_function=regressor, **shared)
        return graph([node], [x], [("Y", FLOAT, [None, class_count])])
    node = helper.make_node(
        "TreeEnsembleClassifier", ["X"], ["L", "Y"], classlabels_int64s=list(range(class_count)),
        class_treeids=leaves["tree"], class_nodeids=leaves["node"], class_ids=leaves["id"],
        class_weights=leaves["weight"], **shared)
    return graph([node], [x], [("L", INT, [None]), ("Y", FLOAT, [None, class_count])])


def grid():
    rows = random.choice(
        np.array([-1.0, -0.5, 0.0, 0.5, 1.0, np.nan], dtype=np.float32), size=(ROWS, 3))
    return rows.astype(np.float32)


def made_trees(directory):
    zero, one, both = (lambda t, n: [0]), (lambda t, n: [1]), (lambda t, n: [0, 1])
    three = lambda t, n: [(t + n) % 3]
    positive = lambda t, n, k: 0.02 * (n + t)
    keep(directory, "trees_single_positive", trees("NONE", zero, 2, positive), grid())
    keep(directory, "trees_single_positive_base", trees("NONE", zero, 2, positive, [0.125]), grid())
    keep(directory, "trees_single_positive_logistic", trees("LOGISTIC", zero, 2, positive), grid())
    keep(directory, "trees_single_mixed", trees("NONE", zero, 2), grid())
    keep(directory, "trees_single_mixed_logistic", trees("LOGISTIC", zero, 2, base=[0.25]), grid())
    keep(directory, "trees_second_positive", trees("NONE", one, 2, positive), grid())
    keep(directory, "trees_second_logistic", trees("LOGISTIC", one, 2), grid())
    keep(directory, "trees_both_none", trees("NONE", both, 2), grid())
    keep(directory, "trees_both_softmax", trees("SOFTMAX", both, 2), grid())
    keep(directory, "trees_both_logistic", trees("LOGISTIC", both, 2), grid())
    keep(directory, "trees_three_softmax", trees("SOFTMAX", three, 3, base=[0.1, 0.2, 0.3]), grid())
    keep(directory, "trees_three_softmax_zero", trees("SOFTMAX_ZERO", three, 3), grid())
    keep(directory, "trees_three_probit", trees("PROBIT", three, 3, positive), grid())
    for aggregate in ("SUM", "AVERAGE", "MIN", "MAX"):
        keep(directory, f"trees_targets_{aggregate.lower()}", trees(
            "NONE", both, 2, base=[1.0, -1.0], regressor=aggregate), grid())
    keep(directory, "trees_target_one", trees("NONE", lambda t, n: [0], 1, regressor="SUM"), grid())


def made_linear(directory):
    x = random.normal(size=(ROWS, 3)).astype(np.float32)

    def linear(rows, labels, transform, intercepts):
        node = helper.make_node(
            "LinearClassifier", ["X"], ["L", "Y"], domain="ai.onnx.ml", coefficients=rows,
            intercepts=intercepts, classlabels_ints=labels, post_transform=transform, multi_class=0)
        return graph(
            [node], [("X", FLOAT, [None, 3])], [("L", INT, [None]), ("Y", FLOAT, [None, len(labels)])])

    one, three = [0.5, -1.0, 0.25], [float(v) for v in random.normal(size=9)]
    for transform in ("NONE", "LOGISTIC"):
        keep(directory, f"linear_one_{transform.lower()}", linear(one, [0, 1], transform, [0.1]), x)
    for transform in ("NONE", "LOGISTIC", "SOFTMAX", "SOFTMAX_ZERO"):
        keep(directory, f"linear_three_{transform.lower()}",
             linear(three, [0, 1, 2], transform, [0.1, 0.0, -0.1]), x)
    for norm in ("MAX", "L1", "L2"):
        node = helper.make_node("Normalizer", ["X"], ["Y"], norm=norm, domain="ai.onnx.ml")
        rows = x.copy()
        rows[0] = 0
        rows[1] = -np.abs(rows[1])
        keep(directory, f"normalizer_{norm.lower()}", graph(
            [node], [("X", FLOAT, [None, 3])], [("Y", FLOAT, [None, 3])]), rows)


def made_networks(directory):
    x = random.normal(size=(ROWS, 4)).astype(np.float32)
    w1, b1 = random.normal(size=(8, 4)).astype(np.float32), random.normal(size=8).astype(np.float32)
    w2, b2 = random.normal(size=(8, 1)).astype(np.float32), random.normal(size=(1, 1)).astype(np.float32)
    keep(directory, "gemm_sigmoid", graph(
        [helper.make_node("Gemm", ["X", "w1", "b1"], ["h"], transB=1, alpha=0.5, beta=2.0),
         helper.make_node("Relu", ["h"], ["r"]),
         helper.make_node("Gemm", ["r", "w2", "b2"], ["s"]),
         helper.make_node("Sigmoid", ["s"], ["Y"])],
        [("X", FLOAT, [None, 4])], [("Y", FLOAT, [None, 1])],
        [("w1", w1), ("b1", b1), ("w2", w2), ("b2", b2)]), x)
    keep(directory, "shapes", graph(
        [helper.make_node("Flatten", ["X"], ["f"], axis=1),
         helper.make_node("Tanh", ["f"], ["t"]),
         helper.make_node("Unsqueeze", ["t", "one"], ["u"]),
         helper.make_node("Squeeze", ["u", "one"], ["q"]),
         helper.make_node("Clip", ["q", "low", "high"], ["c"]),
         helper.make_node("Cast", ["positive"], ["k"], to=FLOAT),
         helper.make_node("Mul", ["c", "k"], ["m"]),
         helper.make_node("Sub", ["X", "m"], ["d"]),
         helper.make_node("Div", ["d", "column"], ["v"]),
         helper.make_node("Where", ["mask", "v", "c"], ["w"]),
         helper.make_node("Concat", ["w", "c"], ["a"], axis=-1),
         helper.make_node("Reshape", ["a", "shape"], ["r"]),
         helper.make_node("LogSoftmax", ["r"], ["l"], axis=-1),
         helper.make_node("Reshape", ["l", "back"], ["b"]),
         helper.make_node("ArgMax", ["b"], ["L"], axis=1, keepdims=0),
         helper.make_node("Identity", ["b"], ["Y"])],
        [("X", FLOAT, [None, 4])], [("L", INT, [None]), ("Y", FLOAT, [None, 8])],
        [("one", np.array([1], np.int64)), ("low", np.array(-0.5, np.float32)),
         ("high", np.array(0.75, np.float32)), ("positive", np.array([1, 2, 3, 4], np.int64)),
         ("column", np.array([[2.0]], np.float32)), ("mask", np.array([True, False, True, False])),
         ("shape", np.array([0, 2, -1], np.int64)), ("back", np.array([-1, 8], np.int64))]), x)


def main(directory):
    os.makedirs(directory, exist_ok=True)
    learned(directory, "logistic", make_pipeline(
        SimpleImputer(), StandardScaler(), LogisticRegression()), missing=0.2)
    learned(directory, "logistic_three", make_pipeline(
        StandardScaler(), LogisticRegression()), classes=3, words=["low", "mid", "high"])
    learned(directory, "logistic_zipmap", LogisticRegression(), zipmap=True)
    learned(directory, "forest", make_pipeline(
        SimpleImputer(strategy="median"), RandomForestClassifier(20, max_depth=5, random_state=3)),
        missing=0.2, words=["died", "survived"])
    learned(directory, "forest_three", RandomForestClassifier(
        10, max_depth=4, random_state=3), classes=3)
    learned(directory, "boosting", GradientBoostingClassifier(
        n_estimators=20, max_depth=3, random_state=3))
    learned(directory, "forest_regressor", RandomForestRegressor(
        8, max_depth=4, random_state=3))
    learned(directory, "linear_regression", LinearRegression())
    for kernel in ("rbf", "linear", "poly", "sigmoid"):
        learned(directory, f"svc_{kernel}", make_pipeline(
            StandardScaler(), SVC(kernel=kernel, probability=True, random_state=3, coef0=0.5)))
    learned(directory, "svc_three", SVC(probability=True, random_state=3), classes=3)
    learned(directory, "svc_scores", SVC())
    learned(directory, "svc_three_scores", SVC(), classes=3)
    learned(directory, "mlp", make_pipeline(
        StandardScaler(), MLPClassifier((12, 6), max_iter=80, random_state=3)))
    learned(directory, "mlp_three", MLPClassifier(
        (10,), activation="tanh", max_iter=80, random_state=3), classes=3)
    learned(directory, "normalized", make_pipeline(Normalizer(), LogisticRegression()))
    learned(directory, "calibrated_svc", CalibratedClassifierCV(SVC(), cv=3))
    boosted(directory)
    made_trees(directory)
    made_linear(directory)
    made_networks(directory)
    learned(directory, "svc_linear_scores", make_pipeline(StandardScaler(), SVC(kernel="linear")))


if __name__ == "__main__":
    main(sys.argv[1])
