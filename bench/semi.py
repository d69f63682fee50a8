#!/usr/bin/env python3
"""usage: bench/semi.py GRAFT OUT SET LABELS SEEDS [WAY...] [-- OPTIONS]

What photos without labels are worth to `graft fit`. SET is cells (.deps/data/elpv) or fashion (Debian's package dataset-fashion-mnist): bench/sets.py makes it for
each seed. LABELS photos of each class keep their labels, all others of train/ go into a folder without any, and val/ measures. WAY: head (the new layer alone,
solved on the labels), auto (--unlabeled), pseudo-labels (--semi pseudo-labels), full (--strategy full on the labels), full-auto (with --unlabeled) and fixmatch
(--strategy full --semi fixmatch); all of them if none is named. OPTIONS go to every run, such as --size 96; --epochs goes to those that train by steps. Appends
a line of JSON for each run to OUT/results.jsonl and ends with a table: accuracy on val/, the mean over the seeds, and Student's interval of the gain over head,
and of the ways that train by steps over full."""
import json
import pathlib
import random
import shutil
import statistics
import subprocess
import sys

from seeds import interval

HERE = pathlib.Path(__file__).parent
SOURCES = {"cells": [HERE.parent / ".deps/data/elpv"], "fashion": ["/usr/share/datasets/fashion-mnist", "150"]}
STEPS = ["--strategy", "full"]
WAYS = {
    "head": (["--strategy", "head"], False),
    "auto": (["--strategy", "head"], True),
    "pseudo-labels": (["--strategy", "head", "--semi", "pseudo-labels"], True),
    "full": (STEPS, False),
    "full-auto": (STEPS, True),
    "fixmatch": ([*STEPS, "--semi", "fixmatch"], True),
}


def made(name, labels, seed, out):
    whole, folder = out / f"{name}{seed}", out / f"{name}{seed}-{labels}"
    if not whole.exists():
        subprocess.run([sys.executable, HERE / "sets.py", name, *SOURCES[name], str(seed), whole], check=True)
    if folder.exists():
        return whole, folder
    (folder / "unlabeled").mkdir(parents=True)
    for kind in sorted(whole.glob("train/*")):
        photos = sorted(kind.iterdir())
        random.Random(f"{seed}{kind.name}").shuffle(photos)
        (folder / "labeled" / kind.name).mkdir(parents=True)
        for i, photo in enumerate(photos):
            to = folder / "labeled" / kind.name / photo.name if i < int(labels) else folder / "unlabeled" / f"{kind.name}-{photo.name}"
            shutil.copy(photo, to)
    return whole, folder


def main(graft, out, name, labels, seeds, *rest):
    rest = list(rest)
    options = rest[rest.index("--") + 1:] if "--" in rest else []
    ways = (rest[:rest.index("--")] if "--" in rest else rest) or list(WAYS)
    out = pathlib.Path(out)
    out.mkdir(parents=True, exist_ok=True)
    accuracy, taken = {way: [] for way in ways}, {way: [] for way in ways}
    for seed in range(1, int(seeds) + 1):
        whole, folder = made(name, labels, seed, out)
        for way in ways:
            own, unlabeled = WAYS[way]
            given = list(options)
            if "--strategy" in own and own[1] == "head" and "--epochs" in given:
                del given[given.index("--epochs"):given.index("--epochs") + 2]
            run = out / f"run-{name}-{labels}-{way}-{seed}"
            shutil.rmtree(run, ignore_errors=True)
            words = [graft, "fit", folder / "labeled", "--val", whole / "val", *own, *(["--unlabeled", folder / "unlabeled"] if unlabeled else []),
                     "--seed", str(seed), "--out", run, "--report", "none", "--json", *given]
            done = subprocess.run(words, capture_output=True, text=True)
            if done.returncode != 0:
                sys.exit(f"{way} {seed}: {done.stderr.strip().splitlines()[-1]}")
            found = json.loads(done.stdout)
            with open(out / "results.jsonl", "a") as file:
                file.write(json.dumps({"set": name, "labels": int(labels), "seed": seed, "way": way, "options": options,
                                       "accuracy": found["evaluation"]["accuracy"], "unlabeled": found.get("unlabeled")}) + "\n")
            accuracy[way].append(found["evaluation"]["accuracy"])
            taken[way].append(found.get("unlabeled", {}).get("chosen", ""))
            print(seed, way, accuracy[way][-1], taken[way][-1], flush=True)
    print(f"{name}, {labels} labels a class")
    print(f"{'way':<16}{'accuracy':>9}  {'gain over head [95 %]':<26}{'gain over full [95 %]':<26}taken")
    for way in ways:
        gains = [interval([a - b for a, b in zip(accuracy[way], accuracy[base])]) if way != base and base in ways and (base == "head" or WAYS[way][0][1] == "full") else ""
                 for base in ("head", "full")]
        names = ", ".join(f"{chosen} {taken[way].count(chosen)}" for chosen in sorted(set(taken[way])) if chosen)
        print(f"{way:<16}{statistics.mean(accuracy[way]):>9.3f}  {gains[0]:<26}{gains[1]:<26}{names}")


if len(sys.argv) < 6 or sys.argv[3] not in SOURCES:
    sys.exit(__doc__)
main(*sys.argv[1:])
