#!/usr/bin/env python3
"""usage: bench/cyclegan.py GRAFT PHOTOS OUT [SEEDS] [-- OPTIONS]

What a translation by CycleGAN is worth: squares of 64 pixels of every second photo of PHOTOS/train (class folders) are the source, edge drawings of the others the
target, without labels, and edge drawings of PHOTOS/val what is measured on. No photo is in two of them. For each of SEEDS (1) `graft adapt` with --method none and
with cyclegan; OPTIONS go to both where they have a meaning, such as --translate-epochs 30. Prints each cycle loss from the first to the last epoch and accuracies,
and of all seeds together the gain with an interval by drawing the test photos again. Look at OUT/run-cyclegan-SEED/translated.png. Needs Pillow and numpy."""
import csv
import json
import pathlib
import shutil
import subprocess
import sys

import numpy
from PIL import Image, ImageFilter, ImageOps

SIDE = 64


def square(path):
    return ImageOps.fit(Image.open(path).convert("RGB"), (SIDE, SIDE), Image.BICUBIC)


def drawing(path):
    """Dark lines on white."""
    large = ImageOps.fit(Image.open(path).convert("L"), (2 * SIDE, 2 * SIDE), Image.BICUBIC).filter(ImageFilter.GaussianBlur(1))
    edges = ImageOps.autocontrast(large.filter(ImageFilter.FIND_EDGES).crop((2, 2, 2 * SIDE - 2, 2 * SIDE - 2)), cutoff=(0, 1))
    return ImageOps.invert(edges).resize((SIDE, SIDE), Image.BICUBIC).convert("RGB")


def made(photos, out):
    for name in sorted(p.name for p in (photos / "train").iterdir()):
        for i, path in enumerate(sorted((photos / "train" / name).iterdir())):
            folder = out / ("source" if i % 2 == 0 else "target") / name
            folder.mkdir(parents=True, exist_ok=True)
            (square(path) if i % 2 == 0 else drawing(path)).save(folder / f"{path.stem}.png")
        for path in sorted((photos / "val" / name).iterdir()):
            folder = out / "test" / name
            folder.mkdir(parents=True, exist_ok=True)
            drawing(path).save(folder / f"{path.stem}.png")


def right(run):
    """By photo, in the order of paths."""
    rows = list(csv.DictReader(open(run / "target_predictions.csv")))
    return numpy.array([pathlib.Path(r["path"]).parent.name == r["predicted"] for r in sorted(rows, key=lambda r: r["path"])], dtype=float)


def without_translation(options):
    """Of options that all have a value."""
    return [word for name, value in zip(options[::2], options[1::2]) if not name.startswith("--translate") for word in (name, value)]


def main(graft, photos, out, *rest):
    rest = list(rest)
    options = rest[rest.index("--") + 1:] if "--" in rest else []
    before = rest[:rest.index("--")] if "--" in rest else rest
    out = pathlib.Path(out)
    if not (out / "source").exists():
        made(pathlib.Path(photos), out)
    gains = []
    for seed in range(1, int(before[0] if before else 1) + 1):
        answers = {}
        for method in ("none", "cyclegan"):
            run = out / f"run-{method}-{seed}"
            shutil.rmtree(run, ignore_errors=True)
            words = [graft, "adapt", "--source", out / "source", "--target", out / "target", "--target-test", out / "test", "--method", method, "--seed", str(seed),
                     "--out", run, "--report", "none", "-q"]
            subprocess.run(words + (options if method == "cyclegan" else without_translation(options)), check=True, stdout=subprocess.DEVNULL)
            answers[method] = right(run)
        epochs = json.load(open(out / f"run-cyclegan-{seed}" / "history.json"))["adaptation"]["translation"]["epochs"]
        gains.append(answers["cyclegan"] - answers["none"])
        print(f"seed {seed}: cycle loss {epochs[0]['cycle']:.3f} -> {epochs[-1]['cycle']:.3f} in {len(epochs)} epochs; accuracy on {len(gains[-1])} drawings: "
              f"none {answers['none'].mean():.3f}, cyclegan {answers['cyclegan'].mean():.3f}")
    of_photo = numpy.mean(gains, axis=0)
    chance = numpy.random.default_rng(0)
    drawn = [of_photo[chance.integers(len(of_photo), size=len(of_photo))].mean() for _ in range(10000)]
    low, high = numpy.quantile(drawn, [0.025, 0.975])
    print(f"gain {of_photo.mean():+.3f} ({low:+.3f} to {high:+.3f})")


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
