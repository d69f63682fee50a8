#!/usr/bin/env python3
"""Writes tests/train/losses.json: losses and their gradients by the formulas of their papers on PyTorch's autograd, in float64.

Each case has logits (rows x classes), targets (a class's share of each row), the images of each class in training, and options by graft's names;
"distill" ones have a teacher's logits, too. "loss" is the sum over the rows, "gradient" its gradient by the logits. "bss" is batch spectral shrinkage
(Chen et al. 2019): the square of the smallest singular value of the features, and its gradient by them. "delta" is DELTA (Li et al. 2019) of one
layer, (photos x channels x places) each, as TLlib's AttentionBehavioralRegularization with even attention; "co-tuning" (You et al. 2020) the source
head's loss, "targets" the source's classes for each row. "stoch-norm" (Kou et al. 2020) is convolution, norm, SiLU and mean: what each channel gives by
the batch's and by the running statistics, and the gradients by rows of the convolution and by the norm's weight and bias.
"""
import json, os
import torch
import torch.nn.functional as F

CLASSES, ROWS, COUNTS = 5, 6, [400, 150, 60, 20, 3]


def class_weights(kind, beta):
    n = torch.tensor(COUNTS, dtype=torch.float64)
    if kind == "none": return torch.ones(CLASSES, dtype=torch.float64)
    w = 1 / n if kind == "weights" else (1 - beta) / (1 - beta ** n)
    return w * n.sum() / (w * n).sum()  # 1 in the mean over all images


def loss_of(z, t, case, teacher):
    eps, n = case.get("label-smoothing", 0), torch.tensor(COUNTS, dtype=torch.float64)
    imbalance = case.get("imbalance", "none")
    w = class_weights(imbalance if imbalance in ("weights", "effective") else "none", case.get("effective-beta", 0.999))
    adjusted = z + case.get("logit-adjustment", 1) * torch.log(n / n.sum()) if imbalance == "balanced-softmax" else z
    if case.get("loss") == "focal":
        smooth = t * (1 - eps) + eps / CLASSES
        p = F.softmax(adjusted, 1)
        hard = -(w * smooth * (1 - p) ** case.get("focal-gamma", 2) * torch.log(p)).sum()
    else:
        hard = F.cross_entropy(adjusted, t, weight=w, label_smoothing=eps, reduction="sum")
    if teacher is None: return hard
    T, share = case["distill-temperature"], case["distill-weight"]
    soft = F.kl_div(F.log_softmax(z / T, 1), F.softmax(teacher / T, 1), reduction="sum") * T * T
    return (1 - share) * hard + share * soft


def main():
    torch.manual_seed(5)
    rows = lambda x: [[float(f"{v:.9g}") for v in row] for row in x.tolist()]
    cases = [{}, {"label-smoothing": 0.1}, {"loss": "focal"}, {"loss": "focal", "focal-gamma": 0.5}, {"loss": "focal", "focal-gamma": 5, "label-smoothing": 0.2},
             {"imbalance": "weights"}, {"imbalance": "effective"}, {"imbalance": "effective", "effective-beta": 0.9, "label-smoothing": 0.1},
             {"imbalance": "balanced-softmax"}, {"imbalance": "balanced-softmax", "logit-adjustment": 0.4, "label-smoothing": 0.1},
             {"loss": "focal", "imbalance": "weights", "focal-gamma": 1}, {"loss": "focal", "imbalance": "balanced-softmax"},
             {"distill-temperature": 1, "distill-weight": 0.5}, {"distill-temperature": 4, "distill-weight": 0.9, "label-smoothing": 0.1},
             {"distill-temperature": 2, "distill-weight": 1}, {"distill-temperature": 2, "distill-weight": 0.3, "imbalance": "balanced-softmax"}]
    out = []
    for mixed in (False, True):
        for case in cases:
            z = (torch.randn(ROWS, CLASSES, dtype=torch.float64) * 3).float().double().requires_grad_()
            labels = torch.randint(CLASSES, (ROWS,))
            t = F.one_hot(labels, CLASSES).double()
            if mixed: t = 0.7 * t + 0.3 * t.roll(1, 0)
            teacher = (torch.randn(ROWS, CLASSES, dtype=torch.float64) * 4).float().double() if "distill-weight" in case else None
            loss = loss_of(z, t, case, teacher)
            loss.backward()
            out.append({"options": case, "counts": COUNTS, "logits": rows(z), "targets": rows(t), "loss": loss.item(), "gradient": rows(z.grad)} |
                       ({"teacher": rows(teacher)} if teacher is not None else {}))
    spectra = []
    for shape in ((4, 7), (9, 5), (3, 3)):
        f = torch.randn(*shape, dtype=torch.float64).float().double().requires_grad_()
        loss = torch.linalg.svdvals(f)[-1] ** 2
        loss.backward()
        spectra.append({"features": rows(f), "loss": loss.item(), "gradient": rows(f.grad)})
    torch.manual_seed(6)
    draw = lambda *shape: torch.randn(*shape, dtype=torch.float64).float().double()
    deltas = []
    for shape in ((2, 3, 4), (3, 5, 1), (4, 2, 9)):
        source, ours = draw(*shape), draw(*shape).requires_grad_()
        distance = torch.norm(ours - source, 2, 2)
        loss = 0.5 * torch.sum(shape[1] * torch.mul(torch.full((shape[1],), 1 / shape[1]), distance ** 2) / shape[2])
        loss.backward()
        flat = lambda x: rows(x.flatten(1))
        deltas.append({"channels": shape[1], "ours": flat(ours.detach()), "source": flat(source), "loss": loss.item(), "gradient": flat(ours.grad)})
    relations = []
    for _ in range(3):
        z, t = (draw(4, 7) * 3).requires_grad_(), F.softmax(draw(4, 7), 1)
        loss = torch.sum(-t * F.log_softmax(z, dim=-1))
        loss.backward()
        relations.append({"logits": rows(z.detach()), "targets": rows(t), "loss": loss.item(), "gradient": rows(z.grad)})
    norm = {"input": draw(4, 2, 3, 3), "conv": draw(16, 2), "weight": draw(16), "bias": draw(16), "mean": draw(16), "var": draw(16).abs() + 0.3,
            "outer": draw(4, 16)}
    stoch = {name: rows(x.flatten(1) if x.dim() > 1 else x[None]) for name, x in norm.items()}
    for kind in ("batch", "running"):
        conv, weight, bias = (norm[k].clone().requires_grad_() for k in ("conv", "weight", "bias"))
        mean, var = norm["mean"].clone(), norm["var"].clone()
        y = F.batch_norm(F.conv2d(norm["input"], conv[:, :, None, None]), mean, var, weight, bias, kind == "batch", 0.1, 1e-5)
        pooled = F.silu(y).mean((2, 3))
        (pooled * norm["outer"]).sum().backward()
        stoch[kind] = {"output": rows(pooled), "conv": rows(conv.grad), "weight": rows(weight.grad[None]), "bias": rows(bias.grad[None])}
        if kind == "batch": stoch["moved"] = {"mean": rows(mean[None]), "var": rows(var[None])}
    path = os.path.join(os.path.dirname(__file__), "..", "tests", "train", "losses.json")
    with open(path, "w") as file: json.dump({"losses": out, "bss": spectra, "delta": deltas, "co-tuning": relations, "stoch-norm": stoch}, file, separators=(",", ":"))


if __name__ == "__main__":
    main()
