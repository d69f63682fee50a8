#!/usr/bin/env python3
"""usage: bench/unknown_scores.py DATA EACH A,B C,D ...

How well other scores of strangeness do on the same features, beside what graft takes (bench/unknown.py left-out): heads on EACH photos a class of DATA/train without the
classes A and B, whose photos in DATA/val are the strangers. Mean AUROC over the pairs and that of each pair, the best first: energy, largest logit, largest probability,
fifth-nearest photo, Mahalanobis and relative Mahalanobis distance (full covariance, two shrinkages), virtual logit (Wang et al. 2022), and sums of two in
standard deviations. Wants numpy and scipy. GRAFT: the program, else build/release/graft."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax, logsumexp, softmax

GRAFT = os.environ.get("GRAFT", str(pathlib.Path(__file__).resolve().parent.parent / "build/release/graft"))


def features(photos, file):
    subprocess.run([GRAFT, "embed", photos, "--out", file, "-q"], check=True)
    paths = json.load(open(f"{file}.json"))["paths"]
    return np.load(file).astype(float), np.array([pathlib.Path(path).parent.name for path in paths])


def unit(x):
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def head(x, y, classes, l2=30):
    """Logistic regression; l2 as in `graft fit`: the penalty is l2/2 |W|^2 over the photos."""
    n, width, wanted = *x.shape, np.eye(classes)[y]
    mean = x.mean(0)

    def loss(w):
        weights, bias = w[:width * classes].reshape(width, classes), w[width * classes:]
        z = (x - mean) @ weights + bias
        slope = (softmax(z, axis=1) - wanted) / n
        return (-(log_softmax(z, axis=1) * wanted).sum() / n + l2 / 2 * (weights**2).sum() / n,
                np.concatenate([((x - mean).T @ slope + l2 / n * weights).ravel(), slope.sum(0)]))

    w = minimize(loss, np.zeros((width + 1) * classes), jac=True, method="L-BFGS-B", options={"maxiter": 200}).x
    weights = w[:width * classes].reshape(width, classes)
    return weights, w[width * classes:] - mean @ weights


def auroc(known, strange):
    ranks = np.concatenate([known, strange]).argsort().argsort() + 1.0
    return (ranks[len(known):].sum() - len(strange) * (len(strange) + 1) / 2) / (len(known) * len(strange))


def mahalanobis(x, rows, y, classes, shrink):
    means = np.stack([rows[y == k].mean(0) for k in range(classes)])
    within, whole = rows - means[y], rows - rows.mean(0)

    def inverse(off):
        covariance = off.T @ off / len(off)
        return np.linalg.inv(covariance + shrink * np.trace(covariance) / len(covariance) * np.eye(len(covariance)))

    p, p0 = inverse(within), inverse(whole)
    near = np.min([((x - m) @ p * (x - m)).sum(1) for m in means], axis=0)
    return np.sqrt(near), near - ((x - rows.mean(0)) @ p0 * (x - rows.mean(0))).sum(1)


def scores(x, y, classes, asked):
    """Of rows of features, by what is known: name -> values."""
    weights, bias = head(x, y, classes)
    z, rows, query = asked @ weights + bias, unit(x), unit(asked)
    energy = -logsumexp(z, axis=1)
    found = {"energy": energy, "largest logit": -z.max(1), "largest probability": -softmax(z, axis=1).max(1),
             "neighbours": -np.sort(query @ rows.T, axis=1)[:, -5]}
    for shrink in (0.01, 0.1):
        found[f"Mahalanobis {shrink}"], found[f"relative Mahalanobis {shrink}"] = mahalanobis(query, rows, y, classes, shrink)
    directions = np.linalg.eigh(np.cov(x.T))[1]
    for kept in (64, 256):
        rest = directions[:, :-kept]
        length = lambda q: np.linalg.norm((q - x.mean(0)) @ rest, axis=1)
        found[f"virtual logit {kept}"] = length(asked) * (x @ weights + bias).max(1).mean() / length(x).mean() + energy
    return found


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    data, each, pairs = sys.argv[1], int(sys.argv[2]), [pair.split(",") for pair in sys.argv[3:]]
    with tempfile.TemporaryDirectory() as work:
        (x, names), (asked, asked_names) = (features(f"{data}/{part}", f"{work}/{part}.npy") for part in ("train", "val"))
    table = {}
    for pair in pairs:
        stay = sorted(set(names) - set(pair))
        rows = np.concatenate([np.flatnonzero(names == name)[:each] for name in stay])
        y = np.array([stay.index(name) for name in names[rows]])
        strange = np.isin(asked_names, pair)
        found = scores(x[rows], y, len(stay), asked)
        in_deviations = {name: (v - v[~strange].mean()) / v[~strange].std() for name, v in found.items()}
        for a in ("Mahalanobis 0.01", "Mahalanobis 0.1", "relative Mahalanobis 0.1", "neighbours"):
            for b in ("energy", "largest logit", "largest probability"):
                found[f"{b} + {a}"] = in_deviations[a] + in_deviations[b]
        for name, v in found.items():
            table.setdefault(name, []).append(auroc(v[~strange], v[strange]))
    for name, values in sorted(table.items(), key=lambda row: -np.mean(row[1])):
        print(f"{name:42} {np.mean(values):.3f}  " + " ".join(f"{value:.3f}" for value in values))


main()
