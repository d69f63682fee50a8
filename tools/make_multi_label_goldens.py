#!/usr/bin/env python3
"""Writes goldens of photos with any number of classes.

tests/train/multi_label.json: losses and their gradients by PyTorch's and torchvision's own functions, in float64: "loss" is the sum over the rows of the
mean over the classes, "gradient" its gradient by the logits. "positives": of each class among "rows" training samples.
tests/head/multi_label.json: logistic regressions, one a class, at their minimum by Newton's method.
tests/eval/multi_label.json: scikit-learn's metrics by their formulas: average_precision_score, f1_score (micro, macro), accuracy_score (of sets),
hamming_loss, log_loss.
"""
import json, os
import numpy as np
import torch
import torch.nn.functional as F
import torchvision_cpu_ops
from head_deviations import deviations
from torchvision.ops import sigmoid_focal_loss

TESTS = os.path.join(os.path.dirname(__file__), "..", "tests")
CLASSES, ROWS, SAMPLES, POSITIVES = 4, 6, 40, [20, 9, 3, 1]


def write(name, value):
    with open(os.path.join(TESTS, name), "w") as file: json.dump(value, file, separators=(",", ":"))


def digits(x): return [[float(f"{v:.9g}") for v in row] for row in x.tolist()]


def losses():
    torch.manual_seed(7)
    cases = [{}, {"label-smoothing": 0.1}, {"imbalance": "weights"}, {"imbalance": "weights", "label-smoothing": 0.2}, {"loss": "focal"},
             {"loss": "focal", "focal-gamma": 0.5}, {"loss": "focal", "focal-gamma": 5}, {"loss": "focal", "label-smoothing": 0.1}]
    n = torch.tensor(POSITIVES, dtype=torch.float64)
    out = []
    for scale in (3, 12):
        for case in cases:
            z = (torch.randn(ROWS, CLASSES, dtype=torch.float64) * scale).float().double().requires_grad_()
            t = (torch.rand(ROWS, CLASSES) < 0.4).double()
            smooth = t * (1 - case.get("label-smoothing", 0)) + case.get("label-smoothing", 0) / 2
            if case.get("loss") == "focal":
                loss = sigmoid_focal_loss(z, smooth, alpha=-1, gamma=case.get("focal-gamma", 2), reduction="mean") * ROWS
            else:
                weight = (SAMPLES - n) / n if "imbalance" in case else None
                loss = F.binary_cross_entropy_with_logits(z, smooth, pos_weight=weight) * ROWS
            loss.backward()
            out.append({"options": case, "logits": digits(z), "targets": digits(t), "loss": loss.item(), "gradient": digits(z.grad)})
    return {"samples": SAMPLES, "positives": POSITIVES, "losses": out}


def average_precision(y, p):
    """sum over thresholds of (R_n - R_{n-1}) P_n, thresholds the different scores."""
    total, before = 0.0, 0.0
    for threshold in sorted(set(p), reverse=True):
        said = p >= threshold
        recall, precision = (y & said).sum() / y.sum(), (y & said).sum() / said.sum()
        total, before = total + (recall - before) * precision, recall
    return total


def f1(right, support, predicted): return 2 * right / (support + predicted) if support + predicted else 0.0


def metrics(p, y):
    said = p >= 0.5
    right, support, predicted = (said & y).sum(0), y.sum(0), said.sum(0)
    seen = support + predicted > 0
    clipped = np.clip(p.astype(np.float64), 1e-7, 1 - 1e-7)
    ap = [average_precision(y[:, k], p[:, k]) if support[k] else None for k in range(y.shape[1])]
    return {"average_precision": ap, "mean_average_precision": np.mean([a for a in ap if a is not None]),
            "micro_f1": f1(right.sum(), support.sum(), predicted.sum()),
            "macro_f1": np.mean([f1(right[k], support[k], predicted[k]) for k in range(y.shape[1]) if seen[k]]),
            "precision": [r / q if q else 0.0 for r, q in zip(right, predicted)], "recall": [r / s if s else 0.0 for r, s in zip(right, support)],
            "subset_accuracy": (said == y).all(1).mean(), "hamming_loss": (said != y).mean(),
            "log_loss": -np.where(y, np.log(clipped), np.log(1 - clipped)).mean()}


def evaluations():
    rng = np.random.default_rng(3)
    out = []
    for rows, classes, ties in ((1, 2, False), (30, 4, False), (50, 5, True), (12, 3, True)):
        y = rng.random((rows, classes)) < 0.35
        if classes == 5: y[:, 3] = False  # a class without a photo
        p = np.clip(0.35 * y + rng.random((rows, classes)) * 0.7, 0, 1).astype(np.float32)
        if ties: p = np.round(p, 1).astype(np.float32)
        values = {k: v if isinstance(v, list) else float(v) for k, v in metrics(p, y).items()}
        values = {k: [None if x is None else float(x) for x in v] if isinstance(v, list) else v for k, v in values.items()}
        out.append({"classes": classes, "probabilities": [float(x) for x in p.ravel()], "targets": [int(x) for x in y.ravel()]} | values)
    return out


def heads():
    """As tests/head/multi_label_test.cpp makes its data: rows of small whole numbers, so that both see the same."""
    out = []
    for rows, width, balanced in ((40, 6, False), (40, 6, True), (12, 30, False)):
        rng = np.random.default_rng(rows + width)
        x = rng.integers(-8, 9, (rows, width)).astype(np.float64)
        y = (x[:, :3] + rng.integers(-6, 7, (rows, 3)) > 2).astype(np.float64)
        weights = rng.integers(0, 4, rows).astype(np.float64) / 2
        v = weights / weights.sum()
        mean = v @ x
        deviation = deviations(x, weights)
        s = np.divide(x - mean, deviation, where=deviation > 0, out=np.zeros_like(x))
        l2, head_w, head_b = 0.05, [], []
        for k in range(3):
            t = y[:, k]
            pos = (rows - t.sum()) / t.sum() if balanced else 1.0
            share = v * np.where(t > 0, pos, 1.0)
            design, w = np.hstack([s, np.ones((rows, 1))]), np.zeros(width + 1)
            penalty = np.diag([l2] * width + [0.0])
            for _ in range(60):
                p = 1 / (1 + np.exp(-design @ w))
                gradient = design.T @ (share * (p - t)) + penalty @ w
                hessian = design.T @ (design * (share * p * (1 - p))[:, None]) + penalty
                w -= np.linalg.solve(hessian + 1e-15 * np.eye(width + 1), gradient)
            raw = np.divide(w[:-1], deviation, where=deviation > 0, out=np.zeros(width))
            head_w.append(raw.tolist())
            head_b.append(float(w[-1] - raw @ mean))
        out.append({"width": width, "balanced": balanced, "l2": l2, "values": x.ravel().tolist(), "targets": y.ravel().tolist(), "weights": weights.tolist(),
                    "weight": head_w, "bias": head_b})
    return out


write("train/multi_label.json", losses())
write("head/multi_label.json", heads())
write("eval/multi_label.json", evaluations())
