#!/usr/bin/env python3
"""usage: bench/adapt.py GRAFT OUT PHOTOS SEEDS COUNT [PAIR...] [-- OPTIONS]

What `graft adapt` chooses without labels of the target, and what the labels say: for each seed the three domains of digits (bench/domains.py, COUNT a class),
the solar cells of ELPV mono and poly where .deps/data/elpv is, and a planted partial target: blended digits of five classes alone. PAIR is SOURCE:TARGET, such as
rendered:blended, mono:poly or rendered:partial; all of them if none is named. OPTIONS go to graft. Appends a line of JSON for each run to OUT/results.jsonl and ends
with a table: accuracies on photos of the target that had no part in anything, the mean over the seeds and Student's interval of the gain."""
import json
import pathlib
import shutil
import statistics
import subprocess
import sys

from seeds import interval

HERE = pathlib.Path(__file__).parent
ELPV = HERE.parent / ".deps/data/elpv"
PAIRS = "handwritten:rendered rendered:handwritten rendered:blended handwritten:blended rendered:partial mono:poly poly:mono".split()


def made(photos, count, seed, out):
    folder = out / f"digits{seed}"
    if not folder.exists():
        subprocess.run([sys.executable, HERE / "domains.py", photos, count, str(seed), folder], check=True)
        for part in ("train", "test"):
            for digit in range(5):
                shutil.copytree(folder / "blended" / part / f"digit{digit}", folder / "partial" / part / f"digit{digit}")
    for kind in ("mono", "poly"):
        cells = folder / kind
        if ELPV.exists() and not cells.exists():
            subprocess.run([sys.executable, HERE / "sets.py", "cells", ELPV, str(seed), cells, kind], check=True)
            (cells / "val").rename(cells / "test")
    return folder


def main(graft, out, photos, seeds, count, *rest):
    rest = list(rest)
    options = rest[rest.index("--") + 1:] if "--" in rest else []
    pairs = rest[:rest.index("--")] if "--" in rest else rest
    out = pathlib.Path(out)
    out.mkdir(parents=True, exist_ok=True)
    rows = {}
    for seed in range(1, int(seeds) + 1):
        folder = made(photos, count, seed, out)
        for pair in pairs or PAIRS:
            source, target = pair.split(":")
            if not (folder / source).exists():
                continue
            run = out / f"run-{source}-{target}-{seed}"
            shutil.rmtree(run, ignore_errors=True)
            words = [graft, "adapt", "--source", folder / source / "train", "--val", folder / source / "test", "--target", folder / target / "train",
                     "--target-test", folder / target / "test", "--size", "96", "--seed", str(seed), "--out", run, "--report", "none", "--json", *options]
            done = subprocess.run(words, capture_output=True, text=True)
            if done.returncode != 0:
                print(pair, seed, done.stderr.strip().splitlines()[-1], flush=True)
                continue
            found = json.loads(done.stdout)["adaptation"]
            with open(out / "results.jsonl", "a") as file:
                file.write(json.dumps({"pair": pair, "seed": seed, "options": options, "found": found}) + "\n")
            by_labels = {m["method"]: m["target_accuracy"] for m in found["methods"]}
            rows.setdefault(pair, []).append((by_labels["none"], by_labels[found["chosen"]], max(by_labels.values()), found["chosen"]))
            print(pair, seed, found["chosen"], {k: round(v, 3) for k, v in by_labels.items()}, found["reason"], flush=True)
    print(f"{'source:target':<24}{'none':>7}{'chosen':>8}{'oracle':>8}  gain of the chosen [95 %]   chosen")
    for pair, runs in rows.items():
        gain = interval([chosen - none for none, chosen, _, _ in runs])
        none, chosen, oracle = (statistics.mean(run[i] for run in runs) for i in range(3))
        names = ", ".join(f"{name} {sum(run[3] == name for run in runs)}" for name in sorted({run[3] for run in runs}))
        print(f"{pair:<24}{none:>7.3f}{chosen:>8.3f}{oracle:>8.3f}  {gain:<28} {names}")


if len(sys.argv) < 6:
    sys.exit(__doc__)
main(*sys.argv[1:])
