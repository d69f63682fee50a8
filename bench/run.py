#!/usr/bin/env python3
"""Measures graft as a user would: whole commands, from process start to exit, wall seconds and peak memory. See bench/README.md.

  bench/run.py startup [--data DATA]         graft --version, graft fit --help, graft predict of one photo: median of 20
  bench/run.py fit [DATA] [--warm]           graft fit against the Python peer, alternating, 5 pairs; --warm: features cached, another seed
  bench/run.py cells [--seeds 3] [--options '...']   solar cells of scripts/quickstart, 75/25, a new split a seed, against the peer
  bench/run.py train CASE [DATA] [--pairs 5] [--epochs 10] [--peers stock,tuned]   lite0-full, lite0-last, resnet18-full or -last, against its peer
  bench/run.py embed [DATA] [--images 1000]  graft embed of so many photos (copies of DATA's), no cache, against the peer's feature time, 5 pairs
  bench/run.py load [--pairs 5]              a ResNet-50's weights file into a Graph against torch.load; tool: cmake --build build/release --target load_weights
  bench/run.py kernels [--times 5]           gradients of Lite0's depthwise convolutions against ATen's; tool: --target kernels
  bench/run.py augment [--photo FILE]        a view of a decoded 500x375 photo at 224x224, each kind of chance; decoding a large JPEG; --target augment
  bench/run.py build                         build from clean without ccache, then the tests

DATA has train/ and val/ with a folder per class. The peer runs with $PEER_PYTHON (default /tmp/peers/bin/python).
"""
import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GRAFT = Path(os.environ.get("GRAFT", ROOT / "build/release/graft"))
PEERS = ROOT.parent / "shared/peers"
PEER_PYTHON = os.environ.get("PEER_PYTHON", "/tmp/peers/bin/python")


def fail(fact, hint):
    sys.exit(f"bench/run.py: {fact}\nTo mend it: {hint}")


