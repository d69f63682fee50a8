#!/usr/bin/env python3
"""Compare graft's metrics with scikit-learn's and torchmetrics' on random answers, degenerate ones among them.

    cmake --build build/release --target metrics
    pip install scikit-learn==1.9.0 torch torchmetrics
    python bench/metrics_parity.py build/release/bench/metrics

200 cases of one class each and 200 of any number of classes, by a fixed seed: classes that are absent from labels or answers, ties, certain answers,
a single photo, one class only, NaN and infinity. Where scikit-learn says that a number is not defined (a warning with 0 or NaN, or an error), graft must say
null; where an average is over classes of which some are not defined, scikit-learn is given the others. torchmetrics computes the calibration error; as it
counts a confidence of exactly 1, or on the border of two bins, in the upper one, cases that have some are compared with the formula in NumPy alone, and as
it sums in float32, to 2e-6; the formula to 1e-9 like everything else.
"""
import json
import math
import subprocess
import sys
import warnings

import numpy as np
from sklearn import metrics as sk

CASES, BOUND, BINS = 200, 1e-9, 15
FLOAT32 = 2e-6  # what torchmetrics sums in


def make(rng, number, several):
    """Probabilities (n, K) as float32, and labels (n,) or targets (n, K)."""
    kind = number % 10
    n = 1 if kind == 1 else int(rng.integers(2, 200))
    k = 1 if several and kind == 2 else int(rng.integers(2, 12))
    logits = rng.normal(size=(n, k)) * rng.choice([0.5, 2, 8])
    if several:
        targets = (rng.random((n, k)) < rng.choice([0.05, 0.3, 0.9])).astype(int)
        logits += targets * 1.5 - 0.7
        p = 1 / (1 + np.exp(-logits))
        if kind == 3:
            targets[:, 0] = 0
        if kind == 4:
            targets[:, -1] = 1
        if kind == 5:
            targets[:] = 0
        truth = targets
    else:
        labels = rng.integers(0, k, n)
        if kind == 3:
            labels = np.minimum(labels, k - 2)  # a class is absent
        if kind == 4:
            labels[:] = 0
        logits[np.arange(n), labels] += 1
        p = np.exp(logits - logits.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        truth = labels
    if kind == 6:
        p = np.round(p * 4) / 4  # ties
    if kind == 7:
        p = (p >= p.max(1, keepdims=True)).astype(float)  # certain answers
    if kind == 8:
        p[:] = p[:1]  # the same to every photo
    return p.astype(np.float32), truth


def ask(program, cases):
    lines = []
    for p, truth, several in cases:
        lines.append(json.dumps({"task": "multi-label" if several else "single-label", "classes": p.shape[1],
                                 "targets" if several else "labels": truth.ravel().tolist(),
                                 "probabilities": [float(x) if math.isfinite(x) else None for x in p.ravel()]}))
    done = subprocess.run([program], input="\n".join(lines) + "\n", capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def or_none(compute):
    """None where scikit-learn says by an error, a warning or a NaN that it is not defined."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", sk.exceptions.UndefinedMetricWarning if hasattr(sk, "exceptions") else UserWarning)
        warnings.simplefilter("error", RuntimeWarning)
        warnings.filterwarnings("error", message=".*(undefined|No positive|only one class).*", category=UserWarning)
        try:
            value = float(compute())
        except (ValueError, UserWarning, RuntimeWarning, ZeroDivisionError):
            return None
    return None if math.isnan(value) else value


def ece(confidence, right, groups):
    return sum(abs(confidence[g].sum() - right[g].sum()) for g in groups if len(g)) / len(confidence)


def calibration(confidence, right):
    """Equal width as Guo et al. 2017, equal mass with equal confidences together; and whether torchmetrics counts the same."""
    confidence, right = confidence.astype(np.float64), right.astype(np.float64)
    edges = [i / BINS for i in range(BINS + 1)]
    width = np.clip(np.ceil(confidence * BINS).astype(int) - 1, 0, BINS - 1)
    order = np.argsort(confidence, kind="stable")
    first = {}
    for at, c in enumerate(confidence[order]):
        first.setdefault(c, at)
    mass = np.array([min(BINS - 1, first[c] * BINS // len(order)) for c in confidence])
    clear = all(np.abs(confidence - e).min() > 1e-6 for e in edges)
    return [ece(confidence, right, [np.where(b == i)[0] for i in range(BINS)]) for b in (width, mass)] + [clear]


def mean(values):
    values = [v for v in values if v is not None]
    return sum(values) / len(values) if values else None


def weighted(values, support):
    pairs = [(v, s) for v, s in zip(values, support) if v is not None and s > 0]
    return sum(v * s for v, s in pairs) / sum(s for _, s in pairs) if pairs else None


def per_class(has, said, scores):
    return {"precision": or_none(lambda: sk.precision_score(has, said)) if said.any() else None,
            "recall": or_none(lambda: sk.recall_score(has, said)) if has.any() else None,
            "f1": or_none(lambda: sk.f1_score(has, said)) if has.any() or said.any() else None,
            "auroc": or_none(lambda: sk.roc_auc_score(has, scores)) if has.any() and not has.all() else None,
            "average_precision": or_none(lambda: sk.average_precision_score(has, scores)) if has.any() else None}


def averages(classes, support):
    auroc, ap = [c["auroc"] for c in classes], [c["average_precision"] for c in classes]
    return {"auroc": mean(auroc), "weighted_auroc": weighted(auroc, support), "weighted_average_precision": weighted(ap, support)}, mean(ap)


def expect_single(p, labels):
    n, k = p.shape
    said = p.argmax(1)
    classes = [per_class(labels == c, said == c, p[:, c]) for c in range(k)]
    support = [(labels == c).sum() for c in range(k)]
    found, ap = averages(classes, support)
    quiet = {"zero_division": 0}
    one_hot = np.eye(k)[labels]
    kappa_defined = len(set(labels) | set(said)) > 1
    mcc_defined = len(set(labels)) > 1 and len(set(said)) > 1
    found.update({"accuracy": sk.accuracy_score(labels, said), "average_precision": ap,
                  "balanced_accuracy": mean([c["recall"] for c in classes]),
                  "kappa": or_none(lambda: sk.cohen_kappa_score(labels, said)) if kappa_defined else None,
                  "mcc": sk.matthews_corrcoef(labels, said) if mcc_defined else None,
                  "log_loss": -np.log(np.maximum(p[np.arange(n), labels].astype(np.float64), np.float64(np.float32(1e-15)))).mean(),
                  "brier": ((p.astype(np.float64) - one_hot) ** 2).sum(1).mean()})
    if kappa_defined and len(set(labels)) > 1:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert abs(found["balanced_accuracy"] - sk.balanced_accuracy_score(labels, said)) < BOUND
    for average in ("macro", "weighted"):
        for name, of in (("precision", sk.precision_score), ("recall", sk.recall_score), ("f1", sk.f1_score)):
            found[f"{average}_{name}"] = of(labels, said, average=average, **quiet)
    if k > 5 and len(np.unique(p)) == p.size:  # of equal probabilities scikit-learn takes the last class for the first, graft the first
        found["top_k"] = sk.top_k_accuracy_score(labels, p, k=5, labels=range(k))
    if np.allclose(p.sum(1), 1, atol=1e-6) and k > 2:  # scikit-learn's own Brier score of several classes since 1.7
        assert abs(sk.brier_score_loss(labels, p.astype(np.float64) / p.sum(1, keepdims=True, dtype=np.float64), labels=range(k), scale_by_half=False)
                   - found["brier"]) < 1e-5
    found["ece"], found["adaptive_ece"], clear = calibration(p.max(1), said == labels)
    if clear:
        from torchmetrics.functional.classification import multiclass_calibration_error
        import torch
        theirs = multiclass_calibration_error(torch.tensor(p, dtype=torch.float64), torch.tensor(labels), k, BINS).item()
        assert abs(theirs - found["ece"]) < FLOAT32, (theirs, found["ece"])
    return found, classes, clear


def expect_several(p, targets):
    k = p.shape[1]
    said = (p >= 0.5).astype(int)
    classes = [per_class(targets[:, c].astype(bool), said[:, c].astype(bool), p[:, c]) for c in range(k)]
    support = targets.sum(0)
    found, ap = averages(classes, support)
    seen = [c for c in range(k) if support[c] + said[:, c].sum() > 0]
    clipped = np.clip(p.astype(np.float64), 1e-7, 1 - 1e-7)
    found.update({"mean_average_precision": ap, "subset_accuracy": sk.accuracy_score(targets, said) if k > 1 else (targets == said).all(1).mean(),
                  "balanced_accuracy": mean([c["recall"] for c in classes]), "hamming_loss": sk.hamming_loss(targets, said),
                  "log_loss": -np.where(targets, np.log(clipped), np.log(1 - clipped)).mean(),
                  "brier": ((p.astype(np.float64) - targets) ** 2).mean()})
    t, s = targets.ravel(), said.ravel()
    found["micro_precision"] = sk.precision_score(t, s) if s.any() else None
    found["micro_recall"] = sk.recall_score(t, s) if t.any() else None
    found["micro_f1"] = sk.f1_score(t, s, zero_division=0)
    for average in ("macro", "weighted"):
        for name, of in (("precision", sk.precision_score), ("recall", sk.recall_score), ("f1", sk.f1_score)):
            if average == "weighted" and name != "f1":
                continue
            values = [of(targets[:, c], said[:, c], zero_division=0) for c in seen]
            if average == "macro":
                found[f"macro_{name}"] = mean(values) if seen else (0 if name == "f1" else None)
            else:
                found["weighted_f1"] = weighted(values, [support[c] for c in seen])
    found["ece"], found["adaptive_ece"], clear = calibration(p.ravel(), targets.ravel())
    if clear:
        from torchmetrics.functional.classification import binary_calibration_error
        import torch
        theirs = binary_calibration_error(torch.tensor(p.ravel(), dtype=torch.float64), torch.tensor(targets.ravel()), BINS).item()
        assert abs(theirs - found["ece"]) < FLOAT32, (theirs, found["ece"])
    return found, classes, clear


def compare(number, graft, expected, classes):
    worst, compared = 0, 0
    pairs = [(name, graft[name], value) for name, value in expected.items()]
    for c, of in enumerate(classes):
        pairs += [(f"class {c} {name}", graft["classes"][c][name], value) for name, value in of.items()]
    for name, ours, theirs in pairs:
        compared += 1
        if (ours is None) != (theirs is None):
            sys.exit(f"case {number}: {name} is {ours}, expected {theirs}")
        if ours is None:
            continue
        worst = max(worst, abs(ours - theirs))
        if abs(ours - theirs) > BOUND:
            sys.exit(f"case {number}: {name} is {ours}, expected {theirs}")
    return worst, compared


def main():
    program = sys.argv[1]
    for several in (False, True):
        rng = np.random.default_rng(17)
        cases = [(*make(rng, i, several), several) for i in range(CASES)]
        answers = ask(program, cases)
        worst = compared = by_torchmetrics = undefined = 0
        for i, ((p, truth, _), graft) in enumerate(zip(cases, answers)):
            expected, classes, clear = (expect_several if several else expect_single)(p, truth)
            w, c = compare(i, graft, expected, classes)
            worst, compared, by_torchmetrics = max(worst, w), compared + c, by_torchmetrics + clear
            undefined += sum(v is None for v in expected.values()) + sum(v is None for of in classes for v in of.values())
        print(f"{'any number of classes' if several else 'one class each'}: {CASES} cases, {compared} numbers, {undefined} of them not defined in both, "
              f"{by_torchmetrics} calibration errors by torchmetrics; largest difference {worst:.1e}")
        refused = [(np.where(np.arange(p.size).reshape(p.shape) == p.size // 2, np.float32("nan"), p), t, s) for p, t, s in cases[:5]]
        if not all("expected a number" in a.get("error", "") for a in ask(program, refused)):
            sys.exit("a NaN was not refused")


main()
