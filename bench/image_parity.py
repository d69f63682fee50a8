#!/usr/bin/env python3
"""Every value of decode + resize + centre crop against Pillow and torchvision, on real photos.

    bench/image_parity.py FOLDER --tool build/release/bench/image_pixels [--shorter 256] [--crop 224]

Needs Pillow and torchvision (shared/peers). Prints one JSON line a filter; exit code 1 when a value differs. EXIF orientation is off on
both sides. Seconds are CPU seconds of one thread; the peer's are for Image.open().convert("RGB") and for Resize + CenterCrop.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time

try:  # torchvision's PyPI wheel beside a CPU build of torch; on the path when run from shared/peers
    import torchvision_cpu_ops  # noqa: F401
except ImportError:
    pass
import numpy as np
from PIL import Image
from torchvision.transforms import CenterCrop, InterpolationMode, Resize


def compare(folder, tool, shorter, crop, filter_name):
    with tempfile.TemporaryDirectory() as temporary:
        out = pathlib.Path(temporary) / "pixels"
        command = [tool, folder, str(shorter), str(crop), filter_name, str(out)]
        ours = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        pixels = np.fromfile(out, np.uint8).reshape(-1, crop, crop, 3)
    resize, center = Resize(shorter, InterpolationMode(filter_name)), CenterCrop(crop)
    files = sorted(path for path in pathlib.Path(folder).rglob("*") if path.suffix in (".jpg", ".jpeg"))
    assert len(files) == len(pixels) > 0, "the two sides see different files"
    differing, decode_seconds, resize_seconds = 0, 0.0, 0.0
    for file, mine in zip(files, pixels):
        start = time.thread_time()
        image = Image.open(file).convert("RGB")
        decoded = time.thread_time()
        theirs = center(resize(image))
        resize_seconds += time.thread_time() - decoded
        decode_seconds += decoded - start
        differing += int((np.asarray(theirs) != mine).sum())
    return {"filter": filter_name, "images": len(files), "values": int(pixels.size), "differing": differing,
            "graft_decode_seconds": ours["decode_seconds"], "graft_resize_seconds": ours["resize_seconds"],
            "pillow_decode_seconds": round(decode_seconds, 4), "torchvision_resize_seconds": round(resize_seconds, 4)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--tool", required=True)
    parser.add_argument("--shorter", type=int, default=256)
    parser.add_argument("--crop", type=int, default=224)
    options = parser.parse_args()
    results = [compare(options.folder, options.tool, options.shorter, options.crop, name) for name in ("bilinear", "bicubic")]
    for result in results:
        print(json.dumps(result))
    return int(any(result["differing"] for result in results))


if __name__ == "__main__":
    sys.exit(main())
