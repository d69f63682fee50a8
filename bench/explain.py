#!/usr/bin/env python3
"""usage: bench/explain.py RUN PHOTOS [COUNT] [METHOD...]

Of COUNT (36) photos of the folder PHOTOS, as many of each subfolder, the first of each by name:
what `graft explain --check` says of each METHOD (cam, occlusion, grad-cam, grad-cam++, layer-cam, integrated-gradients),
and by how much the maps of grad-cam differ from those of cam at most, of both likeliest classes, each scaled to its largest value. Wants numpy. GRAFT names another program."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy

METHODS = ["cam", "occlusion", "grad-cam", "grad-cam++", "layer-cam", "integrated-gradients"]
GRAFT = os.environ.get("GRAFT", str(pathlib.Path(__file__).resolve().parent.parent / "build/release/graft"))


def chosen(folder, count):
    classes = sorted({p.parent for p in pathlib.Path(folder).rglob("*.jpg")})
    each = count // len(classes)
    return [str(p) for c in classes for p in sorted(c.glob("*.jpg"))[:each]]


def graft(*words):
    done = subprocess.run([GRAFT, *words, "--quiet"], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return done.stdout


def shown(x):
    return f"{x['mean']:6.3f} ({x['interval'][0]:6.3f} to {x['interval'][1]:6.3f})"


def check(run, photos, methods):
    print(f"{'method':21} {'insertion less deletion':25} {'more than the centre':25} {'more than noise':25} {'rank corr. shuffled':25} reliable")
    for method in methods:
        found = json.loads(graft("explain", run, *photos, "--check", "--json", "--method", method))
        both = found["insertion_minus_deletion"]
        print(f"{method:21} {shown(both['maps']):25} {shown(found['more_than_centre']):25} {shown(found['more_than_random']):25} "
              f"{shown(found['shuffled'][-1]['rank_correlation']):25} {found['reliable']}", flush=True)
    print(f"{'centre':21} {shown(both['centre'])}\n{'noise':21} {shown(both['random'])}")


def maps(run, photos, method, folder):
    graft("explain", run, *photos, "--method", method, "--precision", "float32", "--top", "2", "--raw", "--out", folder)
    return [of_class for p in sorted(pathlib.Path(folder).rglob("*.npy")) for of_class in numpy.load(p)]


def compare(run, photos):
    with tempfile.TemporaryDirectory() as folder:
        both = [maps(run, photos, method, os.path.join(folder, method)) for method in ("cam", "grad-cam")]
    largest = max(abs(a / abs(a).max() - b / abs(b).max()).max() for a, b in zip(*both))
    print(f"cam and grad-cam, float32, {len(both[0])} maps: largest difference {largest:.1e}")


def main():
    if len(sys.argv) < 3 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    photos = chosen(sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 36)
    check(sys.argv[1], photos, sys.argv[4:] or METHODS)
    compare(sys.argv[1], photos)


main()
