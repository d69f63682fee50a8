#!/usr/bin/env python3
"""usage: bench/sets.py cells ELPV SEED OUT [mono|poly] | fashion DEBIAN COUNT SEED OUT | digits SEED OUT | glyphs SEED OUT | alphabets COUNT SEED OUT | folders SOURCE COUNT SEED OUT
       bench/sets.py blood BCCD COUNT SEED OUT

Makes OUT/train and OUT/val of class folders: the sets of docs/ablations.md and of bench/race.py. The random seed decides who trains.
cells: ELPV is .deps/data/elpv; a quarter of each label and module type validates (mono or poly: cells of that kind only).
fashion: COUNT pictures a class to train of Fashion-MNIST, 100 to validate; DEBIAN is /usr/share/datasets/fashion-mnist (package dataset-fashion-mnist).
digits: scikit-learn's 1,797 handwritten digits of 8x8 pixels, 100 a class to train.
glyphs: 20 letters that resemble each other in the fonts that fc-list knows, turned a little, on grounds of noise; 100 of each to train, 40 to validate.
alphabets: COUNT pictures of 48 pixels of every letter of the alphabets in the fonts that fc-list knows (needs fonttools), in any of the fonts that have it, turned, moved, thicker
or thinner: a stand-in for Omniglot, whose letters are drawn by hand. All lie in OUT, a folder a letter.
folders: COUNT photos a class of SOURCE's class folders to train, up to half as many of the others to validate.
blood: single cells cut out of the 364 micrographs of BCCD (github.com/Shenggan/BCCD_Dataset, MIT): red, white, platelets.
Needs Pillow and numpy; digits also scikit-learn."""
import glob
import gzip
import os
import random
import subprocess
import sys
import xml.etree.ElementTree


def place(out, part, name, file):
    os.makedirs(f"{out}/{part}/{name}", exist_ok=True)
    return f"{out}/{part}/{name}/{file}"


