"""Single operators of ai.onnx.ml that have no official node test, with ONNX Runtime's answers."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from make_onnx_fixtures import keep

FLOAT, INT, DOUBLE = TensorProto.FLOAT, TensorProto.INT64, TensorProto.DOUBLE
random = np.random.default_rng(29)
x = random.normal(size=(30, 3)).round(3).astype(np.float32)


def listed(*shape):
    return [float(v) for v in random.normal(size=shape).astype(np.float32).ravel()]


def one(directory, name, operation, outputs, width, rows=x, version=3, kind=FLOAT, made=FLOAT, before=(), **attributes):
    node = helper.make_node(
        operation, [before[-1].output[0] if before else "X"], outputs, domain="ai.onnx.ml", **attributes)
    ports = [helper.make_tensor_value_info("L", INT, [None])] if len(outputs) > 1 else []
    ports.append(helper.make_tensor_value_info("Y", made, [None, width]))
    graph = helper.make_graph(
        list(before) + [node], "g", [helper.make_tensor_value_info("X", kind, [None, rows.shape[1]])], ports)
    keep(directory, name, helper.make_model(graph, opset_imports=[
        helper.make_opsetid("", 16), helper.make_opsetid("ai.onnx.ml", version)], ir_version=8), rows)


def vectors(directory):
    for count, transform in ((2, "NONE"), (2, "LOGISTIC"), (3, "NONE"), (3, "SOFTMAX")):
        one(directory, f"op_svm_linear_{count}_{transform.lower()}", "SVMClassifier", ["L", "Y"], count,
            classlabels_ints=list(range(count)), coefficients=listed(count, 3), rho=[0.25],
            kernel_type="LINEAR", kernel_params=[0.0, 0.0, 0.0], post_transform=transform)
    for count, transform in ((2, "LOGISTIC"), (3, "LOGISTIC"), (3, "SOFTMAX")):
        pairs = count * (count - 1) // 2
        one(directory, f"op_svm_{count}_{transform.lower()}", "SVMClassifier", ["L", "Y"], pairs if count > 2 else 2,
            classlabels_ints=list(range(count)), vectors_per_class=[3] * count,
            support_vectors=listed(3 * count, 3), coefficients=listed(count - 1, 3 * count),
            rho=listed(pairs), kernel_type="POLY", kernel_params=[0.5, 1.0, 2.0], post_transform=transform)
    for kernel, classed in (("RBF", 1), ("SIGMOID", 0)):
        one(directory, f"op_svm_regressor_{kernel.lower()}", "SVMRegressor", ["Y"], 1, n_supports=5,
            support_vectors=listed(5, 3), coefficients=listed(5), rho=[0.125], kernel_type=kernel,
            kernel_params=[0.5, 0.25, 0.0], one_class=classed)
    for classed in (0, 1):
        one(directory, f"op_svm_regressor_linear_{classed}", "SVMRegressor", ["Y"], 1, coefficients=listed(3),
            rho=[0.125], kernel_type="LINEAR", kernel_params=[0.0, 0.0, 0.0], one_class=classed)


def forest(kind, transform=0, aggregate=1, targets=2):
    """Three trees of version 5, one for each two comparisons, and the leaves in a list."""
    values = lambda v: numpy_helper.from_array(np.array(v, kind))
    splits = [0.25, -0.5, 0.75, -0.25, 0.5, -0.5, 0.0, 0.25, -0.75]
    return dict(
        n_targets=targets, aggregate_function=aggregate, post_transform=transform, tree_roots=[0, 3, 6],
        nodes_splits=values(splits), nodes_featureids=[0, 1, 2, 1, 2, 0, 2, 0, 1],
        nodes_modes=numpy_helper.from_array(np.array([0, 1, 2, 3, 4, 5, 0, 2, 1], np.uint8)),
        nodes_truenodeids=[1, 0, 2, 4, 4, 6, 7, 8, 10], nodes_falsenodeids=[2, 1, 3, 5, 5, 7, 8, 9, 11],
        nodes_trueleafs=[0, 1, 1, 0, 1, 1, 0, 1, 1], nodes_falseleafs=[0, 1, 1, 0, 1, 1, 0, 1, 1],
        nodes_missing_value_tracks_true=[0, 1, 0, 1, 0, 1, 0, 1, 0],
        leaf_targetids=[i % targets for i in range(12)],
        leaf_weights=values([0.125 * (i - 5) for i in range(12)]))


def trees(directory):
    grid = random.choice(np.array([-1, -0.5, 0, 0.25, 0.5, np.nan], np.float32), size=(40, 3)).astype(np.float32)
    # ONNX Runtime takes softmax (1) and logistic (2) for one another, against the text of version 5.
    for transform, name in ((0, "none"), (3, "softmax_zero")):
        one(directory, f"op_trees_five_{name}", "TreeEnsemble", ["Y"], 2, rows=grid, version=5,
            **forest(np.float32, transform))
    for aggregate, name in enumerate(("average", "sum", "lowest", "highest")):
        one(directory, f"op_trees_five_{name}", "TreeEnsemble", ["Y"], 1, rows=grid, version=5,
            **forest(np.float32, 0, aggregate, 1))
    one(directory, "op_trees_five_double", "TreeEnsemble", ["Y"], 2, rows=grid, version=5, kind=DOUBLE,
        made=DOUBLE, **forest(np.float64))
    doubles = lambda v: helper.make_tensor("d", DOUBLE, [len(v)], v)
    # Nearer to one another than single precision can tell.
    one(directory, "op_trees_wide", "TreeEnsembleRegressor", ["Y"], 1, rows=grid, kind=DOUBLE, n_targets=1,
        nodes_treeids=[0] * 5, nodes_nodeids=[0, 1, 2, 3, 4], nodes_featureids=[0, 1, 0, 0, 0],
        nodes_values_as_tensor=doubles([0.25 - 1e-12, 0.5 + 1e-12, 0, 0, 0]),
        nodes_modes=["BRANCH_LEQ", "BRANCH_LT", "LEAF", "LEAF", "LEAF"], nodes_truenodeids=[1, 3, 0, 0, 0],
        nodes_falsenodeids=[2, 4, 0, 0, 0], target_treeids=[0] * 3, target_nodeids=[2, 3, 4], target_ids=[0] * 3,
        target_weights_as_tensor=doubles([1.5, -0.25, 0.75]), base_values_as_tensor=doubles([0.1]))


def encoders(directory):
    codes = random.integers(0, 5, size=(30, 3)).astype(np.float32)
    whole = [helper.make_node("Cast", ["X"], ["W"], to=INT)]
    one(directory, "op_labels_to_floats", "LabelEncoder", ["Y"], 3, rows=codes, version=2, before=whole,
        keys_int64s=[0, 1, 2, 3], values_floats=[0.5, -1.0, 2.5, 0.25], default_float=-9.0)
    one(directory, "op_labels_of_floats", "LabelEncoder", ["Y"], 3, rows=codes, version=2,
        keys_floats=[0.0, 1.0, 3.0], values_floats=[5.0, 6.0, 7.0], default_float=1.0)
    one(directory, "op_one_hot", "OneHotEncoder", ["Y"], 3, rows=codes[:, :1], before=[
        helper.make_node("Cast", ["X"], ["W"], to=INT), helper.make_node("Flatten", ["W"], ["F"], axis=0),
        helper.make_node("Squeeze", ["F"], ["S"])], cats_int64s=[0, 2, 4], zeros=1)
    one(directory, "op_binarizer", "Binarizer", ["Y"], 3, threshold=0.25)
    one(directory, "op_imputer", "Imputer", ["Y"], 3, rows=codes, imputed_value_floats=[9.0, 8.0, 7.0],
        replaced_value_float=2.0)
    one(directory, "op_linear_targets", "LinearRegressor", ["Y"], 2, targets=2, coefficients=listed(6),
        intercepts=[0.5, -0.5])
    one(directory, "op_vectorizer", "FeatureVectorizer", ["Y"], 3, inputdimensions=[3])


def made_operators(directory):
    vectors(directory)
    trees(directory)
    encoders(directory)
