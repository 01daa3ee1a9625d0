"""Scoring beside ONNX Runtime, xgboost and oneDAL: the same files, the same rows, one thread each.

    scoring.py BENCHMARK [forest] [boosted] [svm] [network]

BENCHMARK is the built ScoringBenchmark. Needs numpy, scikit-learn, skl2onnx, onnxruntime, onnxmltools,
xgboost and daal4py. Processor time a row; rounds alternate between ours and the peers; medians.
Start it with `taskset -c CORE`: what it starts stays on that core too.
What a call of ONNX Runtime from Python costs by itself is measured with a model that only hands two
columns on, and taken off: the ratios are against what is left. Other peers are taken with their call.
"""
import os
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
import statistics
import subprocess
import sys
import tempfile
import time
import warnings

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper
from skl2onnx import to_onnx
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.svm import SVC

warnings.filterwarnings("ignore")

ROUNDS, SECONDS = 5, 0.25


class Ours:
    def __init__(self, path):
        self.process = subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def measure(self, model, rows, width, batch):
        self.process.stdin.write(f"{model} {rows} {width} {batch} {SECONDS}\n")
        self.process.stdin.flush()
        words = self.process.stdout.readline().split()
        return float(words[0]), [float(word) for word in words[1:5]], words[5]


def session(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def measure(call, batches):
    """Microseconds of processor time a row."""
    call(batches[0])
    rows, place, start = 0, 0, time.process_time()
    while time.process_time() - start < SECONDS:
        for _ in range(max(1, 64 // len(batches[0]))):
            call(batches[place])
            rows += len(batches[place])
            place = (place + 1) % len(batches)
    return (time.process_time() - start) / rows * 1e6


def nearly_nothing(folder, width):
    """A model that takes as much as the others, and makes as little."""
    path = f"{folder}/nothing{width}.onnx"
    ends = [onnx.numpy_helper.from_array(np.array([number]), name) for name, number in (("from", 0), ("to", 2), ("axis", 1))]
    graph = helper.make_graph(
        [helper.make_node("Slice", ["X", "from", "to", "axis"], ["Y"])], "nothing",
        [helper.make_tensor_value_info("X", TensorProto.FLOAT, [None, width])],
        [helper.make_tensor_value_info("Y", TensorProto.FLOAT, [None, 2])], ends)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8), path)
    return session(path)


def compare(title, ours, folder, model, x, peers=None):
    width = x.shape[1]
    rows = f"{model}.rows"
    x.tofile(rows)
    runtime, nothing = session(model), nearly_nothing(folder, width)
    name, output = runtime.get_inputs()[0].name, runtime.get_outputs()[-1].name
    for batch in (1, 64, 1024):
        batches = [x[i:i + batch] for i in range(0, len(x) - batch + 1, batch)]
        times = {"ours": [], "ORT": [], "a call": []}
        for _ in range(ROUNDS):
            own, scores, kind = ours.measure(model, rows, width, batch)
            times["ours"].append(own)
            times["ORT"].append(measure(lambda part: runtime.run([output], {name: part}), batches))
            times["a call"].append(measure(lambda part: nothing.run(None, {"X": part}), batches))
            for peer, call in (peers or {}).items():
                times.setdefault(peer, []).append(measure(call, batches))
        expected = np.asarray(runtime.run([output], {name: x[:4]})[0])[:, -1]
        distance = float(np.abs(expected - scores).max())
        median = {peer: statistics.median(values) for peer, values in times.items()}
        net = median["ORT"] - median["a call"]
        others = " ".join(f"{peer} {median[peer]:.2f} ({median[peer] / median['ours']:.2f}x)" for peer in peers or {})
        print(f"{title}, batch {batch}: ours {median['ours']:.2f} us, ORT {net:.2f} us "
              f"({net / median['ours']:.2f}x; with its call {median['ORT'] / median['ours']:.2f}x) {others}"
              f" | {kind}, furthest {distance:.1e}", flush=True)


def table(rows, width, seed=3):
    x, y = make_classification(rows, width, n_informative=max(10, width // 3), n_redundant=width // 5,
                               n_clusters_per_class=8, flip_y=0.05, random_state=seed)
    return x.astype(np.float32), y


def save(model, x, path, **options):
    onnx.save(to_onnx(model, x[:1], options={id(model): {"zipmap": False, **options}}, target_opset={"": 15, "ai.onnx.ml": 3}), path)


def forests(ours, folder):
    for width in (30, 100, 300):
        x, y = table(12000, width)
        for trees, depth in ((100, 8), (100, 16), (500, 8), (500, 16)):
            model = RandomForestClassifier(trees, max_depth=depth, n_jobs=2, random_state=1).fit(x[:10000], y[:10000])
            path = f"{folder}/forest.{width}.{trees}.{depth}.onnx"
            save(model, x, path)
            compare(f"forest {width} features, {trees} trees, depth {depth}", ours, folder, path, x[10000:11024])


def boosted(ours, folder):
    import daal4py
    import onnxmltools
    import xgboost
    from onnxmltools.convert.common.data_types import FloatTensorType
    x, y = table(12000, 100)
    for kind, trees, depth in (("XGBRFClassifier", 100, 8), ("XGBRFClassifier", 500, 8), ("XGBRFClassifier", 100, 16),
                               ("XGBClassifier", 100, 8), ("XGBClassifier", 300, 6), ("XGBClassifier", 500, 8)):
        model = getattr(xgboost, kind)(n_estimators=trees, max_depth=depth, n_jobs=1, base_score=0.5).fit(x[:10000], y[:10000])
        path = f"{folder}/{kind}.{trees}.{depth}.onnx"
        onnx.save(onnxmltools.convert_xgboost(model, initial_types=[("X", FloatTensorType([None, 100]))], target_opset=15), path)
        booster = model.get_booster()
        peers = {"xgboost": booster.inplace_predict}
        if kind == "XGBClassifier":
            one = daal4py.mb.convert_model(booster)
            daal4py.daalinit(1)
            peers["oneDAL"] = lambda part: one.predict_proba(part)
        compare(f"{kind} {trees} trees, depth {depth}", ours, folder, path, x[10000:11024], peers)


def machines(ours, folder):
    for width, rows in ((30, 1500), (30, 8000), (100, 1500), (100, 8000), (300, 3000)):
        x, y = table(rows + 1024, width)
        model = SVC(C=1.0, gamma=1 / width / x.var(), kernel="rbf").fit(x[:rows], y[:rows])
        path = f"{folder}/svm.{width}.{rows}.onnx"
        save(model, x, path, raw_scores=True)
        compare(f"RBF SVM {width} features, {len(model.support_)} vectors", ours, folder, path, x[rows:],
                {"libsvm": model.decision_function})


def networks(ours, folder):
    x, y = table(6000, 300)
    model = MLPClassifier((256, 128), max_iter=8).fit(x[:4000], y[:4000])
    layers = list(zip(model.coefs_, model.intercepts_))
    # As frameworks export it: Gemm, Relu, Gemm, Relu, Gemm, Softmax.
    weights, biases = layers[-1]
    layers[-1] = (np.hstack([-weights / 2, weights / 2]), np.concatenate([-biases / 2, biases / 2]))
    nodes, tensors, place = [], [], "X"
    for index, (weights, biases) in enumerate(layers):
        for name, values in ((f"w{index}", weights), (f"b{index}", biases)):
            tensors.append(onnx.numpy_helper.from_array(values.astype(np.float32), name))
        nodes.append(helper.make_node("Gemm", [place, f"w{index}", f"b{index}"], [f"s{index}"]))
        last = index == len(layers) - 1
        nodes.append(helper.make_node("Softmax" if last else "Relu", [f"s{index}"], ["P" if last else f"a{index}"]))
        place = f"a{index}"
    graph = helper.make_graph(
        nodes, "mlp", [helper.make_tensor_value_info("X", TensorProto.FLOAT, [None, 300])],
        [helper.make_tensor_value_info("P", TensorProto.FLOAT, [None, 2])], tensors)
    path = f"{folder}/mlp.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8), path)
    compare("MLP 300-256-128-2", ours, folder, path, x[4000:5024])


def main():
    chosen = sys.argv[2:] or ["forest", "boosted", "svm", "network"]
    ours = Ours(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        for name, work in (("forest", forests), ("boosted", boosted), ("svm", machines), ("network", networks)):
            if name in chosen:
                work(ours, folder)


main()
