"""EfficientNet-Lite0 in plain PyTorch, with random weights: what the benchmarks of speed compare with."""
from torch import nn


def convolution(before, channels, kernel, stride=1, groups=1, bends=True):
    layers = [nn.Conv2d(before, channels, kernel, stride, kernel // 2, groups=groups, bias=False), nn.BatchNorm2d(channels)]
    return layers + [nn.ReLU6(inplace=True)] if bends else layers


class Block(nn.Module):
    def __init__(self, before, channels, kernel, stride, expansion):
        super().__init__()
        inside = before * expansion
        self.branch = nn.Sequential(*(convolution(before, inside, 1) if expansion > 1 else []), *convolution(inside, inside, kernel, stride, inside),
                                    *convolution(inside, channels, 1, bends=False))
        self.residual = stride == 1 and before == channels

    def forward(self, x):
        return x + self.branch(x) if self.residual else self.branch(x)


def efficientnet_lite0(head):
    layers, before = convolution(3, 32, 3, 2), 32
    for expansion, channels, count, stride, kernel in ((1, 16, 1, 1, 3), (6, 24, 2, 2, 3), (6, 40, 2, 2, 5), (6, 80, 3, 2, 3), (6, 112, 3, 1, 5), (6, 192, 4, 2, 5),
                                                       (6, 320, 1, 1, 3)):
        for i in range(count):
            layers.append(Block(before, channels, kernel, stride if i == 0 else 1, expansion))
            before = channels
    return nn.Sequential(*layers, *convolution(320, 1280, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten(), head)
