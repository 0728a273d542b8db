#!/usr/bin/env python3
"""Fits the models beside this file. Needs numpy and scikit-learn.

usage: fit.py OUT (FEATURES SPLIT)...
  FEATURES is what `autodao bench tokens --features --out FEATURES.jsonl` wrote (FEATURES.f32 beside it), SPLIT the folder of
  the tasks.jsonl it was made for. Writes OUT/rust.txt and OUT/script.txt. The features' order is that of features.rs.
"""
import json
import sys

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

WIDTH = 60
NEGATIVES = 400


def load(features, split):
    order = [(r["id"], r["names"]) for r in map(json.loads, open(features + ".jsonl"))]
    values = np.fromfile(features + ".f32", dtype="<f4").reshape(-1, WIDTH)
    tasks = {}
    for task in map(json.loads, open(split + "/tasks.jsonl")):
        needed = {n["name"] for n in task["needed_identifiers"] if not n["ambiguous"]}
        tasks[task["id"]] = (task["lang"], needed)
    at = 0
    for task, names in order:
        lang, needed = tasks[task]
        yield lang, values[at : at + len(names)], np.array([name in needed for name in names])
        at += len(names)


def fit(rows):
    """Negatives are sampled and weighed up again, so that what comes out stays a probability."""
    random = np.random.default_rng(1)
    xs, ys, ws = [], [], []
    for x, y in rows:
        if not len(y):
            continue
        yes, no = np.where(y)[0], np.where(~y)[0]
        weight = max(1.0, len(no) / NEGATIVES)
        if weight > 1.0:
            no = random.choice(no, NEGATIVES, replace=False)
        keep = np.concatenate([yes, no])
        xs.append(x[keep])
        ys.append(y[keep])
        ws.append(np.concatenate([np.ones(len(yes)), np.full(len(no), weight)]))
    model = HistGradientBoostingClassifier(
        max_iter=300, learning_rate=0.05, max_leaf_nodes=8, min_samples_leaf=40, l2_regularization=10.0
    )
    return model.fit(np.vstack(xs), np.concatenate(ys), sample_weight=np.concatenate(ws))


def export(model, path):
    lines = ["bias %.6g" % float(model._baseline_prediction.ravel()[0])]
    for (tree,) in model._predictors:
        words, open_nodes = [], [0]
        while open_nodes:
            node = tree.nodes[open_nodes.pop()]
            if node["is_leaf"]:
                words.append("=%.4g" % node["value"])
            else:
                words.append("%d<%.5g" % (node["feature_idx"], node["num_threshold"]))
                open_nodes += [node["right"], node["left"]]
        lines.append(" ".join(words))
    open(path, "w").write("\n".join(lines) + "\n")


def main():
    out, pairs = sys.argv[1], sys.argv[2:]
    rows = [row for features, split in zip(pairs[::2], pairs[1::2]) for row in load(features, split)]
    for lang, name in (("rust", "rust"), ("ts", "script")):
        export(fit([(x, y) for found, x, y in rows if found == lang]), f"{out}/{name}.txt")


main()
