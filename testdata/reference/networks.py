"""Reference outputs and gradients of networks, for backbone's tests.

    python3 networks.py > networks-more.json

Plain PyTorch modules, written from the papers and with the published names of the
parameters (torchvision's, timm's); weights, input and gradient follow the rule in
README.md. Computed in float64.
"""

import json
import math
import sys

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F


def lcg(count, k):
    i = np.arange(count, dtype=np.uint64)
    x = (i * np.uint64(2654435761) + np.uint64(k * 40503 + 12345)) % np.uint64(2**32)
    u = (x * np.uint64(1664525) + np.uint64(1013904223)) % np.uint64(2**32)
    return torch.from_numpy(u.astype(np.float64) / 2**32 - 0.5)


class BasicConv(nn.Module):
    def __init__(self, inputs, filters, size, stride=1, pad=0):
        super().__init__()
        self.conv = nn.Conv2d(inputs, filters, size, stride, pad, bias=False)
        self.bn = nn.BatchNorm2d(filters, eps=0.001)

    def forward(self, x):
        return F.relu(self.bn(self.conv(x)))


class Inception(nn.Module):
    def __init__(self, inputs, one, before3, three, before5, five, project):
        super().__init__()
        self.branch1 = BasicConv(inputs, one, 1)
        self.branch2 = nn.Sequential(BasicConv(inputs, before3, 1), BasicConv(before3, three, 3, pad=1))
        self.branch3 = nn.Sequential(BasicConv(inputs, before5, 1), BasicConv(before5, five, 3, pad=1))
        self.branch4 = nn.Sequential(nn.MaxPool2d(3, 1, 1, ceil_mode=True), BasicConv(inputs, project, 1))
        self.filters = one + three + five + project

    def forward(self, x):
        return torch.cat([self.branch1(x), self.branch2(x), self.branch3(x), self.branch4(x)], 1)


class GoogLeNet(nn.Module):
    def __init__(self, width, dim):
        super().__init__()
        w = lambda n: n * width // 64
        self.conv1 = BasicConv(3, w(64), 7, 2, 3)
        self.conv2 = BasicConv(w(64), w(64), 1)
        self.conv3 = BasicConv(w(64), w(192), 3, pad=1)
        channels = w(192)
        for name, *filters in [
            ("3a", 64, 96, 128, 16, 32, 32), ("3b", 128, 128, 192, 32, 96, 64),
            ("4a", 192, 96, 208, 16, 48, 64), ("4b", 160, 112, 224, 24, 64, 64),
            ("4c", 128, 128, 256, 24, 64, 64), ("4d", 112, 144, 288, 32, 64, 64),
            ("4e", 256, 160, 320, 32, 128, 128),
            ("5a", 256, 160, 320, 32, 128, 128), ("5b", 384, 192, 384, 48, 128, 128),
        ]:
            block = Inception(channels, *[w(f) for f in filters])
            setattr(self, "inception" + name, block)
            channels = block.filters
        self.fc = nn.Linear(channels, dim)

    def forward(self, x):
        mean, deviation = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
        x = (x * deviation.view(1, 3, 1, 1) + mean.view(1, 3, 1, 1) - 0.5) / 0.5
        pool = lambda x, size: F.max_pool2d(x, size, 2, ceil_mode=True)
        x = pool(self.conv1(x), 3)
        x = pool(self.conv3(self.conv2(x)), 3)
        x = pool(self.inception3b(self.inception3a(x)), 3)
        for name in "abcde":
            x = getattr(self, "inception4" + name)(x)
        x = self.inception5b(self.inception5a(pool(x, 2)))
        return self.fc(x.mean((2, 3)))


