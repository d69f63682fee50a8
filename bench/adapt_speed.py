#!/usr/bin/env python3
"""usage: bench/adapt_speed.py GRAFT OUT [--methods dann,cdan,shot] [--photos 600] [--classes 10] [--epochs 10] [--times 3] [--features]

CPU seconds of an adaptation with a frozen network: `graft adapt --strategy head`, which runs the network once and caches its features, against the loop that tllib's
examples have, written plainly in PyTorch, which runs an EfficientNet-Lite0 on each batch of pictures of 64 pixels (that are in memory already). With --features the
PyTorch loop has the features, too. On top are a bottleneck of 256 with batch norm, a new layer, batches of 32 of both domains by DataLoader, SGD with Nesterov momentum, tllib's
discriminator of two times 1,024, the same epochs. What is timed is an epoch: three times --epochs less --epochs, so that reading photos, judging the method and
writing files are not counted, but validation, the target's answers after each epoch and checkpoints are. PyTorch validates and asks the target, too. Both on one
thread. Photos are made, of noise: what they show does not change the time.
Needs torch and numpy; run it on a free machine."""
import argparse
import os
import pathlib
import resource
import shutil
import struct
import subprocess
import sys
import time

import numpy
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

from torch_lite0 import efficientnet_lite0

WIDTH, BOTTLENECK, BATCH, SIDE = 1280, 256, 32, 64


def bmp(seed, side=SIDE):
    pixels = numpy.random.default_rng(seed).integers(0, 256, side * side * 3, dtype=numpy.uint8).tobytes()
    return b"BM" + struct.pack("<IHHI", 54 + len(pixels), 0, 0, 54) + struct.pack("<IiiHHIIiiII", 40, side, side, 1, 24, 0, len(pixels), 2835, 2835, 0, 0) + pixels


def make_photos(out, photos, classes):
    for i in range(photos):
        for folder in (out / "source" / f"class{i % classes}", out / "target"):
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{i}.bmp").write_bytes(bmp(2 * i + (folder.name == "target")))


def graft_seconds(graft, out, method, epochs, times):
    words = [graft, "adapt", "--source", out / "source", "--target", out / "target", "--strategy", "head", "--size", "64", "--l2", "0.1", "--threads", "1", "--report", "none", "-q",
             "--method", method, "--epochs", str(epochs), "--batch", str(BATCH), "--out", out / "run"]
    environment = {**os.environ, "GRAFT_CACHE": str(out / "cache")}
    seconds = []
    for _ in range(times + 1):
        shutil.rmtree(out / "run", ignore_errors=True)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(words, check=True, env=environment)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(seconds[1:])  # the first one fills the cache


class Reverse(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, by):
        ctx.by = by
        return x.view_as(x)

    @staticmethod
    def backward(ctx, gradient):
        return -ctx.by * gradient, None


class Frozen(nn.Module):
    """Features of pictures by a network that is not trained; of features themselves."""

    def __init__(self, pictures):
        super().__init__()
        self.network = [efficientnet_lite0(nn.Identity()).eval()] if pictures else []  # in a list, so that train() does not reach it

    def forward(self, x):
        with torch.no_grad():
            return self.network[0](x) if self.network else x


def endless(loader):
    while True:
        yield from loader


def answers(network, x):
    network.eval()
    with torch.no_grad():
        said = torch.cat([network(rows) for (rows,) in DataLoader(TensorDataset(x), BATCH)])
    network.train()
    return said


def information(logits):
    p = logits.softmax(1)
    return -(p * (p + 1e-5).log()).sum(1).mean() + (p.mean(0) * (p.mean(0) + 1e-5).log()).sum()


