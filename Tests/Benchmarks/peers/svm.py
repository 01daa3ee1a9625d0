"""Support vector machines: training and scoring beside scikit-learn (libsvm) and ONNX Runtime.

    svm.py BENCHMARK [train|score|dense ...]

BENCHMARK is the built SVMBenchmark. Everything runs on one thread; times are processor seconds, or
the median of nine rounds in microseconds a row. Needs numpy, scikit-learn, skl2onnx, onnxruntime.
"""
import subprocess
import sys
import tempfile
import time

import numpy as np
import onnxruntime
from skl2onnx import to_onnx
from sklearn.datasets import make_classification
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

COST, GAMMA, CACHE_MEGABYTES = 1, 0.01, 1000


def data(rows, features):
    x, y = make_classification(rows, features, n_informative=features * 3 // 10,
                               n_redundant=features // 5, n_clusters_per_class=8, flip_y=0.05,
                               random_state=3)
    return StandardScaler().fit_transform(x).astype(np.float32), y


def write(x, y, folder):
    path = f"{folder}/table.f32"
    np.hstack([x, y[:, None]]).astype("<f4").tofile(path)
    return path


def ours(benchmark, *arguments):
    text = subprocess.run([benchmark, *map(str, arguments)], check=True, capture_output=True,
                          text=True).stdout
    print(text, end="", flush=True)
    return text


def session(model):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(
        model, options, providers=["CPUExecutionProvider"])


def median(count, work):
    work()
    start = time.process_time()
    work()
    repeats = max(1, int(0.05 / max(1e-7, time.process_time() - start)))
    rounds = []
    for _ in range(9):
        start = time.process_time()
        for _ in range(repeats):
            work()
        rounds.append((time.process_time() - start) / repeats)
    return sorted(rounds)[4] / count * 1e6


def ratios(name, mine, theirs):
    for batch, value in theirs.items():
        print(f"{name} batch {batch}: {value:.2f} us a row, ours {mine[batch]:.2f}, "
              f"{value / mine[batch]:.1f} x", flush=True)


def parse(text):
    lines = [line.split() for line in text.splitlines()]
    return {int(line[-2]): float(line[-1]) for line in lines}


def train(benchmark, folder):
    x, y = data(25000, 100)
    path = write(x, y, folder)
    for shrinks in (1, 0):
        ours(benchmark, "train", path, 25000, 100, 20000, COST, GAMMA, CACHE_MEGABYTES, shrinks)
    model = SVC(C=COST, gamma=GAMMA, cache_size=CACHE_MEGABYTES)
    start = time.process_time()
    model.fit(x[:20000], y[:20000])
    print("scikit-learn train", time.process_time() - start, "s,", len(model.support_), "vectors,",
          model.n_iter_, "iterations, accuracy", model.score(x[20000:], y[20000:]), flush=True)


def score(benchmark, folder):
    for features, rows in ((30, 5000), (30, 20000), (100, 5000), (300, 5000)):
        x, y = data(rows + 1024, features)
        model = SVC(C=COST, gamma=1 / features).fit(x[:rows], y[:rows])
        print(features, "features,", len(model.support_), "vectors", flush=True)
        test = x[rows:]
        file = f"{folder}/model.onnx"
        with open(file, "wb") as out:
            out.write(to_onnx(model, x[:1], options={"zipmap": False, "raw_scores": True},
                              target_opset={"": 15, "ai.onnx.ml": 3}).SerializeToString())
        mine = parse(ours(
            benchmark, "score", file, write(test, y[rows:], folder), len(test), features))
        peer = session(file)
        name = peer.get_inputs()[0].name
        batches = {n: test[:n] for n in (1, 64, len(test))}
        ratios("ONNX Runtime", mine, {
            n: median(n, lambda r=r: peer.run(None, {name: r})) for n, r in batches.items()})
        ratios("libsvm in scikit-learn", mine, {
            n: median(n, lambda r=r: model.decision_function(r)) for n, r in batches.items()})


def dense(benchmark, folder):
    x, y = data(2000, 300)
    model = MLPClassifier((256, 128), max_iter=3).fit(x, y)
    file = f"{folder}/network.onnx"
    with open(file, "wb") as out:
        out.write(to_onnx(model, x[:1], options={"zipmap": False},
                          target_opset={"": 15, "ai.onnx.ml": 3}).SerializeToString())
    peer = session(file)
    name = peer.get_inputs()[0].name
    mine = parse(ours(benchmark, "dense"))
    theirs = {}
    for n in (1, 64, 1024):
        rows = x[:n]
        theirs[n] = median(n, lambda: peer.run(None, {name: rows}))
    ratios("ONNX Runtime (through Python)", mine, theirs)
    graph = parse(ours(
        benchmark, "score", file, write(x[:1024], y[:1024], folder), 1024, 300))
    ratios("ONNX Runtime, whole graph", graph, theirs)


if __name__ == "__main__":
    for part in sys.argv[2:] or ("train", "score", "dense"):
        with tempfile.TemporaryDirectory() as scratch:
            {"train": train, "score": score, "dense": dense}[part](sys.argv[1], scratch)