def run(command, **environment):
    """Wall seconds, peak resident MB, standard output."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.perf_counter()
        process = subprocess.Popen([str(word) for word in command], stdout=out, stderr=err, env={**os.environ, **environment})
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0), err.seek(0)
        if process.returncode != 0:
            fail(f"exit code {process.returncode}: {' '.join(map(str, command))}\n{err.read().decode()}", "run that command alone")
        return seconds, usage.ru_maxrss / 1024, out.read().decode()


def accuracy(text):
    """The first number called accuracy in the JSON that a command printed, or None."""
    def search(value):
        if isinstance(value, dict):
            for name, inner in value.items():
                if name in ("accuracy", "val_accuracy", "val_accuracy_last") and isinstance(inner, (int, float)):
                    return inner
                if (found := search(inner)) is not None:
                    return found
        return None
    try:
        return search(json.loads(text))
    except json.JSONDecodeError:
        return next((search(json.loads(line)) for line in reversed(text.splitlines()) if line.startswith("{")), None)


def median(values):
    return statistics.median(values)


def graft_fit(folder, data, cache, seed, options=()):
    out = folder / f"run-{seed}-{time.time_ns()}"
    return run([GRAFT, "fit", data, "--out", out, "--seed", seed, "--quiet", "--json", *options], GRAFT_CACHE=str(cache))


def peer_fit(data):
    if not os.access(PEER_PYTHON, os.X_OK):
        fail(f"{PEER_PYTHON} is not there", f"{PEERS}/setup.sh /tmp/peers, or set PEER_PYTHON")
    return run([PEER_PYTHON, PEERS / "probe_cached.py", data])


def print_pairs(pairs):
    """pairs: ((seconds, MB, output) of graft, the same of the peer)."""
    print(f"{'pair':>6} {'graft s':>8} {'peer s':>8} {'ratio':>6} {'graft MB':>9} {'peer MB':>8} {'graft acc':>10} {'peer acc':>9}")
    row = "{:>6} {:8.2f} {:8.2f} {:6.1f} {:9.0f} {:8.0f} {:>10} {:>9}".format
    shown = lambda share: "" if share is None else f"{share:.4f}"
    for i, (g, p) in enumerate(pairs, 1):
        print(row(i, g[0], p[0], p[0] / g[0], g[1], p[1], shown(accuracy(g[2])), shown(accuracy(p[2]))))
    ours, theirs = zip(*pairs)
    mean = lambda runs: statistics.fmean(shares) if all((shares := [accuracy(r[2]) or 0 for r in runs])) else None
    print(row("median", median(g[0] for g in ours), median(p[0] for p in theirs), median(p[0] / g[0] for g, p in pairs), median(g[1] for g in ours),
              median(p[1] for p in theirs), shown(mean(ours)), shown(mean(theirs))), " (accuracy: mean)")


def fit(a, folder):
    cache = folder / "cache"
    for photo in Path(a.data).rglob("*.*"):
        photo.read_bytes()  # so that the first pair, too, finds the files in memory
    if a.warm:
        graft_fit(folder, a.data, cache, 0, ["--strategy", "head"])
    pairs = []
    for pair in range(1, a.pairs + 1):
        if not a.warm:
            shutil.rmtree(cache, ignore_errors=True)
        pairs.append((graft_fit(folder, a.data, cache, pair if a.warm else 0, ["--strategy", "head"]), peer_fit(a.data)))
    print(f"graft fit {a.data}, {'features cached, another seed each time' if a.warm else 'cold cache'}, against probe_cached.py")
    print_pairs(pairs)


def cells(a, folder):
    source = ROOT / ".quickstart/cells"
    if not source.is_dir():
        fail(f"{source} is not there", "scripts/quickstart")
    pairs = []
    for seed in range(a.seeds):
        data = folder / f"cells-{seed}"
        for label in ("defective", "intact"):
            images = sorted(source.glob(f"*/{label}/*"), key=lambda image: image.name)
            random.Random(seed).shuffle(images)
            for i, image in enumerate(images):
                target = data / ("val" if i < len(images) // 4 else "train") / label / image.name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.symlink_to(image)
        pairs.append((graft_fit(folder, data, folder / f"cache-{seed}", seed, a.options.split()), peer_fit(data)))
    print(f"graft fit {a.options} on the solar cells, 75/25, {a.seeds} splits, cold cache, against probe_cached.py")
    print_pairs(pairs)


def copied_photos(data, count, folder):
    """train/ and val/ of class folders with `count` copies of the photos in all, under new names."""
    photos = sorted(photo for photo in Path(data).glob("*/*/*") if photo.suffix.lower() in (".jpg", ".jpeg", ".png"))
    if not photos:
        fail(f"no photos in {data}/PART/CLASS/", "give a folder with train/ and val/ of class folders")
    for i in range(count):
        photo = photos[i % len(photos)]
        target = folder / photo.parent.relative_to(data) / f"{i:05}{photo.suffix}"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(photo, target)
    return folder


TRAININGS = {  # of `train`: backbone, what the peer calls it, graft's options
    "lite0-full": ("efficientnet_lite0", "all", ["--strategy", "full"]),
    "lite0-last": ("efficientnet_lite0", "last", ["--strategy", "partial", "--unfreeze", "blocks.5"]),
    "resnet18-full": ("resnet18", "all", ["--strategy", "full"]),
    "resnet18-last": ("resnet18", "last", ["--strategy", "partial", "--unfreeze", "layer4"]),
}


def train(a, folder):
    """ResNet-18's weights are random on both sides: none can be had without a network."""
    network, trainable, options = TRAININGS[a.case]
    data, weights = Path(a.data), folder / "resnet18.pth"
    if network == "resnet18":
        save = f"import torchvision_cpu_ops, torch, torchvision; torch.save(torchvision.models.resnet18().state_dict(), {str(weights)!r})"
        run([PEER_PYTHON, "-c", save], PYTHONPATH=str(PEERS))
        options = options + ["--weights", str(weights)]
    ours = ["--backbone", network, "--epochs", a.epochs, "--lr", "0.001", *options, *a.options.split()]
    peer = [PEER_PYTHON, PEERS / "finetune_torchvision.py", data, "--arch", network, "--trainable", trainable, "--epochs", a.epochs]
    pairs = {kind: [] for kind in a.peers.split(",")}
    for pair in range(a.pairs):
        for kind, list_of in pairs.items():
            theirs = run(peer + (["--tuned"] if kind == "tuned" else []))
            list_of.append((graft_fit(folder, data, folder / f"cache-{pair}-{kind}", pair, ours), theirs))
    for kind, list_of in pairs.items():
        print(f"{a.case}, {a.epochs} epochs, cold feature cache, against finetune_torchvision.py --arch {network} --trainable {trainable}, {kind}")
        print_pairs(list_of)