class BNInception(nn.Module):
    blocks = [
        ("3a", 64, 64, 64, 64, 96, 32), ("3b", 64, 64, 96, 64, 96, 64), ("3c", 0, 128, 160, 64, 96, 0),
        ("4a", 224, 64, 96, 96, 128, 128), ("4b", 192, 96, 128, 96, 128, 128), ("4c", 160, 128, 160, 128, 160, 128),
        ("4d", 96, 128, 192, 160, 192, 128), ("4e", 0, 128, 192, 192, 256, 0),
        ("5a", 352, 192, 320, 160, 224, 128), ("5b", 352, 192, 320, 192, 224, 128),
    ]

    def __init__(self, width, dim):
        super().__init__()
        w = lambda n: n * width // 64

        def conv(name, inputs, filters, size, stride=1):
            setattr(self, name, nn.Conv2d(inputs, w(filters), size, stride, size // 2))
            setattr(self, name + "_bn", nn.BatchNorm2d(w(filters)))

        conv("conv1_7x7_s2", 3, 64, 7, 2)
        conv("conv2_3x3_reduce", w(64), 64, 1)
        conv("conv2_3x3", w(64), 192, 3)
        channels = w(192)
        for name, one, before3, three, before_double, double, pool in self.blocks:
            name = "inception_" + name + "_"
            stride = 1 if one else 2
            if one:
                conv(name + "1x1", channels, one, 1)
            conv(name + "3x3_reduce", channels, before3, 1)
            conv(name + "3x3", w(before3), three, 3, stride)
            conv(name + "double_3x3_reduce", channels, before_double, 1)
            conv(name + "double_3x3_1", w(before_double), double, 3)
            conv(name + "double_3x3_2", w(double), double, 3, stride)
            if one:
                conv(name + "pool_proj", channels, pool, 1)
            channels = w(three) + w(double) + (w(one) + w(pool) if one else channels)
        self.last_linear = nn.Linear(channels, dim)

    def forward(self, x):
        mean, deviation = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
        x = (x * deviation.view(1, 3, 1, 1) + mean.view(1, 3, 1, 1)) * 255
        x = x.flip(1) - torch.tensor([104.0, 117.0, 128.0]).view(1, 3, 1, 1)
        conv = lambda x, name: F.relu(getattr(self, name + "_bn")(getattr(self, name)(x)))
        halve = lambda x: F.max_pool2d(x, 3, 2, ceil_mode=True)
        x = halve(conv(x, "conv1_7x7_s2"))
        x = halve(conv(conv(x, "conv2_3x3_reduce"), "conv2_3x3"))
        for name, one, *_ in self.blocks:
            last = name == "5b"
            name = "inception_" + name + "_"
            parts = [conv(x, name + "1x1")] if one else []
            parts.append(conv(conv(x, name + "3x3_reduce"), name + "3x3"))
            parts.append(conv(conv(conv(x, name + "double_3x3_reduce"), name + "double_3x3_1"), name + "double_3x3_2"))
            if not one:
                parts.append(halve(x))
            else:
                pooled = F.max_pool2d(x, 3, 1, 1, ceil_mode=True) if last else F.avg_pool2d(x, 3, 1, 1, ceil_mode=True)
                parts.append(conv(pooled, name + "pool_proj"))
            x = torch.cat(parts, 1)
        return self.last_linear(x.mean((2, 3)))


def eights(n):
    m = max(8, int(n + 4) // 8 * 8)
    return m + 8 if m < 0.9 * n else m


class SqueezeExcite(nn.Module):
    def __init__(self, channels):
        super().__init__()
        squeezed = eights(channels // 4)
        self.fc1 = nn.Conv2d(channels, squeezed, 1)
        self.fc2 = nn.Conv2d(squeezed, channels, 1)

    def forward(self, x):
        return x * F.hardsigmoid(self.fc2(F.relu(self.fc1(x.mean((2, 3), keepdim=True)))))


class Mobile(nn.Module):
    def __init__(self, inputs, size, expanded, filters, weighed, hard, stride):
        super().__init__()
        layers = []
        act = nn.Hardswish if hard else nn.ReLU
        if expanded != inputs:
            layers.append(mobile_conv(inputs, expanded, 1, 1, 1, act))
        layers.append(mobile_conv(expanded, expanded, size, stride, expanded, act))
        if weighed:
            layers.append(SqueezeExcite(expanded))
        layers.append(mobile_conv(expanded, filters, 1, 1, 1, nn.Identity))
        self.block = nn.Sequential(*layers)
        self.adds = stride == 1 and inputs == filters

    def forward(self, x):
        y = self.block(x)
        return x + y if self.adds else y


def mobile_conv(inputs, filters, size, stride, groups, act):
    return nn.Sequential(
        nn.Conv2d(inputs, filters, size, stride, size // 2, groups=groups, bias=False),
        nn.BatchNorm2d(filters, eps=0.001, momentum=0.01), act())


class MobileNetV3(nn.Module):
    small = [
        (3, 16, 16, True, False, 2), (3, 72, 24, False, False, 2), (3, 88, 24, False, False, 1), (5, 96, 40, True, True, 2),
        (5, 240, 40, True, True, 1), (5, 240, 40, True, True, 1), (5, 120, 48, True, True, 1), (5, 144, 48, True, True, 1),
        (5, 288, 96, True, True, 2), (5, 576, 96, True, True, 1), (5, 576, 96, True, True, 1),
    ]
    large = [
        (3, 16, 16, False, False, 1), (3, 64, 24, False, False, 2), (3, 72, 24, False, False, 1), (5, 72, 40, True, False, 2),
        (5, 120, 40, True, False, 1), (5, 120, 40, True, False, 1), (3, 240, 80, False, True, 2), (3, 200, 80, False, True, 1),
        (3, 184, 80, False, True, 1), (3, 184, 80, False, True, 1), (3, 480, 112, True, True, 1), (3, 672, 112, True, True, 1),
        (5, 672, 160, True, True, 2), (5, 960, 160, True, True, 1), (5, 960, 160, True, True, 1),
    ]

    def __init__(self, blocks, last, width, dim):
        super().__init__()
        w = lambda n: eights(n * width / 16)
        layers, channels = [mobile_conv(3, w(16), 3, 2, 1, nn.Hardswish)], w(16)
        for size, expanded, filters, weighed, hard, stride in blocks:
            layers.append(Mobile(channels, size, w(expanded), w(filters), weighed, hard, stride))
            channels = w(filters)
        layers.append(mobile_conv(channels, 6 * channels, 1, 1, 1, nn.Hardswish))
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Sequential(nn.Linear(6 * channels, w(last)), nn.Hardswish(), nn.Identity(), nn.Linear(w(last), dim))

    def forward(self, x):
        return self.classifier(self.features(x).mean((2, 3)))


class Scale(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(width))

    def forward(self, x):
        return x * self.gamma


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x):
        n, t, d = x.shape
        q, k, v = self.qkv(x).view(n, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        p = (q @ k.transpose(2, 3) / math.sqrt(d // self.heads)).softmax(3)
        return self.proj((p @ v).transpose(1, 2).reshape(n, t, d))


class MLP(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.fc1 = nn.Linear(width, 4 * width)
        self.fc2 = nn.Linear(4 * width, width)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(x)))


class Block(nn.Module):
    def __init__(self, width, heads, scaled):
        super().__init__()
        self.norm1 = nn.LayerNorm(width, eps=1e-6)
        self.attn = Attention(width, heads)
        self.ls1 = Scale(width) if scaled else nn.Identity()
        self.norm2 = nn.LayerNorm(width, eps=1e-6)
        self.mlp = MLP(width)
        self.ls2 = Scale(width) if scaled else nn.Identity()

    def forward(self, x):
        x = x + self.ls1(self.attn(self.norm1(x)))
        return x + self.ls2(self.mlp(self.norm2(x)))


class Patches(nn.Module):
    def __init__(self, channels, width, size):
        super().__init__()
        self.proj = nn.Conv2d(channels, width, size, size)

    def forward(self, x):
        return self.proj(x)


class ViT(nn.Module):
    def __init__(self, size, side, width, heads, scaled, dim):
        super().__init__()
        self.side = side
        self.cls_token = nn.Parameter(torch.zeros(1, 1, width))
        self.pos_embed = nn.Parameter(torch.zeros(1, 1 + side * side, width))
        self.patch_embed = Patches(3, width, size)
        self.blocks = nn.ModuleList([Block(width, heads, scaled) for _ in range(12)])
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.head = nn.Linear(width, dim)

    def forward(self, x):
        x = self.patch_embed(x)
        n, d, h, w = x.shape
        x = torch.cat([self.cls_token.expand(n, 1, d), x.flatten(2).transpose(1, 2)], 1)
        grid = self.pos_embed[:, 1:].reshape(1, self.side, self.side, d).permute(0, 3, 1, 2)
        grid = F.interpolate(grid, size=(h, w), mode="bicubic", align_corners=False)
        x = x + torch.cat([self.pos_embed[:, :1], grid.flatten(2).transpose(1, 2)], 1)
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x)[:, 0])


def reference(name, net, shape, filters=0):
    named = list(net.named_parameters())
    with torch.no_grad():
        for k, (key, p) in enumerate(named):
            draw = lcg(p.numel(), k).view(p.shape)
            if p.dim() > 1:
                p.copy_(draw * math.sqrt(12) * math.sqrt(2 / (p.numel() // p.shape[0])))
            elif key.endswith("weight"):
                p.copy_(1 + 0.2 * draw)
            else:
                p.copy_(0.2 * draw)
    x = 2 * lcg(math.prod(shape), 1000).view(shape)
    net.train()
    out = net(x)
    (out * lcg(out.numel(), 2000).view(out.shape)).sum().backward()
    running = [(key, b) for key, b in net.named_buffers() if "running" in key]
    net.eval()
    with torch.no_grad():
        after = net(x)
    first = lambda t: t.detach().flatten()[:8].tolist()
    return {
        "name": name, "filters": filters, "input_shape": list(shape), "output_shape": list(out.shape),
        "train_output": out.detach().flatten().tolist(), "eval_output": after.flatten().tolist(),
        "parameters": [{"name": key, "shape": list(p.shape), "norm": p.grad.norm().item(), "first": first(p.grad)} for key, p in named],
        "running_after_one_step": [{"name": key, "first": first(b)} for key, b in running],
    }


if __name__ == "__main__":
    torch.set_num_threads(2)
    torch.set_default_dtype(torch.float64)
    json.dump([
        reference("googlenet", GoogLeNet(8, 8), (8, 3, 33, 30)),
        reference("bninception", BNInception(8, 8), (9, 3, 64, 32)),
        reference("mobilenetv3-small", MobileNetV3(MobileNetV3.small, 1024, 4, 6), (9, 3, 33, 50), 4),
        reference("mobilenetv3-large", MobileNetV3(MobileNetV3.large, 1280, 4, 6), (9, 3, 50, 33), 4),
        reference("vit-s16", ViT(16, 14, 128, 2, False, 5), (3, 3, 48, 70), 128),
        reference("vit-b16", ViT(16, 14, 24, 1, False, 5), (2, 3, 224, 224), 24),
        reference("vit-s14", ViT(14, 37, 128, 2, True, 5), (3, 3, 42, 56), 128),
    ], sys.stdout, separators=(",", ":"))
    print()
