"""Makes more ONNX fixtures of ModelONNXTests: what libraries export from scikit-learn's data sets.

Usage: onnx_fixture_zoo.py OUTPUT_DIRECTORY. The format is that of make_onnx_fixtures.py.
"""

import sys

import lightgbm
import numpy as np
import onnxmltools
import xgboost
from onnx import helper
from onnxmltools.convert.common.data_types import FloatTensorType as ToolsFloat
from skl2onnx import to_onnx
from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType, Int64TensorType
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import (
    AdaBoostClassifier, BaggingClassifier, ExtraTreesClassifier, ExtraTreesRegressor,
    GradientBoostingRegressor, HistGradientBoostingClassifier, RandomForestClassifier,
    VotingClassifier,
)
from sklearn.feature_selection import SelectKBest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import BernoulliNB, GaussianNB
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    Binarizer, KBinsDiscretizer, MaxAbsScaler, MinMaxScaler, OneHotEncoder, OrdinalEncoder,
    PolynomialFeatures, RobustScaler, StandardScaler,
)
from sklearn.svm import SVR, LinearSVC, NuSVC, NuSVR, OneClassSVM, SVC
from sklearn.tree import DecisionTreeClassifier

from make_onnx_fixtures import keep
from onnx_network_fixtures import made_networks
from onnx_operator_fixtures import made_operators

random = np.random.default_rng(17)
plain_attribute = helper.make_attribute


def whole_attribute(key, value, *rest, **more):
    """Some exporters write truth values and numbers of NumPy, which this version of onnx does not take."""
    if isinstance(value, (list, tuple)):
        value = [int(v) if isinstance(v, (bool, np.bool_, np.integer)) else v for v in value]
    return plain_attribute(key, value, *rest, **more)


helper.make_attribute = whole_attribute


def table(load, columns, missing=0.0):
    x, y = load(return_X_y=True)
    x = x[:, :columns].astype(np.float32)
    if missing:
        x[random.random(x.shape) < missing] = np.nan
    return x, y


