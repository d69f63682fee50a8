#!/usr/bin/env python3
"""usage: bench/domains.py PHOTOS COUNT SEED OUT

Makes three domains of the same ten digits, for bench/adapt.py: OUT/{handwritten,rendered,blended}/{train,test}/digitN/*.png, COUNT a class to train and half
as many to test. No picture of one part or domain is made from one of another.
handwritten: scikit-learn's digits of 8x8 pixels (at most 174 a class, so COUNT is at most 116).
rendered: digits in the fonts that fc-list knows, of several sizes, turned a little, on grounds of noise.
blended: such digits over patches of PHOTOS (any folder of .jpg), |patch - digit|, the way MNIST-M is made (Ganin et al. 2016).
Needs Pillow, numpy and scikit-learn."""
import pathlib
import random
import subprocess
import sys

import numpy
from PIL import Image, ImageDraw, ImageFont

SIDE = 64


def parts(count):
    return ["train"] * count + ["test"] * (count // 2)


def save(picture, out, domain, part, digit, i):
    folder = out / domain / part / f"digit{digit}"
    folder.mkdir(parents=True, exist_ok=True)
    picture.save(folder / f"{i}.png")


def handwritten(count, seed, out):
    from sklearn.datasets import load_digits

    pictures, labels = load_digits(return_X_y=True)
    order = list(range(len(labels)))
    random.Random(seed).shuffle(order)
    left = {digit: parts(count) for digit in range(10)}
    for i in order:
        digit = int(labels[i])
        if left[digit]:
            save(Image.fromarray((pictures[i].reshape(8, 8) * 15.9).astype("uint8")), out, "handwritten", left[digit].pop(), digit, i)
    short = {digit: len(rest) for digit, rest in left.items() if rest}
    if short:
        sys.exit(f"too few handwritten digits for COUNT {count}: still wanted {short}")


def glyph(digit, fonts, chance):
    """White on black, 0 to 255."""
    picture = Image.new("L", (SIDE, SIDE), 0)
    font = ImageFont.truetype(chance.choice(fonts), chance.randint(34, 56))
    ImageDraw.Draw(picture).text((chance.randint(28, 36), chance.randint(28, 36)), str(digit), fill=255, font=font, anchor="mm")
    return numpy.asarray(picture.rotate(chance.uniform(-15, 15), Image.BILINEAR), dtype=float)


def rendered(fonts, count, seed, out):
    chance, noise = random.Random(f"{seed}rendered"), numpy.random.default_rng(seed)
    for digit in range(10):
        for i, part in enumerate(parts(count)):
            ground = chance.randint(0, 120)
            ink = ground + chance.randint(70, 135)
            values = ground + (ink - ground) * glyph(digit, fonts, chance) / 255 + noise.normal(0, 12, (SIDE, SIDE))
            save(Image.fromarray(values.clip(0, 255).astype("uint8")), out, "rendered", part, digit, i)


def blended(fonts, photos, count, seed, out):
    chance = random.Random(f"{seed}blended")
    files = sorted(pathlib.Path(photos).rglob("*.jpg"))
    for digit in range(10):
        for i, part in enumerate(parts(count)):
            photo = Image.open(chance.choice(files)).convert("RGB")
            side = min(photo.size + (2 * SIDE,))
            x, y = chance.randint(0, photo.width - side), chance.randint(0, photo.height - side)
            patch = numpy.asarray(photo.crop((x, y, x + side, y + side)).resize((SIDE, SIDE), Image.BILINEAR), dtype=float)
            values = numpy.abs(patch - glyph(digit, fonts, chance)[:, :, None])
            save(Image.fromarray(values.clip(0, 255).astype("uint8")), out, "blended", part, digit, i)


if len(sys.argv) != 5:
    sys.exit(__doc__)
count, seed, out = int(sys.argv[2]), int(sys.argv[3]), pathlib.Path(sys.argv[4])
found = subprocess.run(["fc-list", ":lang=en", "file"], capture_output=True, text=True, check=True).stdout
fonts = sorted(line.split(":")[0] for line in found.splitlines() if ".ttf" in line)
handwritten(count, seed, out)
rendered(fonts, count, seed, out)
blended(fonts, sys.argv[1], count, seed, out)
