#!/usr/bin/env python3
"""usage: bench/studies.py imbalance CELLS | negative FASHION | ladder FASHION | ablations HYMENOPTERA FASHION CELLS   [--graft PROGRAM]

The accuracies of bench/README.md that take several trainings. CELLS: folder of class folders (intact, defective); FASHION: what `graft import` makes of
Fashion-MNIST (Debian's dataset-fashion-mnist); HYMENOPTERA: train/ and val/ of ants and bees. ladder needs numpy, Pillow and scikit-learn (its digits).
Runs are made in a temporary folder and removed."""
import json
import math
import os
import random
import statistics
import struct
import subprocess
import sys
import tempfile

OPTIONS = "standard,mixup,label-smoothing,ema,wise,sam"
STUDENT = {4: 2.776}  # 97.5 % of Student's t


def graft(*words):
    return subprocess.run([program, *map(str, words)], check=True, stdout=subprocess.PIPE, text=True).stdout


def few(source, target, count, first=0, seed=0):
    """Links to `count` (None: all) of each class."""
    for name in sorted(os.listdir(source)):
        files = sorted(os.listdir(f"{source}/{name}"))
        random.Random(f"{seed}{name}").shuffle(files)
        os.makedirs(f"{target}/{name}", exist_ok=True)
        for file in files[first:None if count is None else first + count]:
            os.symlink(os.path.realpath(f"{source}/{name}/{file}"), f"{target}/{name}/{file}")


def fashion(source, target, train=100, val=100):
    few(f"{source}/train", f"{target}/train", train)
    few(f"{source}/test", f"{target}/val", val)


def shuffled(path, seed, target):
    """A .safetensors with the values of each tensor in another order."""
    data = open(path, "rb").read()
    size = struct.unpack("<Q", data[:8])[0]
    head, body = json.loads(data[8:8 + size]), bytearray(data[8 + size:])
    chance = random.Random(seed)
    for name, tensor in head.items():
        if name == "__metadata__" or tensor["dtype"] != "F32":
            continue
        first, last = tensor["data_offsets"]
        values = [body[i:i + 4] for i in range(first, last, 4)]
        chance.shuffle(values)
        body[first:last] = b"".join(values)
    with open(target, "wb") as file:
        file.write(data[:8 + size] + body)


def imbalance(cells):
    """One twentieth of the defective cells for training, all for validation; five splits of 75 and 25 %."""
    for strategy in ("head", "partial"):
        gains = []
        for seed in range(5):
            place = f"{folder}/imbalance-{strategy}-{seed}"
            for name in ("intact", "defective"):
                files = sorted(os.listdir(f"{cells}/{name}"))
                random.Random(f"{seed}{name}").shuffle(files)
                cut = len(files) * 3 // 4
                train = files[:cut] if name == "intact" else files[:len(os.listdir(f"{cells}/intact")) * 3 // 80]
                for part, list_ in (("train", train), ("val", files[cut:])):
                    os.makedirs(f"{place}/{part}/{name}")
                    for file in list_:
                        os.symlink(os.path.realpath(f"{cells}/{name}/{file}"), f"{place}/{part}/{name}/{file}")
            found = []
            for way in ("none", "auto"):
                words = ["--epochs", 5] if strategy == "partial" else []
                answer = graft("fit", place, "--strategy", strategy, "--imbalance", way, *words, "--out", f"{place}-{way}", "--json", "-q")
                found.append(json.loads(answer)["evaluation"]["balanced_accuracy"])
            gains.append(found[1] - found[0])
            print(f"{strategy} {seed}: plain {found[0]:.3f}, auto {found[1]:.3f}", flush=True)
        mean, reach = statistics.mean(gains), STUDENT[4] * statistics.stdev(gains) / math.sqrt(5)
        print(f"{strategy}: {mean:+.3f} ({mean - reach:+.3f} to {mean + reach:+.3f})")


def negative(source):
    """Lite0 with the values of each tensor shuffled, its new layer against the same network from random weights."""
    fashion(source, f"{folder}/fashion")
    graft("weights", "convert", os.environ.get("LITE0", ".deps/weights/efficientnet-lite0-57934424.pth"), f"{folder}/lite0.safetensors")
    for seed in range(5):
        shuffled(f"{folder}/lite0.safetensors", seed, f"{folder}/shuffled.safetensors")
        print(graft("fit", f"{folder}/fashion", "--seed", seed, "--size", 64, "--resize", 64, "--strategy", "head", "--features", "last",
                    "--precision", "float32", "--weights", f"{folder}/shuffled.safetensors", "--compare", "scratch:epochs=10:batch=32:lr=0.05",
                    "--out", f"{folder}/negative-{seed}", "-q"), flush=True)


def ladder(source):
    """Twenty classes: ten of Fashion-MNIST, ten digits of scikit-learn."""
    import numpy
    from PIL import Image
    from sklearn.datasets import load_digits
    fashion(source, f"{folder}/twenty", 100, 50)
    digits = load_digits()
    for digit in range(10):
        at = numpy.where(digits.target == digit)[0]
        for part, which in (("train", at[:100]), ("val", at[100:150])):
            os.makedirs(f"{folder}/twenty/{part}/digit{digit}")
            for i in which:
                picture = Image.fromarray((digits.images[i] * 15.9).astype("uint8")).resize((32, 32), Image.BILINEAR)
                picture.save(f"{folder}/twenty/{part}/digit{digit}/{i}.png")
    print(graft("fit", f"{folder}/twenty", "--recipe", "ladder", "--backbone", "efficientnet_lite0", "--size", 96, "--resize", 112, "--epochs", 5,
                "--out", f"{folder}/ladder", "-q"))


def ablations(hymenoptera, source, cells):
    fashion(source, f"{folder}/fashion")
    partial, small = ["--strategy", "partial", "--options", OPTIONS], ["--epochs", 5, "--size", 128, "--resize"]
    for data, words in ((hymenoptera, partial), (f"{folder}/fashion", [*partial, "--size", 64, "--resize", 64]), (cells, [*partial, *small, 128]),
                        (hymenoptera, ["--strategy", "full", "--begin", "zero", *small, 144, "--options", f"augment=none,{OPTIONS},l2-sp"])):
        with tempfile.TemporaryDirectory(dir=folder) as out:
            print(graft("ablate", data, *words, "--seeds", 5, "--out", f"{out}/study", "-q"), flush=True)


words = sys.argv[1:]
program = os.path.join(os.path.dirname(__file__), "../build/release/graft")
if "--graft" in words:
    at = words.index("--graft")
    program = words[at + 1]
    del words[at:at + 2]
jobs = {"imbalance": (imbalance, 1), "negative": (negative, 1), "ladder": (ladder, 1), "ablations": (ablations, 3)}
if not words or words[0] not in jobs or len(words) != jobs[words[0]][1] + 1:
    sys.exit(__doc__)
with tempfile.TemporaryDirectory() as folder:
    jobs[words[0]][0](*words[1:])
