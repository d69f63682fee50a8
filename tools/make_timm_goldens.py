#!/usr/bin/env python3
"""Writes tests/models/goldens/timm/NAME.json: which parameters of timm's twin of a row are named or shaped otherwise than the row's.

Only for a twin that computes the same: with the same numbers (make_model_goldens.py's rule) both must give the same 1000 logits within 1e-5 of the
largest, or it stops. A file is {"timm": its model, "renamed": [[timm's name, timm's shape, our name], ...]}; all others are the same.
Needs what make_model_goldens.py needs. Run it again when a row gets weights of timm.
"""
import argparse, json, os, re
import torch
import make_model_goldens as ours

SAME = """resnet18 resnet34 resnet50 resnet101 resnet152 resnext50_32x4d wide_resnet50_2 densenet121 densenet161 densenet169 densenet201
vgg11 vgg11_bn vgg13 vgg13_bn vgg16 vgg16_bn vgg19 vgg19_bn inception_v3
efficientnet_b0 efficientnet_b1 efficientnet_b2 efficientnet_b3 efficientnet_b4 tf_efficientnet_b0""".split()
TWINS = {name: name for name in SAME} | {f"efficientnet_lite{i}": f"tf_efficientnet_lite{i}" for i in range(5)} | ours.TIMM | {
    "mobilenet_v2": "mobilenetv2_100", "regnet_y_400mf": "regnety_004", "regnet_y_1_6gf": "regnety_016", "vit_b_16": "vit_base_patch16_224",
    "vit_b_32": "vit_base_patch32_224", "mobilenet_v3_large": "mobilenetv3_large_100", "mobilenet_v3_small": "mobilenetv3_small_100"}
WITHOUT = {"mobilenet_v3_large", "mobilenet_v3_small"}  # timm's has a BatchNorm eps of 1e-5, torchvision's 1e-3: named on the command line it fails


def tensors(net):
    return {k: v for k, v in net.state_dict().items() if not k.endswith("num_batches_tracked")}


def order(name):
    """Where torchvision registers a layer, but RegNet's shortcut after its block and the vision transformer's positions after its patches."""
    block = re.match(r"(trunk_output\..*?-\d+)\.(proj|f)\.", name)
    return (block[1], block[2] == "proj") if block else (name, False)


def pairs(theirs, row):
    """timm's names with ours: by name where the sets agree, otherwise by order."""
    if set(theirs) == set(row):
        return [(k, k) for k in theirs]
    names = list(row)
    blocks = {order(k)[0]: i for i, k in reversed(list(enumerate(names)))}
    names.sort(key=lambda k: (blocks[order(k)[0]], order(k)[1]))
    if "encoder.pos_embedding" in row:
        first = ["class_token", "encoder.pos_embedding", "conv_proj.weight", "conv_proj.bias"]
        names = first + [k for k in names if k not in first]
    assert len(names) == len(theirs), (len(names), len(theirs))
    return list(zip(theirs, names))


def golden(name):
    import timm
    size = ours.SIZES.get(name, 224)
    net, mean, std = ours.reference(name)
    options = {"img_size": 224} if name in ours.TIMM else {}
    twin = timm.create_model(TWINS[name], num_classes=1000, pretrained=False, **options).eval()
    row, theirs = tensors(net.eval()), tensors(twin)
    row = {k: ours.value_of(k, tuple(v.shape)) for k, v in row.items()}
    named = pairs(theirs, row)
    for a, b in named:
        assert theirs[a].numel() == row[b].numel() and theirs[a].shape[:1] == row[b].shape[:1], (a, b)
    net.load_state_dict(row, strict=False)
    twin.load_state_dict({a: row[b].reshape(theirs[a].shape) for a, b in named}, strict=False)
    x = torch.from_numpy(ours.made_image(size)).permute(2, 0, 1)[None].float() / 255
    x = (x - torch.tensor(mean).view(1, 3, 1, 1)) / torch.tensor(std).view(1, 3, 1, 1)
    with torch.inference_mode():
        expected, got = net(x)[0].double(), twin(x)[0].double()
    difference = float((expected - got).abs().max() / expected.abs().max())
    print(name, TWINS[name], f"largest logit {float(expected.abs().max()):.3g}, difference {difference:.1e}", flush=True)
    if not difference < 1e-5:
        raise SystemExit(f"{TWINS[name]} computes otherwise than {name}")
    return {"timm": TWINS[name], "renamed": [[a, list(theirs[a].shape), b] for a, b in named if a != b or theirs[a].shape != row[b].shape]}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=[n for n in TWINS if n not in WITHOUT])
    parser.add_argument("--out", default=os.path.join(os.path.dirname(__file__), "..", "tests", "models", "goldens", "timm"))
    a = parser.parse_args()
    os.makedirs(a.out, exist_ok=True)
    for name in a.names:
        text = json.dumps(golden(name), separators=(",", ":"))
        with open(os.path.join(a.out, name + ".json"), "w") as f:
            f.write(text + "\n")


if __name__ == "__main__":
    try:
        import torchvision_cpu_ops  # noqa: F401  declares torchvision's operators where its wheel is not a CPU build
    except ImportError:
        pass
    main()