def embed(a, folder):
    data = copied_photos(a.data, a.images, folder / "photos")
    command = [GRAFT, "embed", data, "--cache-limit", 0, "--force", "--quiet", "--json", "--out", folder / "features.npy"]
    pairs = []
    for pair in range(a.pairs + 1):
        ours = run(command, GRAFT_CACHE=str(folder / "cache"))  # holds the choice of precision, which the first, uncounted pair measures
        seconds, peak, out = peer_fit(data)
        pairs.append((ours, (json.loads(out.splitlines()[-1])["feature_seconds"], peak)))
    print(f"graft embed of {a.images} photos, no cache, against the feature time of probe_cached.py, both from the start of the process")
    print(f"{'pair':>6} {'graft s':>8} {'peer s':>8} {'ratio':>6} {'graft MB':>9} {'peer MB':>8}")
    row = "{:>6} {:8.2f} {:8.2f} {:6.1f} {:9.0f} {:8.0f}".format
    for i, (g, p) in enumerate(pairs[1:], 1):
        print(row(i, g[0], p[0], p[0] / g[0], g[1], p[1]))
    columns = lambda of: median(of(g, p) for g, p in pairs[1:])
    print(row("median", columns(lambda g, p: g[0]), columns(lambda g, p: p[0]), columns(lambda g, p: p[0] / g[0]), columns(lambda g, p: g[1]),
              columns(lambda g, p: p[1])))


def startup(a, folder):
    photo = next((p for p in sorted(Path(a.data).rglob("*")) if p.suffix in (".jpg", ".png")), None)
    if photo is None:
        fail(f"no photos below {a.data}", "bench/run.py startup --data DATA")
    out = folder / "run"
    run([GRAFT, "fit", a.data, "--out", out, "--quiet"], GRAFT_CACHE=str(folder / "cache"))
    floor = max(run(["true"])[1] for _ in range(3))  # a child's peak starts with that of the process that made it
    print(f"{'command':<28} {'median s':>9} {'peak MB':>8}   (20 runs after one to warm the file cache; below {floor:.0f} MB cannot be seen)")
    for name, words in (("graft --version", ["--version"]), ("graft fit --help", ["fit", "--help"]), ("graft predict RUN photo.jpg", ["predict", out, photo])):
        runs = [run([GRAFT, *words]) for _ in range(21)][1:]
        peak = max(r[1] for r in runs)
        print(f"{name:<28} {median(r[0] for r in runs):9.4f} {f'< {floor:.0f}' if peak <= floor * 1.02 else f'{peak:.0f}':>8}")


def load(a, folder):
    tool = Path(a.tool)
    if not tool.exists():
        fail(f"{tool} is not there", "cmake --build build/release --target load_weights")
    peer = [PEER_PYTHON, ROOT / "bench/load_weights.py"]
    environment = {"PYTHONPATH": str(PEERS)}
    run([*peer, "make", folder], **environment)
    print(f"ResNet-50 (random values) into a Graph, every page touched, against torch.load; {a.pairs} pairs of processes, 5 loads in each: the first, and "
          "the median of the others, as medians; memory: peak over what the process had before")
    print(f"{'file':>18} {'graft ms: first':>16} {'others':>7} {'peer ms: first':>15} {'others':>7} {'ratio':>6} {'graft MB / file':>16} {'peer':>6}")
    for file in (folder / "zip.pth", folder / "legacy.pth", folder / "plain.safetensors"):
        file.read_bytes()
        megabytes = file.stat().st_size / 2**20
        pairs = [[json.loads(run(words, **environment)[2]) for words in ([tool, "resnet50", file], [*peer, "load", file])] for _ in range(a.pairs)]
        first = [median(pair[side]["load_ms"][0] for pair in pairs) for side in (0, 1)]
        others = [median(median(pair[side]["load_ms"][1:]) for pair in pairs) for side in (0, 1)]
        ratio = median(median(p["load_ms"][1:]) / median(g["load_ms"][1:]) for g, p in pairs)
        memory = [median(pair[side]["megabytes"] for pair in pairs) / megabytes for side in (0, 1)]
        print(f"{file.name:>18} {first[0]:16.1f} {others[0]:7.1f} {first[1]:15.1f} {others[1]:7.1f} {ratio:6.1f} {memory[0]:16.2f} {memory[1]:6.2f}")