def export(directory, name, estimator, x, y, types=None, target=(15, 3), rows=30, options=None):
    estimator.fit(x, y)
    if options is None and hasattr(estimator, "classes_"):
        options = {id(estimator): {"zipmap": False}}
    model = to_onnx(
        estimator, None if types else x[:1], initial_types=types, options=options,
        target_opset={"": target[0], "ai.onnx.ml": target[1]})
    keep(directory, name, model, x[::max(1, len(x) // rows)][:rows].astype(np.float32))


def learned(directory):
    x, y = table(load_breast_cancer, 8)
    holes, _ = table(load_breast_cancer, 8, 0.15)
    wine, kinds = table(load_wine, 8)
    sick, worse = table(load_diabetes, 8)
    worse = worse / 100
    logistic = lambda: make_pipeline(StandardScaler(), LogisticRegression())
    for opset, learned_opset in ((9, 1), (11, 1), (13, 2), (21, 3)):
        export(directory, f"zoo_logistic_{opset}", logistic(), x, y, target=(opset, learned_opset))
    for opset in (9, 21):
        export(directory, f"zoo_mlp_{opset}", make_pipeline(
            StandardScaler(), MLPClassifier((8,), max_iter=60, random_state=3)), wine, kinds,
            target=(opset, 1))
    export(directory, "zoo_histogram", HistGradientBoostingClassifier(
        max_iter=10, max_depth=3), holes, y)
    export(directory, "zoo_histogram_three", HistGradientBoostingClassifier(
        max_iter=5, max_depth=3), wine, kinds)
    export(directory, "zoo_extra_trees", ExtraTreesClassifier(
        8, max_depth=4, random_state=3), wine, kinds)
    export(directory, "zoo_extra_regressor", ExtraTreesRegressor(
        8, max_depth=4, random_state=3), sick, worse)
    export(directory, "zoo_boosting_regressor", GradientBoostingRegressor(
        n_estimators=10, random_state=3), sick, worse)
    export(directory, "zoo_tree", DecisionTreeClassifier(max_depth=4, random_state=3), wine, kinds)
    export(directory, "zoo_adaboost", AdaBoostClassifier(n_estimators=5, random_state=3), x, y)
    export(directory, "zoo_bagging", BaggingClassifier(
        DecisionTreeClassifier(max_depth=3), n_estimators=4, random_state=3), wine, kinds)
    export(directory, "zoo_voting", VotingClassifier(
        [("a", LogisticRegression(max_iter=5000)), ("b", DecisionTreeClassifier(max_depth=3))],
        voting="soft", flatten_transform=False), x, y)
    export(directory, "zoo_one_vs_rest", OneVsRestClassifier(logistic()), wine, kinds)
    export(directory, "zoo_gaussian_bayes", GaussianNB(), wine, kinds)
    export(directory, "zoo_bernoulli_bayes", make_pipeline(Binarizer(threshold=2.0), BernoulliNB()), wine, kinds)
    export(directory, "zoo_discriminant", LinearDiscriminantAnalysis(), wine, kinds)
    export(directory, "zoo_components", make_pipeline(
        SimpleImputer(strategy="median"), StandardScaler(), PCA(4), LogisticRegression()), holes, y)
    export(directory, "zoo_selected", make_pipeline(
        MinMaxScaler(), SelectKBest(k=4), LogisticRegression()), wine, kinds)
    export(directory, "zoo_robust", make_pipeline(
        RobustScaler(), MaxAbsScaler(), LogisticRegression()), wine, kinds)
    export(directory, "zoo_polynomial", make_pipeline(
        StandardScaler(), PolynomialFeatures(2), LogisticRegression(max_iter=500)), x[:, :4], y)
    export(directory, "zoo_bins", make_pipeline(
        KBinsDiscretizer(4, encode="onehot-dense", quantile_method="averaged_inverted_cdf"),
        LogisticRegression()), wine, kinds)
    export(directory, "zoo_ridge", Ridge(), sick, worse)
    export(directory, "zoo_mlp_regressor", MLPRegressor(
        hidden_layer_sizes=(8, 4), max_iter=100, random_state=3), sick, worse)
    doubles = [("X", DoubleTensorType([None, 8]))]
    export(directory, "zoo_double_logistic", logistic(), x.astype(np.float64), y, doubles)
    export(directory, "zoo_double_forest", RandomForestClassifier(
        5, max_depth=4, random_state=3), wine.astype(np.float64), kinds, doubles)
    export(directory, "zoo_double_mlp", make_pipeline(StandardScaler(), MLPClassifier(
        (6,), max_iter=60, random_state=3)), x.astype(np.float64), y, doubles)


def supported(directory):
    x, y = table(load_breast_cancer, 6)
    wine, kinds = table(load_wine, 6)
    sick, worse = table(load_diabetes, 6)
    some = slice(0, None, 4)
    for kernel in ("rbf", "linear", "poly", "sigmoid"):
        export(directory, f"zoo_svr_{kernel}", SVR(kernel=kernel, coef0=0.5, degree=2), sick[some], worse[some] / 100)
    export(directory, "zoo_nu_svr", make_pipeline(StandardScaler(), NuSVR()), sick[some], worse[some] / 100)
    export(directory, "zoo_nu_svc", make_pipeline(
        StandardScaler(), NuSVC(nu=0.2, probability=True, random_state=3)), wine, kinds)
    export(directory, "zoo_linear_svc", make_pipeline(
        StandardScaler(), LinearSVC()), wine, kinds, options={LinearSVC: {"raw_scores": True}})
    export(directory, "zoo_one_class", make_pipeline(
        StandardScaler(), OneClassSVM(nu=0.1)), wine, None)
    export(directory, "zoo_svc_four", SVC(probability=True, random_state=3), wine, (kinds + (wine[:, 0] > 13)) % 4)


def columns(directory):
    """Pipelines of several inputs, some of them categories."""
    wine, kinds = table(load_wine, 4)
    x = np.column_stack([wine, random.integers(0, 4, len(wine)), random.integers(0, 3, len(wine))])
    types = [(f"x{i}", FloatTensorType([None, 1])) for i in range(4)]
    types += [(f"c{i}", Int64TensorType([None, 1])) for i in range(2)]
    import pandas

    frame = pandas.DataFrame({f"x{i}": x[:, i].astype(np.float32) for i in range(4)}
                             | {f"c{i}": x[:, 4 + i].astype(np.int64) for i in range(2)})
    for name, encoder in (("onehot", OneHotEncoder(handle_unknown="ignore")),
                          ("ordinal", OrdinalEncoder())):
        estimator = make_pipeline(ColumnTransformer([
            ("numbers", make_pipeline(SimpleImputer(), StandardScaler()), [f"x{i}" for i in range(4)]),
            ("words", encoder, ["c0", "c1"])]), LogisticRegression())
        estimator.fit(frame, kinds)
        model = to_onnx(estimator, initial_types=types, options={id(estimator): {"zipmap": False}},
                        target_opset={"": 15, "ai.onnx.ml": 3})
        keep(directory, f"zoo_columns_{name}", model, x[:30].astype(np.float32))


def boosted(directory):
    wine, kinds = table(load_wine, 6, 0.1)
    sick, worse = table(load_diabetes, 6, 0.1)
    x, y = table(load_breast_cancer, 6, 0.1)
    shape = [("X", ToolsFloat([None, 6]))]

    def light(name, estimator, x, y):
        estimator.fit(x, y)
        keep(directory, f"zoo_lightgbm_{name}", onnxmltools.convert_lightgbm(
            estimator, initial_types=shape, zipmap=False, target_opset=15), x[:30])

    def extreme(name, estimator, x, y):
        estimator.fit(x, y)
        keep(directory, f"zoo_xgboost_{name}", onnxmltools.convert_xgboost(
            estimator, initial_types=shape, target_opset=15), x[:30])

    few = dict(n_estimators=6, num_leaves=6, verbose=-1)
    light("three", lightgbm.LGBMClassifier(**few), wine, kinds)
    light("regressor", lightgbm.LGBMRegressor(**few), sick, worse)
    light("poisson", lightgbm.LGBMRegressor(objective="poisson", **few), sick, worse / 100)
    light("dart", lightgbm.LGBMClassifier(boosting_type="dart", **few), x, y)
    light("zero_missing", lightgbm.LGBMClassifier(zero_as_missing=True, **few), np.nan_to_num(x), y)
    few = dict(n_estimators=6, max_depth=3)
    extreme("regressor", xgboost.XGBRegressor(**few), sick, worse)
    extreme("base", xgboost.XGBClassifier(base_score=0.2, **few), x, y)
    extreme("weighted", xgboost.XGBClassifier(scale_pos_weight=3, **few), x, y)
    extreme("forest", xgboost.XGBRFClassifier(**few), x, y)


def main(directory):
    learned(directory)
    supported(directory)
    columns(directory)
    boosted(directory)
    made_networks(directory)
    made_operators(directory)


main(sys.argv[1])
