#!/usr/bin/env python3
"""Writes tests/head/logistic.json and tests/eval/metrics.json with scikit-learn (1.9) and numpy.

The data is made by a rule that tests/head/made_data.h repeats: value i of `name` is u(splitmix64(crc32(name) << 32 | i)) in (-1, 1), in double.
    label[i]  = floor(classes * t^2), t = (value i of "label" + 1) / 2            (so classes are unequal)
    x[i][c]   = float32((value i * width + c of "x" + 0.6 * value label[i] * width + c of "centre") * (1 + c % 5) + c % 3)
Loss here is a sum with C; graft's is a mean with l2: C = 1 / (l2 * rows), and twice that for two classes, where scikit-learn penalises one row of weights.
"""
import json
import pathlib
import zlib

import numpy as np
from sklearn import metrics
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from head_deviations import deviations

TESTS = pathlib.Path(__file__).resolve().parent.parent / "tests"
MASK = (1 << 64) - 1


def value(name, i):
    z = ((zlib.crc32(name.encode()) << 32 | i) + 0x9E3779B97F4A7C15) & MASK
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & MASK
    z = (z ^ z >> 27) * 0x94D049BB133111EB & MASK
    return ((z ^ z >> 31) >> 11) * 2.0**-52 - 1.0


def made(rows, width, classes):
    labels = [int(classes * ((value("label", i) + 1) / 2) ** 2) for i in range(rows)]
    x = [[(value("x", i * width + c) + 0.6 * value("centre", labels[i] * width + c)) * (1 + c % 5) + c % 3 for c in range(width)] for i in range(rows)]
    return np.array(x).astype(np.float32).astype(np.float64), np.array(labels)


def logistic(rows, width, classes, l2, balanced):
    x, y = made(rows, width, classes)
    count = np.bincount(y, minlength=classes)
    weight = (rows / (classes * count))[y] if balanced else np.ones(rows)
    scaler = StandardScaler().fit(x, sample_weight=weight)
    scaler.scale_ = deviations(x, weight)
    # newton-cholesky ends quadratically; lbfgs stops near 1e-8
    model = LogisticRegression(C=(2 if classes == 2 else 1) / (l2 * rows), tol=1e-10, max_iter=10000, solver="newton-cholesky")
    model.fit(scaler.transform(x), y, sample_weight=weight)
    w = np.concatenate([-model.coef_ / 2, model.coef_ / 2]) if classes == 2 else model.coef_
    b = np.concatenate([-model.intercept_ / 2, model.intercept_ / 2]) if classes == 2 else model.intercept_ - model.intercept_.mean()
    raw = w / scaler.scale_
    return {"rows": rows, "width": width, "classes": classes, "l2": l2, "balanced": balanced, "weight": np.round(raw, 9).ravel().tolist(),
            "bias": np.round(b - raw @ scaler.mean_, 9).tolist(), "probabilities": np.round(model.predict_proba(scaler.transform(x))[:8], 9).ravel().tolist()}


def evaluation(rows, classes):
    labels = np.array([int(classes * ((value("label", i) + 1) / 2) ** 2) for i in range(rows)])
    raw = np.array([[value("probability", i * classes + k) + 1 + (0.4 if k == labels[i] else 0) for k in range(classes)] for i in range(rows)])
    p = (raw / raw.sum(1, keepdims=True)).astype(np.float32)
    predicted = p.argmax(1)
    kinds = list(range(classes))
    precision, recall, f1, support = metrics.precision_recall_fscore_support(labels, predicted, labels=kinds, zero_division=0)
    return {"rows": rows, "classes": classes, "labels": labels.tolist(), "probabilities": [float(str(v)) for v in p.ravel()],
            "accuracy": metrics.accuracy_score(labels, predicted), "balanced_accuracy": metrics.balanced_accuracy_score(labels, predicted),
            "macro_f1": metrics.f1_score(labels, predicted, average="macro"), "top5": metrics.top_k_accuracy_score(labels, p, k=5, labels=kinds),
            "log_loss": float(-np.log(p[np.arange(rows), labels].astype(np.float64)).mean()), "precision": precision.tolist(), "recall": recall.tolist(),
            "f1": f1.tolist(), "support": support.tolist(), "confusion": metrics.confusion_matrix(labels, predicted, labels=kinds).ravel().tolist()}


def write(path, content):
    path.write_text(json.dumps(content, separators=(",", ":")) + "\n")


write(TESTS / "head" / "logistic.json", [logistic(60, 20, 2, 0.05, False), logistic(60, 20, 2, 0.05, True), logistic(30, 70, 2, 0.1, False),
                                         logistic(90, 18, 4, 0.02, False), logistic(90, 18, 4, 0.02, True), logistic(24, 64, 3, 0.5, True)])
write(TESTS / "eval" / "metrics.json", evaluation(40, 7))
