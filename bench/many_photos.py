#!/usr/bin/env python3
"""Makes a large folder of small photos for `graft doctor`: COUNT JPEGs of 128x128 pixels in ten class folders, some of them changed copies of others.

    bench/many_photos.py 100000 OUT                  # every hundredth is a copy
    bench/many_photos.py 100000 OUT --scenes 400     # 400 scenes, and 249 copies of each

wants NumPy and Pillow. A copy's name ends in -copy and the number of its original, which is of the same class. Copies are compressed more or less, and
resized, cropped by up to 4 % of a side, mirrored or turned by chance. The same photos for the same arguments.
"""
import argparse
import multiprocessing
import pathlib

import numpy
from PIL import Image, ImageDraw

SIDE = 128
CLASSES = 10


def scene(number):
    """A shaded ground with some dozen ellipses and a little noise, whose colours lean to those of the class."""
    rng = numpy.random.default_rng(number)
    lean = numpy.array([number % 10, number % 10 * 3 % 10, number % 10 * 7 % 10]) * 12
    ground = Image.fromarray(rng.integers(20, 200, (2, 2, 3), dtype=numpy.uint8)).resize((SIDE, SIDE), Image.BILINEAR)
    draw = ImageDraw.Draw(ground)
    for _ in range(24):
        x, y = rng.uniform(-0.1, 1, 2) * SIDE
        width, height = rng.uniform(0.04, 0.35, 2) * SIDE
        draw.ellipse((x, y, x + width, y + height), fill=tuple(int(c) for c in rng.integers(0, 140, 3) + lean))
    noise = rng.integers(-6, 7, (SIDE, SIDE, 3), dtype=numpy.int16)
    return Image.fromarray((numpy.asarray(ground) + noise).clip(0, 255).astype("uint8"))


def changed(picture, rng):
    left, top, right, bottom = rng.integers(0, 6, 4)
    picture = picture.crop((left, top, SIDE - right, SIDE - bottom))
    if rng.random() < 0.5:
        scale = rng.uniform(0.6, 1)
        picture = picture.resize((round(picture.width * scale), round(picture.height * scale)), Image.LANCZOS)
    if rng.random() < 0.25:
        picture = picture.transpose(Image.FLIP_LEFT_RIGHT)
    if rng.random() < 0.125:
        picture = picture.transpose(Image.ROTATE_90)
    return picture, int(rng.integers(40, 91))


def write(job):
    number, original, out = job
    folder = out / f"class{number % CLASSES}"
    if original is None:
        scene(number).save(folder / f"{number:06}.jpg", quality=90)
    else:
        picture, quality = changed(scene(original), numpy.random.default_rng([number, 1]))
        picture.save(folder / f"{number:06}-copy{original:06}.jpg", quality=quality)


def original_of(number, scenes):
    """Of a copy, another photo of its class."""
    if scenes:
        return number % scenes if number >= scenes else None
    return number - 50 if number % 100 == 99 else None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("count", type=int)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--scenes", type=int, help=f"different photos, a multiple of {CLASSES}; all others are copies of them")
    args = parser.parse_args()
    if args.scenes and (args.scenes < CLASSES or args.scenes % CLASSES):
        parser.error(f"--scenes {args.scenes}: expected a multiple of {CLASSES}")
    for name in range(CLASSES):
        (args.out / f"class{name}").mkdir(parents=True)
    jobs = ((number, original_of(number, args.scenes), args.out) for number in range(args.count))
    with multiprocessing.Pool() as pool:
        for _ in pool.imap_unordered(write, jobs, chunksize=64):
            pass


if __name__ == "__main__":
    main()
