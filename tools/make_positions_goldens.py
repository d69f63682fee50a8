#!/usr/bin/env python3
"""Writes tests/weights/fixtures/positions.json: what timm's resample_abs_pos_embed makes of position embeddings for larger and smaller pictures.

Needs torch 2.13 and timm 1.0.31. The embeddings are value_of() of tools/make_model_goldens.py for the name pos_embed.
"""
import json, os
from timm.layers import resample_abs_pos_embed
from make_model_goldens import value_of

WIDTH = 5


def case(prefix, old, height, width):
    values = value_of("pos_embed", (1, prefix + old * old, WIDTH))
    resampled = resample_abs_pos_embed(values, [height, width], num_prefix_tokens=prefix)
    return {"from": list(values.shape), "prefix": prefix, "height": height, "width": width, "values": [float(f"{v:.8g}") for v in resampled.flatten().tolist()]}


if __name__ == "__main__":
    cases = [case(1, 7, 10, 10), case(1, 7, 4, 4), case(1, 14, 6, 6), case(0, 4, 5, 5), case(1, 7, 10, 4), case(0, 4, 3, 8)]
    with open(os.path.join(os.path.dirname(__file__), "..", "tests", "weights", "fixtures", "positions.json"), "w") as file:
        file.write("[" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "]\n")
