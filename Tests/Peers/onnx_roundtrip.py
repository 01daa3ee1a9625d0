"""Opens a model file in ONNX Runtime and prints its answers.

Usage: onnx_roundtrip.py MODEL.onnx ROWS.csv
ROWS.csv has no header; an empty field is a missing value. Prints one line a row: the label, then
the probabilities, or "estimate" and the quantity, comma-separated, and checks the names of inputs
and outputs and the manifest.
"""

import sys

import numpy as np
import onnxruntime


def main(model, table):
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    assert [i.name for i in session.get_inputs()] == ["features"], session.get_inputs()
    names = [o.name for o in session.get_outputs()]
    assert names in (["label", "probabilities"], ["estimate"]), names
    assert "twinline.manifest" in session.get_modelmeta().custom_metadata_map
    with open(table) as file:
        rows = np.array(
            [[float(v) if v else np.nan for v in line.rstrip("\n").split(",")] for line in file],
            dtype=np.float32)
    answers = session.run(None, {"features": rows})
    if names == ["estimate"]:
        assert answers[0].shape == (len(rows), 1), answers[0].shape
        answers = [names * len(rows), answers[0]]
    for label, row in zip(*answers):
        print(",".join([str(label)] + [repr(float(v)) for v in row]))


main(sys.argv[1], sys.argv[2])