def cells(elpv, seed, out, kind=None):
    groups = {}
    for line in open(f"{elpv}/labels.csv"):
        path, probability, module = line.split()
        if kind in (None, module):
            groups.setdefault((probability, module), []).append(path)
    chance = random.Random(int(seed))
    for (probability, _), paths in sorted(groups.items()):
        chance.shuffle(paths)
        for i, path in enumerate(paths):
            name = "defective" if float(probability) >= 0.5 else "functional"
            os.link(f"{elpv}/{path}", place(out, "val" if i < len(paths) // 4 else "train", name, os.path.basename(path)))


def fashion(debian, count, seed, out):
    from PIL import Image

    names = "t-shirt trouser pullover dress coat sandal shirt sneaker bag boot".split()
    for part, prefix, each in (("train", "train", int(count)), ("val", "t10k", 100)):
        pixels = gzip.open(f"{debian}/{prefix}-images-idx3-ubyte.gz").read()[16:]
        labels = gzip.open(f"{debian}/{prefix}-labels-idx1-ubyte.gz").read()[8:]
        order = list(range(len(labels)))
        random.Random(int(seed)).shuffle(order)
        taken = dict.fromkeys(names, 0)
        for i in order:
            name = names[labels[i]]
            if taken[name] < each:
                taken[name] += 1
                Image.frombytes("L", (28, 28), pixels[784 * i:784 * i + 784]).save(place(out, part, name, f"{i}.png"))


def digits(seed, out):
    from PIL import Image
    from sklearn.datasets import load_digits

    pictures, labels = load_digits(return_X_y=True)
    order = list(range(len(labels)))
    random.Random(int(seed)).shuffle(order)
    taken = dict.fromkeys(range(10), 0)
    for i in order:
        digit = int(labels[i])
        part = "train" if taken[digit] < 100 else "val"
        taken[digit] += 1
        Image.fromarray((pictures[i].reshape(8, 8) * 15.9).astype("uint8")).save(place(out, part, f"digit{digit}", f"{i}.png"))


def glyphs(seed, out):
    import numpy
    from PIL import Image, ImageDraw, ImageFont

    found = subprocess.run(["fc-list", ":lang=en", "file"], capture_output=True, text=True, check=True).stdout
    fonts = sorted(line.split(":")[0] for line in found.splitlines() if ".ttf" in line)
    chance, noise = random.Random(int(seed)), numpy.random.default_rng(int(seed))
    for letter in "IlT1JiOQCGD0S5Z2B8UV":
        for i in range(140):
            ground, ink = chance.randint(90, 230), chance.randint(0, 255)
            if abs(ground - ink) < 60:
                ink = ground - 60
            picture = Image.new("L", (64, 64), ground)
            font = ImageFont.truetype(chance.choice(fonts), chance.randint(24, 44))
            ImageDraw.Draw(picture).text((chance.randint(26, 38), chance.randint(26, 38)), letter, fill=ink, font=font, anchor="mm")
            picture = picture.rotate(chance.uniform(-12, 12), Image.BILINEAR, fillcolor=ground)
            values = numpy.asarray(picture, dtype=float) + noise.normal(0, 18, (64, 64))
            Image.fromarray(values.clip(0, 255).astype("uint8")).save(
                place(out, "train" if i < 100 else "val", f"letter{ord(letter)}", f"{i}.png"))


def alphabets(count, seed, out):
    import unicodedata

    from fontTools.ttLib import TTFont
    from PIL import Image, ImageDraw, ImageFilter, ImageFont

    found = subprocess.run(["fc-list", ":", "file"], capture_output=True, text=True, check=True).stdout
    fonts = {}
    for file in sorted(line.split(":")[0] for line in found.splitlines() if ".ttf" in line):
        for code in TTFont(file, lazy=True).getBestCmap() or {}:
            if unicodedata.category(chr(code)) in ("Lu", "Ll", "Lo", "Nd") and not unicodedata.decomposition(chr(code)):
                fonts.setdefault(code, []).append(file)
    seen = set()
    for code, files in sorted(fonts.items()):
        chance = random.Random(f"{seed}{code}")
        plain = Image.new("L", (48, 48), 0)
        ImageDraw.Draw(plain).text((24, 24), chr(code), fill=255, font=ImageFont.truetype(files[0], 34), anchor="mm")
        if not plain.getbbox() or plain.tobytes() in seen:  # empty, or another code with the same look
            continue
        seen.add(plain.tobytes())
        for i in range(int(count)):
            picture = Image.new("L", (48, 48), 0)
            font = ImageFont.truetype(chance.choice(files), chance.randint(26, 36))
            ImageDraw.Draw(picture).text((24 + chance.randint(-3, 3), 24 + chance.randint(-3, 3)), chr(code), fill=255, font=font, anchor="mm", stroke_width=chance.choice([0, 0, 1]))
            shear = chance.uniform(-0.25, 0.25)
            picture = picture.transform((48, 48), Image.AFFINE, (1, shear, -24 * shear, 0, 1, 0), Image.BILINEAR).rotate(chance.uniform(-15, 15), Image.BILINEAR)
            if chance.random() < 0.3:
                picture = picture.filter(ImageFilter.MinFilter(3) if chance.random() < 0.3 else ImageFilter.MaxFilter(3))
            picture.point(lambda v: 255 - v).save(place(out, ".", f"u{code:05x}", f"{i}.png"))


def folders(source, count, seed, out):
    for name in sorted(os.listdir(source)):
        files = sorted(os.listdir(f"{source}/{name}"))
        random.Random(f"{seed}{name}").shuffle(files)
        for i, file in enumerate(files[:int(count) * 3 // 2]):
            os.link(f"{source}/{name}/{file}", place(out, "train" if i < int(count) else "val", name, file))


def blood(bccd, count, seed, out):
    from PIL import Image

    boxes = {}
    for file in sorted(glob.glob(f"{bccd}/Annotations/*.xml")):
        photo = f"{bccd}/JPEGImages/{os.path.basename(file)[:-4]}.jpg"
        if not os.path.exists(photo):
            continue
        for thing in xml.etree.ElementTree.parse(file).iter("object"):
            box = [int(thing.find("bndbox").find(side).text) for side in ("xmin", "ymin", "xmax", "ymax")]
            if box[2] - box[0] > 8 and box[3] - box[1] > 8:
                boxes.setdefault(thing.find("name").text, []).append((photo, box))
    for name, cut_out in sorted(boxes.items()):
        random.Random(f"{seed}{name}").shuffle(cut_out)
        for i, (photo, box) in enumerate(cut_out[:int(count) * 3 // 2]):
            Image.open(photo).convert("RGB").crop(box).save(place(out, "train" if i < int(count) else "val", name, f"{i}.png"))


ways = {f.__name__: f for f in (cells, fashion, digits, glyphs, alphabets, folders, blood)}
if len(sys.argv) < 3 or sys.argv[1] not in ways:
    sys.exit(__doc__)
ways[sys.argv[1]](*sys.argv[2:])
