#!/usr/bin/env python3
"""usage: bench/trust.py calibration RUN...  |  bench/trust.py coverage RUN [PART] [SPLITS]

Reads predictions.csv and model.onnx's rules (history.json) of runs of graft.
calibration: for each run the expected calibration error (15 bins of equal width) and the log loss on its validation photos, before and after the temperature that
was folded into it (before: probabilities raised to the temperature), and their means.
coverage: conformal sets as graft makes them (src/graft/trust/sets.h), found on a random half of the validation photos and measured on the other half, in the
mean over SPLITS (100) splits: coverage, size, and that of the class where the mean is lowest; with one threshold for all, and with one for each class of enough photos."""
import csv
import json
import math
import os
import random
import sys

PENALTY, FREE_RANKS, MISSED = 0.01, 5, 2


def read(run):
    with open(os.path.join(run, "predictions.csv"), newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    columns = [c for c in rows[0] if c.startswith("probability of ")]
    names = [c[len("probability of "):] for c in columns]
    return names, [names.index(r["label"]) for r in rows], [[float(r[c]) for c in columns] for r in rows]


def hotter(row, temperature):
    powers = [max(p, 1e-12) ** temperature for p in row]
    return [p / sum(powers) for p in powers]


def ece(labels, rows):
    bins = [[0, 0.0] for _ in range(15)]
    for label, row in zip(labels, rows):
        best = max(range(len(row)), key=row.__getitem__)
        at = min(14, max(0, math.ceil(row[best] * 15) - 1))
        bins[at][0] += 1
        bins[at][1] += row[best] - (best == label)
    return sum(abs(b[1]) for b in bins) / len(labels)


def log_loss(labels, rows):
    return -sum(math.log(max(row[label], 1e-15)) for label, row in zip(labels, rows)) / len(labels)


def calibration(runs):
    print(f"{'run':24} temperature  ECE before   after  log loss before    after")
    sums = [0.0] * 4
    for run in runs:
        _, labels, rows = read(run)
        with open(os.path.join(run, "history.json"), encoding="utf-8") as file:
            temperature = json.load(file).get("trust", {}).get("calibration", {}).get("temperature", 1)
        before = [hotter(row, temperature) for row in rows]
        found = [ece(labels, before), ece(labels, rows), log_loss(labels, before), log_loss(labels, rows)]
        sums = [a + b / len(runs) for a, b in zip(sums, found)]
        print(f"{os.path.basename(run.rstrip('/')):24} {temperature:11.3f} {found[0]:11.4f} {found[1]:7.4f} {found[2]:16.4f} {found[3]:8.4f}")
    print(f"{'mean':24} {'':11} {sums[0]:11.4f} {sums[1]:7.4f} {sums[2]:16.4f} {sums[3]:8.4f}")


def scores(row):
    above, found = 0.0, {}
    for rank, k in enumerate(sorted(range(len(row)), key=lambda k: (-row[k], k)), 1):
        found[k] = above + max(0, rank - FREE_RANKS) * PENALTY
        above += row[k]
    return found


def quantile(values, part):
    rank = math.ceil((len(values) + 1) * part - 1e-9)
    return sorted(values)[rank - 1] if rank <= len(values) else math.inf


def coverage(run, part, splits):
    names, labels, rows = read(run)
    scored = [scores(row) for row in rows]
    right = sum(max(range(len(r)), key=r.__getitem__) == y for y, r in zip(labels, rows)) / len(rows)
    print(f"{len(rows)} photos, {len(names)} classes, accuracy {right:.3f}, coverage asked for {part}, {splits} splits")
    for by_class in (False, True):
        total, size, of_class, photos = [], 0.0, [[0.0, 0] for _ in names], list(range(len(rows)))
        for split in range(splits):
            random.Random(split).shuffle(photos)
            half = len(photos) // 2
            first, second = photos[:half], photos[half:]
            every = quantile([scored[i][labels[i]] for i in first], part)
            limits = [every] * len(names)
            for k in range(len(names)):
                own = [scored[i][k] for i in first if labels[i] == k]
                if by_class and len(own) >= math.ceil(MISSED / (1 - part) - 1e-9):
                    limits[k] = quantile(own, part)
            covered = 0
            hits = [[0, 0] for _ in names]
            for i in second:
                inside = scored[i][labels[i]] <= limits[labels[i]]
                covered += inside
                hits[labels[i]][0] += inside
                hits[labels[i]][1] += 1
                size += sum(scored[i][k] <= limits[k] for k in range(len(names))) / len(second) / splits
            total.append(covered / len(second))
            for k, (hit, count) in enumerate(hits):
                if count:
                    of_class[k][0] += hit / count
                    of_class[k][1] += 1
        worst = min((hit / count, names[k]) for k, (hit, count) in enumerate(of_class) if count)
        mean = sum(total) / splits
        deviation = math.sqrt(sum((t - mean) ** 2 for t in total) / (splits - 1))
        print(f"{'by class' if by_class else 'together':10} coverage {mean:.3f} (deviation {deviation:.3f}), {size:.2f} classes in a set, worst class {worst[1]} {worst[0]:.3f}")


if __name__ == "__main__":
    if len(sys.argv) >= 3 and sys.argv[1] == "calibration":
        calibration(sys.argv[2:])
    elif len(sys.argv) >= 3 and sys.argv[1] == "coverage":
        coverage(sys.argv[2], float(sys.argv[3]) if len(sys.argv) > 3 else 0.9, int(sys.argv[4]) if len(sys.argv) > 4 else 100)
    else:
        sys.exit(__doc__)
