#!/usr/bin/env python3
"""Writes tests/image/augment_goldens.json and tests/data/policy_goldens.json: what torchvision (on PIL images) and NumPy make of small images by
the rule of tools/make_image_goldens.py, 200 random cases of each operation. SHA-256 of the RGB bytes, their first 16 digits, where graft gives the
same bytes; the bytes in base64 where it may differ by one. Needs Pillow and torchvision (with shared/peers on PYTHONPATH).

    tools/make_augment_goldens.py        # from the project's root; overwrites
"""
import base64
import json
import random

from make_image_goldens import TESTS, digest, ruled  # imports torchvision_cpu_ops where there is one

import numpy as np
import torch
from PIL import Image
from torchvision.transforms import AugMix, AutoAugment, InterpolationMode, RandAugment, TrivialAugmentWide, autoaugment, functional as F

chance = random.Random(6)
BILINEAR = InterpolationMode.BILINEAR
BORDERS = ("edge", "reflect", "symmetric", "wrap")


def image_of(row):
    """Every second one in few colours, so that histograms have something to say."""
    pixels = ruled(*row["in"], row["seed"])
    return Image.fromarray((pixels // 3 + 40).astype(np.uint8) if row["seed"] % 2 else pixels)


def made(seed, least, most):
    return {"in": [chance.randint(least, most), chance.randint(least, most)], "seed": seed}


def exact(image):
    return {"sha256": digest(np.asarray(image))[:16]}


def pixels(image):
    return {"rgb": base64.b64encode(np.asarray(image).tobytes()).decode()}


def fill():
    return [chance.randint(0, 255) for _ in range(3)]


def convex(corners):
    turns = [(bx - ax) * (cy - by) - (by - ay) * (cx - bx)
             for (ax, ay), (bx, by), (cx, cy) in zip(corners, corners[1:] + corners[:1], corners[2:] + corners[:2])]
    return all(turn > 0 for turn in turns)


def decided(width, height, start, end):
    """Whether no pixel shows a place on the very edge of the image, which the noise of the reference's least squares puts inside or outside."""
    a, b, c, d, e, f, g, h = F._get_perspective_coeffs(start, end)
    if max(map(abs, (a, b, c, d, e, f, g, h))) > 1e4:  # the top left corner of the result lies on the horizon
        return False
    x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    depth = g * x + h * y + 1
    across, down = (a * x + b * y + c) / depth, (d * x + e * y + f) / depth
    return min(np.abs(places - edge).min() for places, edge in ((across, 0), (across, width), (down, 0), (down, height))) > 1e-5


def perspectives(count):
    """Half as RandomPerspective draws them, half of any two quadrangles; without those beyond whose horizon the image shows a second time."""
    done = 0
    while done < count:
        row = made(1000 + done, 4, 11)
        width, height = row["in"]
        corners = [(0, 0), (width - 1, 0), (width - 1, height - 1), (0, height - 1)]
        near = [(chance.randint(0, width // 2 - 1), chance.randint(0, height // 2 - 1)) for _ in corners]
        start, end = corners, [(abs(x - dx), abs(y - dy)) for (x, y), (dx, dy) in zip(corners, near)]
        if done % 2:
            start = [(x + chance.randint(-2, 2), y + chance.randint(-2, 2)) for x, y in start]
        if not convex(start) or not convex(end) or not decided(width, height, start, end):
            continue
        row |= {"start": start, "end": end, "fill": fill()}
        yield row | pixels(F.perspective(image_of(row), start, end, BILINEAR, row["fill"]))
        done += 1


def borders(count):
    """NumPy's pad(), of which torchvision's modes are a part."""
    for i in range(count):
        mode = BORDERS[i % 4]
        row = made(2000 + i, 2, 9) | {"border": mode, "margins": [chance.randint(0, 20) for _ in range(4)]}
        left, top, right, bottom = row["margins"]
        yield row | exact(np.pad(np.asarray(image_of(row)), ((top, bottom), (left, right), (0, 0)), mode))


def turns(count):
    """An affine map beyond whose edges the picture goes on: pad far enough, turn, cut the middle out."""
    for i in range(count):
        row = made(3000 + i, 2, 8) | {"border": BORDERS[i % 4], "angle": round(chance.uniform(-180, 180), 3),
                                      "translate": [chance.randint(-3, 3), chance.randint(-3, 3)], "scale": round(chance.uniform(0.8, 2), 3),
                                      "shear": [round(chance.uniform(-40, 40), 3), round(chance.uniform(-20, 20), 3)]}
        margin = 40
        image = Image.fromarray(np.pad(np.asarray(image_of(row)), ((margin, margin), (margin, margin), (0, 0)), row["border"]))
        image = F.affine(image, row["angle"], row["translate"], row["scale"], row["shear"], BILINEAR)
        yield row | pixels(F.crop(image, margin, margin, row["in"][1], row["in"][0]))


def blurs(count):
    for i in range(count):
        row = made(4000 + i, 2, 12)
        row |= {"kernel": 2 * chance.randint(0, min(min(row["in"]) - 1, 6)) + 1, "sigma": round(chance.uniform(0.1, 4), 3)}
        yield row | pixels(F.gaussian_blur(image_of(row), [row["kernel"]] * 2, [row["sigma"]] * 2))


def tones(count, function, parameter=lambda i: None, most=16):
    for i in range(count):
        row = made(5000 + i, 1, most)
        value = parameter(i)
        row |= {} if value is None else {"value": value}
        yield row | exact(function(image_of(row), *([] if value is None else [value])))


def erasures(count):
    for i in range(count):
        row = made(6000 + i, 1, 16) | {"fill": fill()}
        width, height = row["in"]
        x, y = chance.randint(0, width - 1), chance.randint(0, height - 1)
        row["box"] = [x, y, chance.randint(1, width - x), chance.randint(1, height - y)]
        tensor = F.pil_to_tensor(image_of(row))
        F.erase(tensor, y, x, row["box"][3], row["box"][2], torch.tensor(row["fill"], dtype=torch.uint8).view(3, 1, 1), inplace=True)
        yield row | exact(tensor.permute(1, 2, 0).contiguous().numpy())


# ---- Policies

NAMES = ("Identity", "ShearX", "ShearY", "TranslateX", "TranslateY", "Rotate", "Brightness", "Color", "Contrast", "Sharpness", "Posterize", "Solarize",
         "AutoContrast", "Equalize", "Invert")  # graft's order of Operation
GEOMETRY = NAMES[1:6]
NEAR = (*GEOMETRY, "Color")  # graft takes the way of a colour from a table, which once in a while rounds otherwise


def magnitudes():
    """Of every policy, for a picture of 224 x 160: operation, signed, all levels."""
    spaces = {"randaugment": RandAugment()._augmentation_space(31, (160, 224)), "trivial": TrivialAugmentWide()._augmentation_space(31),
              "autoaugment": AutoAugment()._augmentation_space(10, (160, 224)), "augmix": AugMix()._augmentation_space(10, (160, 224))}
    for policy, space in spaces.items():
        for name, (values, signed) in space.items():
            yield {"policy": policy, "operation": NAMES.index(name), "signed": signed, "levels": values.tolist() if values.ndim else []}


def pairs():
    for first, second in AutoAugment().policies:
        yield [[NAMES.index(name), likely, level or 0] for name, likely, level in (first, second)]


def magnitude(name, i):
    if name in ("ShearX", "ShearY"):
        return round(chance.uniform(-0.99, 0.99), 4)
    if name in ("TranslateX", "TranslateY"):
        return round(chance.uniform(-9, 9), 3)
    if name == "Rotate":
        return round(chance.uniform(-135, 135), 3) if i % 5 else (-90.0, 0.0, 90.0, 180.0)[i // 5 % 4]
    if name == "Posterize":
        return float(chance.randint(1, 8))
    if name == "Solarize":
        return chance.choice((0.0, 255.0, round(chance.uniform(0, 255), 2), float(chance.randint(0, 255))))
    return round(chance.uniform(-0.99, 0.99), 4)


def steps(count):
    for name in NAMES:
        for i in range(count if name in GEOMETRY else 30):
            row = made(7000 + i, 1, 8 if name in NEAR else 16) | {"operation": NAMES.index(name), "magnitude": magnitude(name, i), "fill": fill()}
            image = autoaugment._apply_op(image_of(row), name, row["magnitude"], BILINEAR, row["fill"])
            yield row | (pixels(image) if name in NEAR else exact(image))


def mixtures(count):
    """AugMix' sum of chains; its operations on PIL images, where torchvision's class takes those on tensors. What may differ by one comes last in a
    chain: Equalize and the like would make more of it."""
    exact_names = [name for name in NAMES if name not in NEAR]
    for i in range(count):
        row = made(8000 + i, 2, 7)
        chains = [[[NAMES.index(name), magnitude(name, i)] for name in chance.sample(exact_names, chance.randint(0, 2)) + [chance.choice(NAMES)]]
                  for _ in range(chance.randint(1, 4))]
        shares = torch._sample_dirichlet(torch.tensor([1.0] * (len(chains) + 1)))
        mixed = shares[0] * F.pil_to_tensor(image_of(row))
        for share, chain in zip(shares[1:], chains):
            image = image_of(row)
            for operation, strength in chain:
                image = autoaugment._apply_op(image, NAMES[operation], strength, BILINEAR, [0, 0, 0])
            mixed += share * F.pil_to_tensor(image)
        row |= {"chains": chains, "shares": shares.tolist()}
        yield row | pixels(mixed.to(torch.uint8).permute(1, 2, 0).contiguous().numpy())


def write(path, parts):
    sections = (f' "{name}": [\n  ' + ",\n  ".join(json.dumps(row, separators=(",", ":")) for row in rows) + "\n ]" for name, rows in parts.items())
    path.write_text("{\n" + ",\n".join(sections) + "\n}\n")


def main():
    torch.manual_seed(6)
    write(TESTS / "augment_goldens.json", {
        "perspective": perspectives(200), "pad": borders(200), "affine": turns(200), "gaussian_blur": blurs(200), "erase": erasures(200),
        "adjust_sharpness": tones(200, F.adjust_sharpness, lambda i: round(chance.uniform(0, 4), 3)),
        "posterize": tones(200, F.posterize, lambda i: chance.randint(1, 8)),
        "solarize": tones(200, F.solarize, lambda i: chance.randint(0, 256)),
        "autocontrast": tones(200, F.autocontrast),
        "equalize": tones(200, F.equalize, most=40),
        "invert": tones(200, F.invert),
        "to_grayscale": tones(200, lambda image: F.to_grayscale(image, 3))})
    write(TESTS.parent / "data" / "policy_goldens.json", {"magnitudes": magnitudes(), "imagenet": pairs(), "steps": steps(200), "mixtures": mixtures(200)})


if __name__ == "__main__":
    main()
