#!/usr/bin/env python3
"""How well graft knows what it does not know, through the program.

bench/unknown.py strangers DATA STRANGERS   a head on DATA (train/ and val/ of class folders), photos of STRANGERS against DATA's val/: AUROC, FPR95
bench/unknown.py left-out DATA A,B C,D ...  heads without the classes A and B, whose photos are the strangers; a line for each pair
bench/unknown.py shift DATA                 a head validated on half of val/; the other half blurred and made darker or brighter in 20 ways: the accuracy
                                            that `graft drift` estimates against the true one (wants Pillow)
Further options are passed to `graft fit`, after --. GRAFT: the program, else build/release/graft.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

GRAFT = os.environ.get("GRAFT", str(pathlib.Path(__file__).resolve().parent.parent / "build/release/graft"))


def graft(*words):
    done = subprocess.run([GRAFT, *map(str, words)], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"graft {' '.join(map(str, words))}: {done.stderr}")
    return json.loads(done.stdout) if "--json" in words else done.stdout


def fit(data, out, options):
    graft("fit", data, "--strategy", "head", "--out", out, "-q", *options)


def said(name, evaluation):
    ood = evaluation["ood"]
    low, high = ood["auroc_interval"]
    share = ood.get("share", float("nan"))
    print(f"{name:28} {ood['score']:12} AUROC {ood['auroc']:.4f} ({low:.3f} to {high:.3f})  FPR95 {ood['fpr95']:.3f}  unknown {100 * share:.1f} %", flush=True)


def strangers(work, options, data, photos):
    fit(data, work / "run", options)
    said(pathlib.Path(data).name, graft("eval", work / "run", data, "--ood", photos, "--json", "-q"))


def left_out(work, options, data, *pairs):
    data = pathlib.Path(data)
    for pair in pairs:
        left, here = pair.split(","), work / pair
        for part in ("train", "val"):
            for folder in sorted((data / part).iterdir()):
                to = here / "strangers" / f"{part}-{folder.name}" if folder.name in left else here / "data" / part / folder.name
                shutil.copytree(folder, to)
        fit(here / "data", here / "run", options)
        said(pair, graft("eval", here / "run", here / "data", "--ood", here / "strangers", "--json", "-q"))


def changes():
    from PIL import ImageEnhance, ImageFilter

    for radius in (0.5, 1, 1.5, 2, 3, 4, 5, 6, 8, 10):
        yield f"blur {radius}", lambda photo, r=radius: photo.filter(ImageFilter.GaussianBlur(r))
    for factor in (0.1, 0.2, 0.3, 0.5, 0.7, 1.3, 1.6, 2, 3, 4):
        yield f"brightness {factor}", lambda photo, f=factor: ImageEnhance.Brightness(photo).enhance(f)


def shift(work, options, data):
    from PIL import Image

    data = pathlib.Path(data)
    shutil.copytree(data / "train", work / "data/train")
    later = []
    for folder in sorted((data / "val").iterdir()):
        (work / "data/val" / folder.name).mkdir(parents=True)
        for i, file in enumerate(sorted(folder.iterdir())):
            if i % 2 == 0:
                shutil.copy(file, work / "data/val" / folder.name)
            else:
                later.append((folder.name, file))
    fit(work / "data", work / "run", options)
    print(f"{'case':16} {'true':>6} {'estimate':>9} {'interval':>16} {'p':>6} {'unknown':>8}  warned  good")
    good = quiet = right_quietly = 0
    for name, change in [("as they are", lambda photo: photo), *changes()]:
        here = work / name.replace(" ", "-")
        for label, file in later:
            (here / label).mkdir(parents=True, exist_ok=True)
            change(Image.open(file).convert("RGB")).save(here / label / (file.stem + ".png"))
        true = graft("eval", work / "run", here, "--json", "-q")["accuracy"]
        drift = graft("drift", work / "run", here, "--json", "-q")
        estimate = drift["estimated_accuracy"]
        near, warned = abs(estimate["estimate"] - true) <= 0.05, drift["warning"] is not None
        low, high = estimate["interval"]
        print(f"{name:16} {true:6.3f} {estimate['estimate']:9.3f} {low:7.3f} to {high:.3f} {drift['two_sample']['p']:6.3f} "
              f"{drift.get('unknown', {}).get('share', float('nan')):8.3f}  {'yes' if warned else 'no':6}  {'yes' if near or warned else 'NO'}", flush=True)
        if name == "as they are":
            continue
        good += near or warned
        quiet += not warned
        right_quietly += near and not warned
    print(f"{good} of 20 within 0.05 or warned; {right_quietly} of the {quiet} without a warning within 0.05")


def main():
    words, options = sys.argv[1:], []
    if "--" in words:
        options = words[words.index("--") + 1:]
        words = words[:words.index("--")]
    what = {"strangers": strangers, "left-out": left_out, "shift": shift}.get(words[0] if words else "")
    if not what or len(words) < 2:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as work:
        os.environ.setdefault("GRAFT_CACHE", str(pathlib.Path(work) / "cache"))
        what(pathlib.Path(work), options, *words[1:])


main()
