#!/usr/bin/env python3
"""usage: bench/shots.py GRAFT DATA [SIZE [EPISODES]]

Runs `graft episodes` on DATA (class folders) with features of EfficientNet-Lite0 at SIZE (96) pixels, once with --center support, and answers the same
EPISODES (600) in NumPy: prototypes of SimpleShot's CL2N (Wang et al. 2019), by their formula, on what `graft embed` says of the same photos. Prints the
largest difference of an episode's accuracy and the tables of both centres, and fails where the accuracies differ by more than 1e-6. Needs numpy."""
import csv
import json
import os
import subprocess
import sys
import tempfile

import numpy


def run(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def unit(rows):
    return rows / numpy.linalg.norm(rows, axis=1, keepdims=True)


def cl2n(features, support, query, ways):
    """The part of the queries whose nearest mean is their class's."""
    centre = features[support].mean(axis=0)
    z, q = unit(features[support] - centre), unit(features[query] - centre)
    means = z.reshape(ways, -1, z.shape[1]).mean(axis=1)
    nearest = ((q[:, None, :] - means[None]) ** 2).sum(axis=2).argmin(axis=1)
    return (nearest == numpy.repeat(numpy.arange(ways), len(query) // ways)).mean()


def photos(data):
    """In the order of graft's numbers: by class, then path; the parts of a data set together."""
    parts = [f"{data}/{part}" for part in ("train", "val", "test") if os.path.isdir(f"{data}/{part}")] or [data]
    found = [(name, f"{part}/{name}/{file}") for part in parts for name in os.listdir(part) for file in os.listdir(f"{part}/{name}")]
    return [path for _, path in sorted(found, key=lambda pair: (os.fsencode(pair[0]), os.fsencode(pair[1])))]


def percent(mean, interval):
    return f"{100 * mean:6.2f} ({100 * interval[0]:.2f} to {100 * interval[1]:.2f})"


def table(title, found):
    print(f"\n{title}\nshots  rule         accuracy, %                over prototypes, points")
    for r in found["results"]:
        over = r["over_prototypes"]
        print(f"{r['shots']:>5}  {r['rule']:<11}  {percent(r['accuracy'], r['interval'])}   {percent(over['difference'], over['interval'])}  {r.get('taken', '')}")


def main(graft, data, size="96", episodes="600"):
    with tempfile.TemporaryDirectory() as folder:
        listed = photos(data)
        open(f"{folder}/photos.csv", "w").write("path\n" + "".join(f"{os.path.abspath(path)}\n" for path in listed))
        run(graft, "embed", f"{folder}/photos.csv", "--size", size, "--precision", "float32", "--out", f"{folder}/f.npy", "-q")
        features = numpy.load(f"{folder}/f.npy").astype(numpy.float64)
        common = ["--size", size, "--ways", "5", "--shots", "1,5", "--queries", "15", "--episodes", episodes, "--seed", "0", "-q"]
        centred = json.loads(run(graft, "episodes", data, *common, "--center", "support", "--csv", f"{folder}/e.csv", "--json"))
        largest = 0
        for row in csv.DictReader(open(f"{folder}/e.csv")):
            support, query = ([int(i) for i in row[key].split()] for key in ("support", "query"))
            largest = max(largest, abs(cl2n(features, support, query, 5) - float(row["prototypes"])))
        print(f"{data}: CL2N prototypes of graft and of NumPy in {2 * int(episodes)} episodes, largest difference of an accuracy: {largest:.1e}")
        table("--center support", centred)
        table("--centre none", json.loads(run(graft, "episodes", data, *common, "--transductive", "--json")))
        sys.exit(largest > 1e-6)


if len(sys.argv) < 3 or sys.argv[1] in ("-h", "--help"):
    sys.exit(print(__doc__))
main(*sys.argv[1:5])
