#!/usr/bin/env python3
"""The peer of bench/load_weights.cpp: torch (and safetensors) on the same files. See bench/README.md.

  load_weights.py make FOLDER             a ResNet-50 state dict of random values: zip.pth, legacy.pth, plain.safetensors
  load_weights.py load FILE [TIMES]       milliseconds of torch.load or safetensors.torch.load_file, and the memory it takes, as one JSON line
"""
import json
import re
import sys
import time
from pathlib import Path

import torch


def make(folder):
    import torchvision_cpu_ops  # noqa: F401
    import torchvision
    from safetensors.torch import save_file
    torch.manual_seed(0)
    state = torchvision.models.resnet50(weights=None).state_dict()
    torch.save(state, folder / "zip.pth")
    torch.save(state, folder / "legacy.pth", _use_new_zipfile_serialization=False)
    save_file(state, folder / "plain.safetensors", metadata={"format": "pt"})


def load(file, times):
    if file.suffix == ".safetensors":
        from safetensors.torch import load_file as read
    else:
        read = lambda path: torch.load(path, weights_only=True)
    # Of this process alone: getrusage would begin with the peak of the process that started it.
    read_peak = lambda: int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) / 1024
    before, taken = read_peak(), []
    for _ in range(times):
        start = time.perf_counter()
        state = read(file)
        for tensor in state.values():
            tensor.view(-1)[::1024].sum()  # the twin touches every page, too
        taken.append(round(1000 * (time.perf_counter() - start), 2))
        del state
    print(json.dumps({"load_ms": taken, "megabytes": round(read_peak() - before, 1)}))


if sys.argv[1] == "make":
    make(Path(sys.argv[2]))
else:
    load(Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 5)
