#!/usr/bin/env python3
"""Makes a large folder of small photos for `graft doctor`: COUNT JPEGs of 96x96 pixels in ten class folders, every hundredth a changed copy.

    bench/many_photos.py 100000 OUT

wants NumPy and Pillow. A copy's name ends in -copy and the number of its original; its change (compressed, cropped, mirrored, turned) goes by the
number. The same photos for the same COUNT.
"""
import argparse
import pathlib

import numpy
from PIL import Image

SIDE = 96
CHANGES = [
    lambda im: (im, 40),
    lambda im: (im.resize((60, 60), Image.LANCZOS), 85),
    lambda im: (im.crop((2, 0, SIDE, SIDE - 3)), 85),
    lambda im: (im.transpose(Image.FLIP_LEFT_RIGHT), 80),
    lambda im: (im.transpose(Image.ROTATE_90), 80),
]


def scene(number):
    """A shaded ground with some ellipses, whose colours lean to those of the class."""
    rng = numpy.random.default_rng(number)
    y, x = numpy.mgrid[0:SIDE, 0:SIDE] / SIDE
    picture = numpy.stack([a + b * x + c * y for a, b, c in rng.uniform(-60, 120, (3, 3))], axis=2)
    lean = numpy.array([number % 10, number % 10 * 3 % 10, number % 10 * 7 % 10]) * 12
    for _ in range(14):
        cx, cy, turn = rng.uniform(0, 1, 3)
        a, b = rng.uniform(0.03, 0.25, 2)
        u, v = (x - cx) * numpy.cos(6 * turn) + (y - cy) * numpy.sin(6 * turn), (y - cy) * numpy.cos(6 * turn) - (x - cx) * numpy.sin(6 * turn)
        picture[(u / a) ** 2 + (v / b) ** 2 < 1] = rng.uniform(0, 140, 3) + lean
    picture += rng.normal(0, 4, picture.shape)
    return Image.fromarray(picture.clip(0, 255).astype("uint8"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("count", type=int)
    parser.add_argument("out", type=pathlib.Path)
    args = parser.parse_args()
    for name in range(10):
        (args.out / f"class{name}").mkdir(parents=True)
    for number in range(args.count):
        folder = args.out / f"class{number % 10}"
        if number % 100 == 99:  # of a photo of the same class
            original = number - 50 - (number % 10 - (number - 50) % 10)
            picture, quality = CHANGES[number // 100 % len(CHANGES)](scene(original))
            picture.save(folder / f"{number:06}-copy{original:06}.jpg", quality=quality)
        else:
            scene(number).save(folder / f"{number:06}.jpg", quality=90)


if __name__ == "__main__":
    main()
