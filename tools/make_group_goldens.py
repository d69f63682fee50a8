#!/usr/bin/env python3
"""tests/eval/groups.json: made answers of three groups, with Fairlearn's differences and scikit-learn's rates.

    pip install fairlearn==0.13.0
    tools/make_group_goldens.py
"""
import json
import pathlib

import numpy
from fairlearn.metrics import (MetricFrame, demographic_parity_difference, equalized_odds_difference, false_positive_rate, selection_rate,
                               true_positive_rate)
from sklearn.metrics import accuracy_score, balanced_accuracy_score

random = numpy.random.default_rng(17)
rows, classes = 300, 3
groups = random.integers(0, 3, rows)
labels = random.integers(0, classes, rows)
logits = random.normal(size=(rows, classes)) + numpy.eye(classes)[labels] * (1 + groups[:, None] * 0.7)
probabilities = (numpy.exp(logits) / numpy.exp(logits).sum(1, keepdims=True)).astype(numpy.float32)
said = probabilities.argmax(1)


def rest(k):
    return (labels == k).astype(int), (said == k).astype(int)


def by_group(metric, truth, answers):
    return MetricFrame(metrics=metric, y_true=truth, y_pred=answers, sensitive_features=groups).by_group.tolist()


golden = {
    "classes": classes,
    "groups": groups.tolist(),
    "labels": labels.tolist(),
    "probabilities": [float(p) for p in probabilities.ravel()],
    "accuracy": by_group(accuracy_score, labels, said),
    "balanced_accuracy": by_group(balanced_accuracy_score, labels, said),
    "recall": [by_group(true_positive_rate, *rest(k)) for k in range(classes)],
    "false_positive_rate": [by_group(false_positive_rate, *rest(k)) for k in range(classes)],
    "selection_rate": [by_group(selection_rate, *rest(k)) for k in range(classes)],
    "demographic_parity_difference": max(demographic_parity_difference(*rest(k), sensitive_features=groups) for k in range(classes)),
    "equalized_odds_difference": max(equalized_odds_difference(*rest(k), sensitive_features=groups) for k in range(classes)),
}
path = pathlib.Path(__file__).parent.parent / "tests/eval/groups.json"
path.write_text(json.dumps(golden, indent=None, separators=(",", ":")) + "\n")
