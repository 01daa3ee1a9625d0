#!/usr/bin/env python3
"""Makes an artifact of Twinline of a model that scikit-learn trained.

Usage: bring_model.py TABLE.csv LABEL OUT.onnx
The columns of the table are named as Twinline's features (`twinctl twin show ID --json`); a blank is
a missing value. Needs numpy, onnx, scikit-learn and skl2onnx. Only what follows the mark is
Twinline's: any ONNX file with a row of features in and a probability for each class out will do,
whoever exported it.
"""

import csv
import json
import sys

import numpy as np
from skl2onnx import to_onnx
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline


def table(path, label):
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    names = [name for name in rows[0] if name != label]
    values = [[float(row[name]) if row[name] else np.nan for name in names] for row in rows]
    return names, np.array(values, dtype=np.float32), np.array([row[label] for row in rows])


def main(path, label, out):
    names, rows, labels = table(path, label)
    model = make_pipeline(SimpleImputer(strategy="median"),
                          RandomForestClassifier(200, min_samples_leaf=3, random_state=1))
    model.fit(rows, labels)
    exported = to_onnx(model, rows[:1], options={id(model): {"zipmap": False}})

    # What Twinline must know of it: see "Bring a model" of the README.
    classes = [str(name) for name in model.classes_]
    shown = rows[:: max(1, len(rows) // 20)][:20]
    manifest = {
        "format": 1,
        "outcome": label,
        "kind": "forest",
        "features": [
            {"name": name, "unit": "", "missing": "none", "typical": float(np.nanmedian(column))}
            for name, column in zip(names, rows.T)
        ],
        "classes": classes,
        "positive": classes[-1],
        "completenessMin": 0.5,
        "calibration": "none",
        "bands": [
            {"from": 0, "name": "low", "advice": []},
            {"from": 0.5, "name": "high", "advice": ["see the patient"]},
        ],
        "extractors": {},
        # Rows, and what the library that trained the model says of them: each worker proves them.
        "golden": [
            {"input": [None if np.isnan(value) else float(value) for value in row],
             "output": [float(value) for value in answer]}
            for row, answer in zip(shown, model.predict_proba(shown))
        ],
        "goldenTolerance": 1e-4,
        "card": {
            "title": f"Random forest for {label}",
            "intendedUse": "say what it is for",
            "limits": "say where it must not be relied on",
            "population": "say whose rows it was trained on",
            "trainingRows": len(rows),
            "metrics": {},
        },
    }
    entry = exported.metadata_props.add()
    entry.key, entry.value = "twinline.manifest", json.dumps(manifest)
    with open(out, "wb") as file:
        file.write(exported.SerializeToString())


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
