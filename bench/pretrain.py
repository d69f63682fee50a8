#!/usr/bin/env python3
"""usage: bench/pretrain.py GRAFT OUT DATA SEEDS SHARES [PRETRAIN OPTIONS...]

Whether self-supervised pre-training on all photos helps where few have labels. DATA has train/ and val/ with class folders (bench/sets.py makes such sets). For each
seed `graft pretrain DATA` continues from the default network on all training photos, without their labels; then for each of SHARES of the labels (such as 0.01,0.1, but
at least one photo per class) `graft fit` is run with --strategy head and full, on the same labeled photos, with --from that run and with the network as it was, and
measured on val/, which neither has seen. The options, such as --method, --epochs or --size, go to pretrain; --size also to the fits of the network as it was.
Appends a line of JSON for each fit to OUT/results.jsonl, and ends with a table: accuracies, the mean over the seeds, and Student's interval of the gain."""
import json
import pathlib
import random
import shutil
import statistics
import subprocess
import sys

from seeds import interval


def labelled(data, share, seed, out):
    """A table of the labeled photos: this share of each class, at least one."""
    drawn = random.Random(f"{share} {seed}")
    lines = ["path,label"]
    for folder in sorted(p for p in (data / "train").iterdir() if p.is_dir()):
        photos = sorted(p for p in folder.rglob("*") if p.is_file())
        for photo in drawn.sample(photos, max(1, round(share * len(photos)))):
            lines.append(f"{photo.resolve()},{folder.name}")
    out.write_text("\n".join(lines) + "\n")
    return out, len(lines) - 1


def fit(graft, table, data, run, words):
    shutil.rmtree(run, ignore_errors=True)
    subprocess.run([graft, "fit", table, "--val", data / "val", "--out", run, "--report", "none", "-q", *words], check=True)
    return json.loads((run / "eval.json").read_text())["accuracy"]


def main(graft, out, data, seeds, shares, *options):
    out, data = pathlib.Path(out), pathlib.Path(data)
    out.mkdir(parents=True, exist_ok=True)
    size = [word for i, word in enumerate(options) if word == "--size" or (i > 0 and options[i - 1] == "--size")]
    rows = {}
    for seed in range(1, int(seeds) + 1):
        own = out / f"own-{seed}"
        if not (own / "encoder.onnx").exists():
            shutil.rmtree(own, ignore_errors=True)
            subprocess.run([graft, "pretrain", data, "--seed", str(seed), "--out", own, *options], check=True)
        for share in shares.split(","):
            table, count = labelled(data, float(share), seed, out / f"labelled-{share}-{seed}.csv")
            for strategy in ("head", "full"):
                words = ["--strategy", strategy, "--seed", str(seed)]
                before = fit(graft, table, data, out / "before", words + size)
                after = fit(graft, table, data, out / "after", words + ["--from", own])
                rows.setdefault((share, strategy), []).append((before, after))
                with open(out / "results.jsonl", "a") as file:
                    file.write(json.dumps({"seed": seed, "share": share, "labelled": count, "strategy": strategy, "before": before, "after": after,
                                           "options": options}) + "\n")
                print(seed, share, count, strategy, f"{before:.4f} {after:.4f}", flush=True)
    print(f"{'labels':<8}{'strategy':<10}{'before':>8}{'after':>8}  gain [95 %]")
    for (share, strategy), runs in rows.items():
        before, after = (statistics.mean(run[i] for run in runs) for i in range(2))
        print(f"{share:<8}{strategy:<10}{before:>8.3f}{after:>8.3f}  {interval([a - b for b, a in runs])}")


if len(sys.argv) < 6:
    sys.exit(__doc__)
main(*sys.argv[1:])
