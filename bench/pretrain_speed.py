#!/usr/bin/env python3
"""usage: bench/pretrain_speed.py GRAFT OUT [--photos 96] [--batch 32] [--size 128] [--times 3] [--threads 2] [--precision auto]

Seconds of a step of SimCLR: `graft pretrain --method simclr --batch-norm live` against a plain PyTorch loop with an EfficientNet-Lite0 of random weights, the same projector,
the same views by Pillow as torchvision's transforms make them, in a DataLoader with --threads workers, NT-Xent, SGD with Nesterov momentum. Both decode the
same JPEG photos, 256 pixels wide. What is timed is an epoch: three epochs less one, so that start and end are not counted; graft's looking at the features after each
epoch is. The two alternate, and the medians are compared. With --precision float32 both compute the same; auto is bf16 where the CPU has it.
Needs torch, Pillow and numpy; run it on a free machine."""
import argparse
import math
import os
import pathlib
import random
import shutil
import subprocess
import sys
import time

import numpy
import torch
from PIL import Image, ImageEnhance, ImageFilter
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset

from torch_lite0 import efficientnet_lite0


def make_photos(folder, photos):
    folder.mkdir(parents=True)
    for i in range(photos):
        coarse = numpy.random.default_rng(i).integers(0, 256, (16, 16, 3), dtype=numpy.uint8)
        Image.fromarray(coarse).resize((256, 256), Image.BICUBIC).save(folder / f"{i}.jpg", quality=90)


def graft_seconds(graft, out, a, epochs):
    words = [graft, "pretrain", out / "photos", "--batch-norm", "live", "--size", str(a.size), "--batch", str(a.batch), "--threads", str(a.threads),
             "--epochs", str(epochs), "--out", out / "run", "--precision", a.precision, "-q"]
    shutil.rmtree(out / "run", ignore_errors=True)
    begun = time.perf_counter()
    subprocess.run(words, check=True, env={**os.environ, "GRAFT_CACHE": str(out / "cache")}, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun


def view_of(photo, size, chance):
    """A view as torchvision's RandomResizedCrop, flip, ColorJitter, RandomGrayscale and GaussianBlur make it of a PIL image."""
    width, height = photo.size
    area, ratio = chance.uniform(0.2, 1) * width * height, math.exp(chance.uniform(math.log(3 / 4), math.log(4 / 3)))
    w, h = min(width, round(math.sqrt(area * ratio))), min(height, round(math.sqrt(area / ratio)))
    left, top = chance.randint(0, width - w), chance.randint(0, height - h)
    view = photo.resize((size, size), Image.BILINEAR, (left, top, left + w, top + h))
    if chance.random() < 0.5:
        view = view.transpose(Image.FLIP_LEFT_RIGHT)
    for enhance in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
        view = enhance(view).enhance(chance.uniform(0.6, 1.4))
    hue, saturation, value = view.convert("HSV").split()
    shift = round(chance.uniform(-0.1, 0.1) * 255)
    view = Image.merge("HSV", (hue.point([(i + shift) % 256 for i in range(256)]), saturation, value)).convert("RGB")
    if chance.random() < 0.2:
        view = view.convert("L").convert("RGB")
    if chance.random() < 0.5:
        view = view.filter(ImageFilter.GaussianBlur(chance.uniform(0.1, 2.0 * size / 224)))
    values = torch.from_numpy(numpy.array(view)).permute(2, 0, 1).float().div_(255)
    return (values - torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)) / torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)


class Views(Dataset):
    def __init__(self, photos, size):
        self.photos, self.size = photos, size

    def __len__(self):
        return len(self.photos)

    def __getitem__(self, i):
        photo, chance = Image.open(self.photos[i]).convert("RGB"), random.Random()
        return view_of(photo, self.size, chance), view_of(photo, self.size, chance)


def torch_seconds(out, a, epochs):
    begun = time.perf_counter()
    torch.set_num_threads(a.threads)
    network = efficientnet_lite0(nn.Sequential(nn.Linear(1280, 512), nn.BatchNorm1d(512), nn.ReLU(), nn.Linear(512, 128)))
    network.train()
    optimizer = torch.optim.SGD(network.parameters(), 0.05 * a.batch / 256, momentum=0.9, nesterov=True, weight_decay=1e-4)
    loader = DataLoader(Views(sorted((out / "photos").iterdir()), a.size), a.batch, shuffle=True, drop_last=True, num_workers=a.threads)
    for _ in range(epochs):
        for first, second in loader:
            optimizer.zero_grad()
            z = F.normalize(network(torch.cat([first, second])))
            n = len(first)
            logits = (z @ z.t() / 0.2).masked_fill(torch.eye(2 * n, dtype=torch.bool), float("-inf"))
            F.cross_entropy(logits, torch.arange(2 * n).roll(n)).backward()
            optimizer.step()
    return time.perf_counter() - begun


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("graft")
    parser.add_argument("out", type=pathlib.Path)
    for name, value in (("photos", 96), ("batch", 32), ("size", 128), ("times", 3), ("threads", 2)):
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--precision", default="auto")
    a = parser.parse_args()
    if a.out.exists():
        sys.exit(f"bench/pretrain_speed.py: {a.out} exists\nTo mend it: name a new folder")
    make_photos(a.out / "photos", a.photos)
    ways = {"graft": lambda epochs: graft_seconds(a.graft, a.out, a, epochs), "PyTorch": lambda epochs: torch_seconds(a.out, a, epochs)}
    ways["graft"](1)  # fills the cache of the convolutions' measurements
    found = {name: [] for name in ways}
    for _ in range(a.times):
        for name, seconds in ways.items():
            found[name].append((seconds(3) - seconds(1)) / 2 / (a.photos // a.batch))
            print(f"{name:<8} {found[name][-1]:.3f} s per step of {a.batch} photos", flush=True)
    ours, theirs = (sorted(found[name])[a.times // 2] for name in ("graft", "PyTorch"))
    print(f"medians: graft {ours:.3f} s, PyTorch {theirs:.3f} s: {theirs / ours:.2f} times")
    shutil.rmtree(a.out)


main()
