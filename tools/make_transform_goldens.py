#!/usr/bin/env python3
"""Writes tests/image/transform_goldens.json: the fixtures' JPEGs decoded at a part of their size by Pillow, and what torchvision makes of small
images by the rule of tools/make_image_goldens.py, for 200 random crops, flips, borders, affine maps and changes of colour. SHA-256 of the RGB
bytes where graft gives the same bytes; for affine maps, where it may differ by one, the bytes in hexadecimal. Needs Pillow and torchvision
(with shared/peers on PYTHONPATH).

    tools/make_transform_goldens.py        # from the project's root; overwrites
"""
import json
import random

from make_image_goldens import TESTS, digest, ruled  # imports torchvision_cpu_ops where there is one

import numpy as np
from PIL import Image, ImageOps
from torchvision.transforms import InterpolationMode, functional as F

chance = random.Random(5)


def image_of(row):
    return Image.fromarray(ruled(*row["in"], row["seed"]))


def cuts(count):
    """crop() of a box, resize() to a size, crop() of a window of that, flips: every second one with whole windows."""
    for i in range(count):
        width, height = chance.randint(1, 70), chance.randint(1, 70)
        box = [chance.randint(0, width - 1), chance.randint(0, height - 1)]
        box += [chance.randint(1, width - box[0]), chance.randint(1, height - box[1])]
        size = [chance.randint(1, 60), chance.randint(1, 60)]
        if i % 10 == 0:
            size[chance.randint(0, 1)] = box[2 + chance.randint(0, 1)]
        if i % 10 == 1:
            size = box[2:]
        window = [0, 0, *size]
        if i % 2:
            window[:2] = chance.randint(0, size[0] - 1), chance.randint(0, size[1] - 1)
            window[2:] = chance.randint(1, size[0] - window[0]), chance.randint(1, size[1] - window[1])
        row = {"in": [width, height], "seed": i, "box": box, "size": size, "window": window, "filter": chance.choice(("bilinear", "bicubic")),
               "mirrored": bool(chance.getrandbits(1)), "upside_down": bool(chance.getrandbits(1))}
        image = F.crop(image_of(row), box[1], box[0], box[3], box[2])
        image = F.resize(image, size[::-1], InterpolationMode(row["filter"]))
        image = F.crop(image, window[1], window[0], window[3], window[2])
        image = F.hflip(image) if row["mirrored"] else image
        image = F.vflip(image) if row["upside_down"] else image
        yield row | {"sha256": digest(np.asarray(image))}


def borders(count):
    for i in range(count):
        border = ("constant", "edge", "reflect")[i % 3]
        row = {"in": [chance.randint(2, 12), chance.randint(2, 12)], "seed": 100 + i, "border": border}
        most = [side - 1 for side in row["in"]] if border == "reflect" else (20, 20)
        row["margins"] = [chance.randint(0, most[0]), chance.randint(0, most[1]), chance.randint(0, most[0]), chance.randint(0, most[1])]
        row["fill"] = [chance.randint(0, 255) for _ in range(3)]
        yield row | {"sha256": digest(np.asarray(F.pad(image_of(row), row["margins"], tuple(row["fill"]), border)))}


def turns(count):
    """edge and reflect, which affine() has not: pad far enough, turn, cut the middle out."""
    for i in range(count):
        border = ("constant", "constant", "edge", "reflect")[i % 4]
        row = {"in": [chance.randint(1 if border != "reflect" else 6, 9), chance.randint(1 if border != "reflect" else 6, 9)], "seed": 200 + i,
               "border": border, "angle": round(chance.uniform(-180, 180), 3), "translate": [chance.randint(-3, 3), chance.randint(-3, 3)],
               "scale": round(chance.uniform(0.8, 2), 3), "shear": [round(chance.uniform(-40, 40), 3), round(chance.uniform(-20, 20), 3)],
               "fill": [chance.randint(0, 255) for _ in range(3)]}
        if i % 5 == 0:
            row |= {"scale": 1, "shear": [0, 0]}
        image, margin = image_of(row), 0
        if border != "constant":
            for _ in range(3):
                step = min(image.size) - 1 if border == "reflect" else 12
                image, margin = F.pad(image, step, padding_mode=border), margin + step
        image = F.affine(image, row["angle"], row["translate"], row["scale"], row["shear"], InterpolationMode.BILINEAR, row["fill"])
        image = F.crop(image, margin, margin, row["in"][1], row["in"][0])
        yield row | {"rgb": np.asarray(image).tobytes().hex()}


def colours(count):
    names = ("brightness", "contrast", "saturation", "hue")
    for i in range(count):
        row = {"in": [chance.randint(1, 16), chance.randint(1, 16)], "seed": 300 + i, "order": chance.sample(range(4), 4)}
        for kind, name in enumerate(names):
            low, high = (-0.5, 0.5) if name == "hue" else (0, 2.2)
            alone = i < 20  # each by itself, too
            row[name] = round(chance.uniform(low, high), 3) if not alone or i % 4 == kind else (0 if name == "hue" else 1)
        image = image_of(row)
        for kind in row["order"]:
            if kind != 3 or row["hue"]:  # even a turn by nothing goes through 8-bit HSV; ColorJitter leaves it out
                image = getattr(F, "adjust_" + names[kind])(image, row[names[kind]])
        yield row | {"sha256": digest(np.asarray(image))}


def scaled():
    """Small versions out of a JPEG's own blocks, as Pillow's draft() has them; each with the largest `enough` that still gives it."""
    for file in ("444.jpg", "420.jpg", "422.jpg", "progressive.jpg", "rgb.jpg", "grey.jpg", "cmyk.jpg", "exif6.jpg"):
        for divisor in (2, 4, 8):
            image = Image.open(TESTS / "fixtures" / file)
            image.draft(None, [side // divisor for side in image.size])
            enough = min(image.size)
            assert enough == -(-17 // divisor), image.size
            image = ImageOps.exif_transpose(image).convert("RGB")
            yield {"file": file, "enough": enough, "width": image.width, "height": image.height, "sha256": digest(np.asarray(image))}


def main():
    parts = {"enough": scaled(), "resize_part": cuts(60), "pad": borders(30), "affine": turns(60), "jitter": colours(50)}
    sections = (f' "{name}": [\n  ' + ",\n  ".join(json.dumps(row) for row in rows) + "\n ]" for name, rows in parts.items())
    (TESTS / "transform_goldens.json").write_text("{\n" + ",\n".join(sections) + "\n}\n")


if __name__ == "__main__":
    main()