def train(network, source, labels, target, val, epochs, method, classes):
    """Of dann, cdan and, with none, of SHOT's source."""
    seen = BOTTLENECK * (classes if method == "cdan" else 1)
    rival = nn.Sequential(nn.Linear(seen, 1024), nn.BatchNorm1d(1024), nn.ReLU(), nn.Linear(1024, 1024), nn.BatchNorm1d(1024), nn.ReLU(), nn.Linear(1024, 1))
    moving = list(network.parameters()) + (list(rival.parameters()) if method else [])
    optimizer = torch.optim.SGD(moving, 0.01, momentum=0.9, nesterov=True, weight_decay=5e-4)
    loader = DataLoader(TensorDataset(source, labels), BATCH, shuffle=True, drop_last=True)
    others = endless(DataLoader(TensorDataset(target), BATCH, shuffle=True, drop_last=True))
    step, steps = 0, epochs * len(loader)
    for _ in range(epochs):
        for rows, truth in loader:
            optimizer.zero_grad()
            if method:
                f = network[0](torch.cat([rows, next(others)[0]]))
                said = network[1](f)
                loss = F.cross_entropy(said[:BATCH], truth)
                by = 2 / (1 + numpy.exp(-10 * step / steps)) - 1
                domain = torch.cat([torch.ones(BATCH, 1), torch.zeros(BATCH, 1)])
                if method == "cdan":
                    p = said.softmax(1).detach()
                    w = 1 + torch.exp((p * (p + 1e-5).log()).sum(1))
                    w = w / w.sum() * 2 * BATCH
                    g = Reverse.apply(torch.bmm(p.unsqueeze(2), f.unsqueeze(1)).flatten(1), by)
                    loss = loss + F.binary_cross_entropy_with_logits(rival(g), domain, w.unsqueeze(1))
                else:
                    loss = loss + F.binary_cross_entropy_with_logits(rival(Reverse.apply(f, by)), domain)
            else:
                loss = F.cross_entropy(network(rows), truth, label_smoothing=0.1)
            loss.backward()
            optimizer.step()
            step += 1
        answers(network, val), information(answers(network, target))


def shot(network, target, val, epochs, classes):
    optimizer = torch.optim.SGD(network[0].parameters(), 0.01, momentum=0.9, nesterov=True, weight_decay=5e-4)
    for _ in range(epochs):
        network.eval()
        with torch.no_grad():
            f = torch.cat([network[0](rows) for (rows,) in DataLoader(TensorDataset(target), BATCH)])
            p = network[1](f).softmax(1)
            f = F.normalize(torch.cat([f, torch.ones(len(f), 1)], 1))
            for _ in range(2):
                centres = p.t().mm(f) / (p.sum(0).unsqueeze(1) + 1e-8)
                own = f.mm(F.normalize(centres).t()).argmax(1)
                p = F.one_hot(own, classes).float()
        network.train()
        for rows, truth in DataLoader(TensorDataset(target, own), BATCH, shuffle=True, drop_last=True):
            optimizer.zero_grad()
            said = network(rows)
            (information(said) + 0.3 * F.cross_entropy(said, truth)).backward()
            optimizer.step()
        answers(network, val), information(answers(network, target))


def torch_seconds(method, photos, classes, epochs, times, pictures):
    torch.set_num_threads(1)
    torch.manual_seed(0)
    shape = (3, SIDE, SIDE) if pictures else (WIDTH,)
    source, target = torch.rand(photos * 4 // 5, *shape), torch.rand(photos, *shape)
    val, labels = torch.rand(photos - len(source), *shape), torch.arange(len(source)) % classes
    seconds = []
    for _ in range(times):
        network = nn.Sequential(nn.Sequential(Frozen(pictures), nn.Linear(WIDTH, BOTTLENECK), nn.BatchNorm1d(BOTTLENECK), nn.ReLU()), nn.Linear(BOTTLENECK, classes))
        before = time.process_time()
        train(network, source, labels, target, val, epochs, None if method == "shot" else method, classes)
        if method == "shot":
            shot(network, target, val, epochs, classes)
        seconds.append(time.process_time() - before)
    return min(seconds)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("graft")
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--methods", default="dann,cdan,shot")
    parser.add_argument("--photos", type=int, default=600)
    parser.add_argument("--classes", type=int, default=10)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--features", action="store_true")
    a = parser.parse_args()
    if a.out.exists():
        sys.exit(f"bench/adapt_speed.py: {a.out} exists\nTo mend it: name a new folder")
    make_photos(a.out, a.photos, a.classes)
    for method in a.methods.split(","):
        ours, theirs = (
            (seconds(3 * a.epochs) - seconds(a.epochs)) / (2 * a.epochs)
            for seconds in (lambda epochs: graft_seconds(a.graft, a.out, method, epochs, a.times),
                            lambda epochs: torch_seconds(method, a.photos, a.classes, epochs, a.times, not a.features)))
        print(f"{method:<6} CPU seconds an epoch: graft {ours:.3f}, PyTorch {theirs:.3f}: {theirs / ours:.2f} times", flush=True)
    shutil.rmtree(a.out)


main()
