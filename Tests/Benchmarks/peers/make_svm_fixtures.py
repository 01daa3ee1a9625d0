"""Writes the tables that the tests of support vector machines compare with.

    make_svm_fixtures.py FOLDER

Data are scikit-learn's bundled breast cancer (class), and diabetes (number) sets, standardised to
single precision; machines are scikit-learn's. Each FOLDER/*.csv has a first line "#" with JSON,
then rows: features, target, decision value.
"""
import json
import sys

import numpy as np
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, SVR, NuSVC

CASES = {
    "svc_linear": SVC(kernel="linear", C=0.5),
    "svc_rbf": SVC(kernel="rbf", C=1, gamma=0.1),
    "svc_rbf_weights": SVC(kernel="rbf", C=1, gamma=0.1, class_weight={0: 1, 1: 5}),
    "svc_rbf_balanced": SVC(kernel="rbf", C=0.2, gamma=0.2, class_weight="balanced"),
    "svc_poly": SVC(kernel="poly", C=1, gamma=0.1, coef0=1, degree=3),
    "svc_sigmoid": SVC(kernel="sigmoid", C=1, gamma=0.02, coef0=-0.1),
    "nu_rbf": NuSVC(kernel="rbf", nu=0.2, gamma=0.1),
    "nu_linear": NuSVC(kernel="linear", nu=0.3),
    "svr_rbf": SVR(kernel="rbf", C=10, gamma=0.1, epsilon=0.2),
    "svr_linear": SVR(kernel="linear", C=0.5, epsilon=0.1),
}


def main(folder):
    for name, model in CASES.items():
        is_regression = name.startswith("svr")
        x, y = (load_diabetes if is_regression else load_breast_cancer)(return_X_y=True)
        x = StandardScaler().fit_transform(x)[:300, :8].astype(np.float32)
        y = y[:300].astype(float)
        if is_regression:
            y = (y - y.mean()) / y.std()
        model.fit(x, y)
        values = model.predict(x) if is_regression else model.decision_function(x)
        weight = {0: 1, 1: 1} if is_regression else {
            c: float(w) for c, w in zip((0, 1), model.class_weight_)}
        header = dict(
            kernel=model.kernel, gamma=float(model.gamma) if model.gamma != "scale" else 1.0,
            offset=model.coef0, degree=model.degree, cost=getattr(model, "C", 0),
            nu=getattr(model, "nu", 0), epsilon=model.epsilon, negative=weight[0],
            positive=weight[1], vectors=int(len(model.support_)),
            accuracy=float(model.score(x, y)))
        with open(f"{folder}/{name}.csv", "w") as file:
            print("#" + json.dumps(header), file=file)
            for row, target, value in zip(x, y, values):
                cells = ["%.9g" % v for v in row] + ["%.9g" % target, "%.9g" % value]
                print(",".join(cells), file=file)


main(sys.argv[1])
