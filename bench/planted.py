#!/usr/bin/env python3
"""usage: bench/planted.py DATA [--seed 0] [--seeds N] [--out FOLDER] [--graft PROGRAM] [WORDS FOR graft doctor...]

Plants faults into a copy of DATA (train/ and val/ of class folders of JPEG files), runs `graft doctor --json` on it and prints recall and precision for
each kind; then what is said of DATA as it is. Wants Pillow. Planted, none on a photo that another fault is on:
  shortcut   every photo of one class saved at JPEG quality 60
  exact      20 copies in train of the same class: half to the byte, half as PNG of the same pixels
  near       20 copies in train of the same class: 5 saved again at quality 50 to 80, 5 resized to 50 to 80 %, 5 cropped by 5 %, 5 mirrored
  across     10 photos of val copied into train: 5 to the byte, 5 as the near ones
  flipped    10 photos of train moved to another class
  corrupt    5 files: 2 cut off, 1 of zeros behind its header, 1 empty, 1 a text
  mistyped   5 PNG files named .jpg
--out keeps the copy and planted.json there. --seeds N: seeds SEED to SEED+N-1, each planted anew, and the sums of all."""
import argparse
import itertools
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

from PIL import Image


def photos_in(folder):
    return sorted(os.path.join(where, name) for where, _, files in os.walk(folder) for name in files)


def save_again(photo, target, rng):
    Image.open(photo).convert("RGB").save(target, quality=rng.randint(50, 80))


def resize(photo, target, rng):
    image, scale = Image.open(photo).convert("RGB"), rng.uniform(0.5, 0.8)
    image.resize((round(image.width * scale), round(image.height * scale)), Image.BICUBIC).save(target, quality=90)


def crop(photo, target, rng):
    image = Image.open(photo).convert("RGB")
    width, height = round(image.width * 0.95), round(image.height * 0.95)
    left, top = rng.randint(0, image.width - width), rng.randint(0, image.height - height)
    image.crop((left, top, left + width, top + height)).save(target, quality=90)


def mirror(photo, target, rng):
    Image.open(photo).convert("RGB").transpose(Image.FLIP_LEFT_RIGHT).save(target, quality=90)


NEAR = {"saved again": save_again, "resized": resize, "cropped": crop, "mirrored": mirror}