def kernels(a, _):
    tool = Path(a.tool)
    if not tool.exists():
        fail(f"{tool} is not there", "cmake --build build/release --target kernels, or give another build's with --tool")
    print(f"{'channels, side, kernel, stride':>30} {'float32 ms':>11} {'bf16 ms':>8} {'ATen ms':>8} {'ratio':>6} {'bf16 ratio':>11}")
    for line in run([tool, a.times])[2].splitlines():
        row = json.loads(line)
        shape = ", ".join(str(row[name]) for name in ("channels", "side", "kernel", "stride"))
        single, half, aten = (row[name] for name in ("float32_ms", "bf16_ms", "aten_ms"))
        print(f"{shape:>30} {single:11.2f} {half:8.2f} {aten:8.2f} {aten / single:6.1f} {aten / half:11.1f}")


def augment(a, _):
    tool = Path(a.tool)
    if not tool.exists():
        fail(f"{tool} is not there", "cmake --build build/release --target augment, or give another build's with --tool")
    print(f"{'augmentation':>28} {'median ms':>10} {'mean ms':>8}")
    for line in run([tool, a.times, *([a.photo] if a.photo else [])])[2].splitlines():
        row = json.loads(line)
        if "augment" in row:
            print(f"{row['augment']:>28} {row['median_ms']:10.2f} {row['mean_ms']:8.2f}")
        else:
            size = f"{row['width']}x{row['height']}"
            print(f"{'decoded to ' + size:>28} {row['median_ms']:10.2f}")


def build(_, folder):
    start = time.perf_counter()
    run(["cmake", "--preset", "release", "-B", folder / "build", "-S", ROOT, f"-DGRAFT_DEPS={ROOT / '.deps'}"], CCACHE_DISABLE="1")
    run(["cmake", "--build", folder / "build"], CCACHE_DISABLE="1")
    print(f"build from clean, no ccache: {time.perf_counter() - start:.0f} s with {len(os.sched_getaffinity(0))} CPUs")
    print(f"tests: {run(['ctest', '--test-dir', folder / 'build', '-j2'])[0]:.0f} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True, metavar="startup | fit | cells | train | embed | load | kernels | augment | build")
    command = lambda name, measure: (p := commands.add_parser(name), p.set_defaults(measure=measure))[0]
    hymenoptera = str(ROOT.parent / "shared/data/hymenoptera")
    p = command("startup", startup)
    p.add_argument("--data", default=hymenoptera)
    p = command("fit", fit)
    p.add_argument("data", nargs="?", default=hymenoptera)
    p.add_argument("--warm", action="store_true"), p.add_argument("--pairs", type=int, default=5)
    p = command("cells", cells)
    p.add_argument("--seeds", type=int, default=3)
    p.add_argument("--options", default="", help="more options of graft fit, in one string")
    p = command("train", train)
    p.add_argument("case", choices=TRAININGS)
    p.add_argument("data", nargs="?", default=hymenoptera)
    p.add_argument("--pairs", type=int, default=5)
    p.add_argument("--epochs", type=int, default=10), p.add_argument("--peers", default="stock,tuned")
    p.add_argument("--options", default="", help="more options of graft fit, in one string")
    p = command("embed", embed)
    p.add_argument("data", nargs="?", default=hymenoptera)
    p.add_argument("--images", type=int, default=1000)
    p.add_argument("--pairs", type=int, default=5)
    p = command("load", load)
    p.add_argument("--pairs", type=int, default=5)
    p.add_argument("--tool", default=str(GRAFT.parent / "bench/load_weights"))
    p = command("kernels", kernels)
    p.add_argument("--times", type=int, default=5)
    p.add_argument("--tool", default=str(GRAFT.parent / "bench/kernels"))
    p = command("augment", augment)
    p.add_argument("--times", type=int, default=400), p.add_argument("--photo", help="a JPEG from a camera or phone")
    p.add_argument("--tool", default=str(GRAFT.parent / "bench/augment"))
    commands.add_parser("build").set_defaults(measure=build)
    a = parser.parse_args()
    if a.command not in ("build", "load", "kernels", "augment") and not GRAFT.exists():
        fail(f"{GRAFT} is not there", "scripts/build")
    if getattr(a, "data", None) and not Path(a.data).is_dir():
        fail(f"{a.data}: no such folder", "give the folder of the photos")
    with tempfile.TemporaryDirectory(prefix="graft-bench-") as folder:
        a.measure(a, Path(folder))


main()
