#!/usr/bin/env python3
"""Writes tests/train/losses.json: losses and their gradients by the formulas of their papers on PyTorch's autograd, in float64.

Each case has logits (rows x classes), targets (a class's share of each row), the images of each class in training, and options by graft's names;
"distill" ones have a teacher's logits, too. "loss" is the sum over the rows, "gradient" its gradient by the logits. "bss" is batch spectral shrinkage
(Chen et al. 2019): the square of the smallest singular value of the features, and its gradient by them.
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
    path = os.path.join(os.path.dirname(__file__), "..", "tests", "train", "losses.json")
    with open(path, "w") as file: json.dump({"losses": out, "bss": spectra}, file, separators=(",", ":"))


if __name__ == "__main__":
    main()