def plant(data, root, seed):
    """What was planted: {kind: [...]}, paths relative to root; of copies (source, copy, how)."""
    rng = random.Random(seed)
    shutil.copytree(data, root)
    classes = sorted(os.listdir(os.path.join(root, "train")))
    marked = rng.choice(classes)
    for part in ("train", "val"):
        for photo in photos_in(os.path.join(root, part, marked)):
            Image.open(photo).convert("RGB").save(photo, "JPEG", quality=60)
    train, val = photos_in(os.path.join(root, "train")), photos_in(os.path.join(root, "val"))
    rng.shuffle(train), rng.shuffle(val)
    planted = {"shortcut": marked, "exact": [], "near": [], "across": [], "flipped": [], "corrupt": [], "mistyped": []}
    name = lambda path: os.path.relpath(path, root)

    def copy(photo, folder, how):
        to = os.path.join(folder, f"{rng.getrandbits(32):08x}.{'png' if how == 'png' else 'jpg'}")
        if how == "bytes":
            shutil.copy(photo, to)
        elif how == "png":
            Image.open(photo).convert("RGB").save(to)
        else:
            NEAR[how](photo, to, rng)
        return [name(photo), name(to), how]

    for i in range(20):
        photo = train.pop()
        planted["exact"].append(copy(photo, os.path.dirname(photo), ("bytes", "png")[i % 2]))
    for i in range(20):
        photo = train.pop()
        planted["near"].append(copy(photo, os.path.dirname(photo), list(NEAR)[i % 4]))
    for i in range(10):
        photo = val.pop()
        planted["across"].append(copy(photo, os.path.join(root, "train", name(photo).split(os.sep)[1]), "bytes" if i % 2 else list(NEAR)[i // 2 % 4]))
    for i in range(10):
        photo = train.pop()
        label = name(photo).split(os.sep)[1]
        to = os.path.join(root, "train", rng.choice([c for c in classes if c != label]), os.path.basename(photo))
        shutil.move(photo, to)
        planted["flipped"].append(name(to))
    for i in range(5):
        photo = train.pop()
        with open(photo, "rb") as file:
            content = file.read()
        with open(photo, "wb") as file:
            file.write((content[: len(content) // 2], content[: len(content) // 3], content[:20] + bytes(len(content) - 20), b"", b"no picture\n")[i])
        planted["corrupt"].append(name(photo))
    for _ in range(5):
        photo = train.pop()
        Image.open(photo).convert("RGB").save(photo, "PNG")
        planted["mistyped"].append(name(photo))
    return planted


def doctor(asked, root):
    done = subprocess.run([asked.graft, "doctor", root, "--json", "-q", *asked.words], check=True, stdout=subprocess.PIPE)
    findings = json.loads(done.stdout)["findings"]
    for finding in findings:
        finding["photos"] = [os.path.relpath(path, root) for path in finding["photos"]]
    return findings


def compare(planted, findings):
    """{what: (planted, of them found, all found, of them right)}."""
    source = {copy: original for kind in ("exact", "near", "across") for original, copy, _ in planted[kind]}
    same = lambda pair: len({source.get(path, path) for path in pair}) == 1
    pairs = lambda *kinds: {tuple(sorted(pair)) for f in findings if f["kind"] in kinds for pair in itertools.combinations(f["photos"], 2)}
    files = lambda kind: [path for f in findings if f["kind"] == kind for path in f["photos"]]
    as_pairs = lambda rows: {tuple(sorted(row[:2])) for row in rows}
    is_exact = lambda row: row[2] in ("bytes", "png")
    copies = planted["exact"] + planted["near"] + planted["across"]

    def of_pairs(wanted, found):
        return len(wanted), len(wanted & found), len(found), sum(map(same, found))

    def of_files(wanted, found):
        return len(wanted), len(set(wanted) & set(found)), len(found), len(set(wanted) & set(found))

    leaks = pairs("exact-leak", "near-leak")
    told = [f["text"] for f in findings if f["kind"] == "shortcut"]
    told_right = [text for text in told if "JPEG quality" in text]
    suspects = files("suspicious-label")[:20]
    near = pairs("near-copies", "near-leak", "near-conflict")
    table = {
        "exact copies (pairs)": of_pairs(as_pairs(filter(is_exact, copies)), pairs("exact-copies", "exact-leak", "exact-conflict")),
        "near copies (pairs)": of_pairs(as_pairs(row for row in copies if not is_exact(row)), near),
    }
    for how in NEAR:
        wanted = as_pairs(row for row in copies if row[2] == how)
        table["  " + how] = (len(wanted), len(wanted & near), 0, 0)
    table.update({
        "across parts (pairs)": of_pairs(as_pairs(planted["across"]), leaks),
        "flipped labels in the first 20 suspects": of_files(planted["flipped"], suspects),
        "corrupt": of_files(planted["corrupt"], files("unreadable")),
        "mistyped": of_files(planted["mistyped"], files("mistyped")),
        "shortcut": (1, min(1, len(told_right)), len(told), len(told_right)),
    })
    return table


def main():
    parser = argparse.ArgumentParser(usage=__doc__.removeprefix("usage: "))
    parser.add_argument("data")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--out")
    parser.add_argument("--graft", default="build/release/graft")
    asked, asked.words = parser.parse_known_args()
    sums = {}
    for seed in range(asked.seed, asked.seed + asked.seeds):
        with tempfile.TemporaryDirectory() as folder:
            root = os.path.join(asked.out or folder, str(seed) if asked.seeds > 1 else "data")
            if os.path.exists(root):
                sys.exit(f"{root}: is there already; choose another --out")
            planted = plant(asked.data, root, seed)
            if asked.out:
                with open(os.path.join(asked.out, f"planted-{seed}.json"), "w", encoding="utf-8") as file:
                    json.dump(planted, file, indent=2)
            for what, counts in compare(planted, doctor(asked, root)).items():
                sums[what] = [a + b for a, b in zip(sums.get(what, (0, 0, 0, 0)), counts)]
    share = lambda part, whole: f"{part} of {whole} ({100 * part / whole:.0f} %)" if whole else "-"
    print("| planted | recall | precision |\n| --- | --- | --- |")
    for what, (wanted, found, said, right) in sums.items():
        print(f"| {what} | {share(found, wanted)} | {share(right, said)} |")
    counts = {}
    for finding in doctor(asked, asked.data):
        counts[finding["kind"]] = counts.get(finding["kind"], 0) + 1
    print("\nunchanged:", ", ".join(f"{kind} {count}" for kind, count in counts.items()) or "nothing was found")


main()
