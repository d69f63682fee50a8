#!/usr/bin/env python3
"""What --balance-groups does where the background gives the class away: photos of two classes get a frame in one of two colours, which goes with the class in
95 % of the training photos and in half of the validation photos, as in Waterbirds (Sagawa et al. 2020). Seeds change which photos get which frame, and --seed.

    bench/groups.py build/release/graft DATA [--seeds 3] [-- options of graft fit]

DATA: train/ and val/ of two class folders. Needs Pillow. Prints accuracy and the recall of the worst class in a group, each with Wilson's 95 % interval over
the photos of all seeds, which are the same photos again: it is the interval of the photos, and the seeds' own values stand beside it."""
import argparse
import json
import math
import pathlib
import random
import subprocess
import sys
import tempfile

from PIL import Image, ImageOps

COLOURS = {"red": (200, 40, 40), "blue": (40, 40, 200)}


def plant(data, to, seed):
    """Framed copies of the photos, and groups.csv that names the frame of each."""
    rng = random.Random(seed)
    rows = ["path,frame"]
    classes = sorted(p.name for p in (data / "train").iterdir() if p.is_dir())
    assert len(classes) == 2, classes
    for part, follows in (("train", 0.95), ("val", 0.5)):
        for k, name in enumerate(classes):
            photos = sorted((data / part / name).iterdir())
            rng.shuffle(photos)
            (to / part / name).mkdir(parents=True)
            for i, photo in enumerate(photos):
                colour = list(COLOURS)[k if i < round(follows * len(photos)) else 1 - k]
                image = Image.open(photo)
                image.draft("RGB", (320, 320))
                image = ImageOps.exif_transpose(image).convert("RGB")
                image.thumbnail((320, 320))
                frame = max(image.size) // 6
                out = to / part / name / (photo.stem + ".png")
                ImageOps.expand(image, frame, COLOURS[colour]).save(out)
                rows.append(f"{out.relative_to(to)},{colour}")
    (to / "groups.csv").write_text("\n".join(rows) + "\n")


def wilson(right, n, z=1.959964):
    p, z2 = right / n, z * z / n
    centre, half = (p + z2 / 2) / (1 + z2), z / (1 + z2) * math.sqrt(p * (1 - p) / n + z2 / (4 * n))
    return max(0, centre - half), min(1, centre + half)


def cells(groups):
    """Photos that are found and all of them, of each class in each group."""
    return {(g["name"], c["name"]): (c["recall"]["part"], c["recall"]["of"]) for g in groups["attributes"][0]["groups"] for c in g["classes"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("graft")
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("fit", nargs="*", help="options of graft fit")
    o = parser.parse_args()
    options = o.fit or ["--strategy", "head"]
    found = {"none": [], "dfr": []} | ({} if "head" in options and "steps" not in options else {"dro": []})  # which a solved head cannot have
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(o.seeds):
            to = pathlib.Path(folder) / str(seed)
            plant(o.data, to, seed)
            for method in list(found)[1:]:
                run = to / method
                subprocess.run([o.graft, "fit", to, "--groups", to / "groups.csv", "--balance-groups", method, "--group-size", "5", "--seed", str(seed),
                                "--out", run, "-q", *options], check=True, stdout=subprocess.DEVNULL)
                told = json.loads((run / "eval.json").read_text())
                found[method].append(cells(told["groups"]))
                if method == "dfr":
                    found["none"].append(cells(told["balance_groups"]["before"]["groups"]))
    for method, seeds in found.items():
        right, photos = (sum(c[i] for s in seeds for c in s.values()) for i in (0, 1))
        pooled = {key: tuple(sum(s[key][i] for s in seeds) for i in (0, 1)) for key in seeds[0]}
        worst = min(pooled, key=lambda key: pooled[key][0] / pooled[key][1])
        of_seeds = ", ".join(f"{100 * min(part / of for part, of in s.values()):.1f}" for s in seeds)
        (low, high), (from_, upto) = wilson(right, photos), wilson(*pooled[worst])
        print(f"{method:5} accuracy {100 * right / photos:.1f} ({100 * low:.1f} to {100 * high:.1f}) %, worst {worst[1]} in {worst[0]} "
              f"{100 * pooled[worst][0] / pooled[worst][1]:.1f} ({100 * from_:.1f} to {100 * upto:.1f}) %, worst of each seed {of_seeds}")


if __name__ == "__main__":
    sys.exit(main())
