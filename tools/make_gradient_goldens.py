#!/usr/bin/env python3
"""Writes tests/train/goldens/NAME.json: gradients of the reference implementation, computed in float64, for one network of each family.

Weights and pictures by rule (make_model_goldens.py). The loss is the cross-entropy of four pictures, labels 0, 250, 500, 750; dropout and stochastic
depth are off, and every ReLU and ReLU6 is a SiLU: at a ReLU's kink float32 and float64 go different ways, which moves whole gradients by 1e-2. "fixed": BatchNorm by its running statistics; "live": by the batch's, with the running statistics behind the step. For every
parameter: the root mean square of its gradient, and four of its values. "noise": by how much PyTorch's own float32 differs from that, in the measure
of the test, at the most of four pictures that differ by 1e-6 (max pools have kinks, too).
"""
import argparse, json, os
import numpy as np
import torch
import make_model_goldens as rule

NAMES = """alexnet densenet121 efficientnet_b0 efficientnet_lite0 googlenet inception_v3 mobilenet_v2 mobilenet_v3_small regnet_y_400mf resnet18 resnet50
resnext50_32x4d squeezenet1_1 vgg11_bn shufflenet_v2_x1_0 convnext_tiny vit_b_32 dinov2_s_14""".split()
SIZES = {"inception_v3": 139, "vit_b_32": 224, "dinov2_s_14": 224}  # others: 96


def pictures(size, mean, std):
    base = rule.made_image(size).astype(np.int64)
    four = np.stack([base, base[:, ::-1], base[::-1], (base * 7 + 31) & 255]).astype(np.float64)
    return torch.from_numpy((four - np.array(mean) * 255) / (np.array(std) * 255)).permute(0, 3, 1, 2)


def without_chance(net):
    for m in net.modules():
        if isinstance(m, (torch.nn.Dropout, torch.nn.Dropout2d)): m.p = 0.0
        if type(m).__name__ == "StochasticDepth": m.p = 0.0
        if type(m).__name__ == "DropPath": m.drop_prob = 0.0
        if getattr(m, "dropout", None).__class__ is float: m.dropout = 0.0


def without_kinks():
    silu = lambda x, *_, **__: torch.nn.functional.silu(x)
    torch.nn.functional.relu = silu
    torch.nn.ReLU.forward = torch.nn.ReLU6.forward = lambda self, x: silu(x)


def sampled(tensor):
    flat = tensor.detach().flatten()
    at = [i * (flat.numel() - 1) // 3 for i in range(4)]
    short = lambda x: float(f"{x:.8g}")
    return [short(flat.pow(2).mean().sqrt().item()), [short(flat[i].item()) for i in at]]


def gradients(net, state, images, labels, mode, kind):
    net.load_state_dict({k: rule.value_of(k, tuple(v.shape)) for k, v in state.items()}, strict=False)
    net.to(kind).train(mode == "live")
    for m in net.modules():
        if isinstance(m, torch.nn.BatchNorm2d): m.momentum = 0.1
    net.zero_grad()
    out = net(images.to(kind))
    out = out.logits if hasattr(out, "logits") else out
    loss = torch.nn.functional.cross_entropy(out, labels)
    loss.backward()
    values = {k: sampled(p.grad) for k, p in net.named_parameters()}
    if mode == "live": values.update({k: sampled(v) for k, v in net.state_dict().items() if k.endswith(("running_mean", "running_var"))})
    return loss.item(), values


def difference(values, exact):
    least = 1e-5 * max(v[0] for v in exact.values())
    return max(abs(a - b) / max(abs(b), rms, least) for k, (rms, four) in exact.items() for a, b in zip([values[k][0], *values[k][1]], [rms, *four]))


def golden(name):
    size = SIZES.get(name, 96)
    net, mean, std = rule.reference(name)
    without_chance(net)
    state = {k: v for k, v in net.state_dict().items() if not k.endswith("num_batches_tracked")}
    result = {"model": name, "size": size}
    images, labels = pictures(size, mean, std), torch.tensor([0, 250, 500, 750])
    has_norm = any(k.endswith("running_mean") for k in state)
    for mode in ["fixed", "live"] if has_norm else ["fixed"]:
        loss, exact = gradients(net, state, images, labels, mode, torch.float64)
        noise = max(difference(gradients(net, state, images * (1 + i * 1e-6), labels, mode, torch.float32)[1], exact) for i in range(4))
        result[mode] = {"loss": loss, "noise": float(f"{noise:.2g}"), "parameters": exact}
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=NAMES)
    parser.add_argument("--out", default=os.path.join(os.path.dirname(__file__), "..", "tests", "train", "goldens"))
    a = parser.parse_args()
    os.makedirs(a.out, exist_ok=True)
    without_kinks()
    for name in a.names:
        g = golden(name)
        path = os.path.join(a.out, name + ".json")
        with open(path, "w") as f:
            f.write(json.dumps(g, separators=(",", ":")) + "\n")
        print(path, os.path.getsize(path), "bytes; noise", *(g[m]["noise"] for m in ("fixed", "live") if m in g), flush=True)


if __name__ == "__main__":
    try:
        import torchvision_cpu_ops  # noqa: F401
    except ImportError:
        pass
    main()
