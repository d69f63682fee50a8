#!/usr/bin/env python3
"""Writes tests/transfer/goldens/initialise.json: how the constructors of torchvision and timm draw their parameters, for one network of each family.

For every parameter [mean, deviation, largest absolute value] of one draw. Buffers are left out.
"""
import json, os
import torch
import make_model_goldens as rule

NAMES = """alexnet convnext_tiny deit_s_16 densenet121 dinov2_s_14 efficientnet_b0 efficientnet_lite0 googlenet inception_v3 mobilenet_v2
mobilenet_v3_small regnet_y_400mf resnet18 shufflenet_v2_x1_0 squeezenet1_1 vit_b_32""".split()


def constructed(name):
    if name not in ("googlenet", "inception_v3"): return rule.reference(name)[0]
    import torchvision
    return getattr(torchvision.models, name)(weights=None, aux_logits=name == "inception_v3", init_weights=True)


def facts(p):
    p = p.detach().double()
    return [float(f"{x:.4g}") for x in (p.mean().item(), p.std(unbiased=False).item(), p.abs().max().item())]


def main():
    path = os.path.join(os.path.dirname(__file__), "..", "tests", "transfer", "goldens", "initialise.json")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    lines = []
    for name in NAMES:
        torch.manual_seed(1)
        values = {k: facts(p) for k, p in constructed(name).named_parameters() if not k.startswith("AuxLogits.")}
        lines.append(f'"{name}":' + json.dumps(values, separators=(",", ":")))
    with open(path, "w") as f: f.write("{" + ",\n".join(lines) + "}\n")


if __name__ == "__main__":
    try:
        import torchvision_cpu_ops  # noqa: F401
    except ImportError:
        pass
    main()
