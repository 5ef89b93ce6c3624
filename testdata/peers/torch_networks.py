#!/usr/bin/env python3
"""Every network's training and embedding: PyTorch and onnxruntime beside this project, in turns.

    go build -o bin/xbm ./cmd/xbm
    python3 testdata/peers/torch_networks.py bin/xbm [rounds] [network ...]

As torch_train.py, with the plain modules of testdata/reference/networks.py. A line a
network: the rate of one who has the machine's best moment (the shortest of the steps that
are timed, the median of that over the rounds), in images a second, and the share that the
products of a direct convolution are of the peak. onnxruntime runs the module that PyTorch
exports, where Node finds onnxruntime-node. THREADS is the number of threads, 2 where it is
not set. With CPU=1 times are of the processor, of all threads together, which other work on
the machine disturbs less; bin/xbm is then the tests of package backbone:

    go test -c -o bin/backbone.test ./backbone
    CPU=1 THREADS=1 python3 testdata/peers/torch_networks.py bin/backbone.test 3
"""
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [here, os.path.join(here, "..", "reference")]
from torch_train import Block, conv4, resnet18, torch, nn, F  # noqa: E402 (says so and ends well without PyTorch)
import networks  # noqa: E402

threads = int(os.environ.get("THREADS", "2"))
by_processor = os.environ.get("CPU") == "1"
clock = time.process_time if by_processor else time.time


class Bottleneck(nn.Module):
    def __init__(self, inputs, filters, stride):
        super().__init__()
        norm = nn.BatchNorm2d
        self.main = nn.Sequential(
            nn.Conv2d(inputs, filters, 1, bias=False), norm(filters), nn.ReLU(),
            nn.Conv2d(filters, filters, 3, stride, 1, bias=False), norm(filters), nn.ReLU(),
            nn.Conv2d(filters, 4 * filters, 1, bias=False), norm(4 * filters))
        self.shortcut = nn.Identity()
        if stride > 1 or inputs != 4 * filters:
            self.shortcut = nn.Sequential(nn.Conv2d(inputs, 4 * filters, 1, stride, bias=False), norm(4 * filters))

    def forward(self, x):
        return F.relu(self.main(x) + self.shortcut(x))


def resnet50(channels, dim):
    layers = [nn.Conv2d(channels, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    inputs = 64
    for stage, count in enumerate([3, 4, 6, 3]):
        for i in range(count):
            layers.append(Bottleneck(inputs, 64 << stage, 2 if i == 0 and stage > 0 else 1))
            inputs = 256 << stage
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2048, dim))


mobile = networks.MobileNetV3
# name, module, image, batch
all_networks = [
    ("conv4", conv4, (1, 32, 32), 64),
    ("resnet18", resnet18, (3, 64, 64), 32),
    ("resnet50", resnet50, (3, 64, 64), 32),
    ("googlenet", lambda _, dim: networks.GoogLeNet(64, dim), (3, 64, 64), 32),
    ("bninception", lambda _, dim: networks.BNInception(64, dim), (3, 64, 64), 32),
    ("mobilenetv3-small", lambda _, dim: mobile(mobile.small, 1024, 16, dim), (3, 64, 64), 32),
    ("mobilenetv3-large", lambda _, dim: mobile(mobile.large, 1280, 16, dim), (3, 64, 64), 32),
    ("vit-s16", lambda _, dim: networks.ViT(16, 14, 384, 6, False, dim), (3, 64, 64), 32),
]


def least(once, seconds=1):
    once()
    took, start = [], time.time()
    while time.time() - start < seconds or len(took) < 5:
        began = clock()
        once()
        took.append(clock() - began)
    return min(took)


def peer(net, images):
    gradient = torch.randn(images.shape[0], 128)
    sgd = torch.optim.SGD(net.parameters(), lr=1e-6)

    def train():
        net.train()
        sgd.zero_grad()
        F.normalize(net(images)).backward(gradient)
        sgd.step()

    def embed():
        net.eval()
        with torch.no_grad():
            F.normalize(net(images))

    return {"train": least(train), "embed": least(embed)}


def ours(command, name, shape, batch):
    if by_processor:
        out = subprocess.run(
            [command, "-test.run", "none", "-test.bench", f"Networks/{name}$", "-test.benchtime", "5x"],
            check=True, capture_output=True, text=True, env={**os.environ, "GOMAXPROCS": str(threads)}).stdout
        found = {}
        for line in out.splitlines():
            if "cpu-ms" in line:
                what = line.split()[0].split("/")[-1].split("-")[0]
                found[what] = float(line.split("cpu-ms")[0].split()[-1]) / 1e3
        return found
    out = subprocess.run(
        [command, "bench", "train", "--backbone", name, "--image", "x".join(map(str, shape)),
         "--batch", str(batch), "--dim", "128", "--time", "1s", "--json"],
        check=True, capture_output=True, text=True, env={**os.environ, "GOMAXPROCS": str(threads)}).stdout
    return {r["name"].split()[0]: r["min_ms"] / 1e3 for r in map(json.loads, out.splitlines())}


node = """
const ort = require('onnxruntime-node');
(async () => {
  const [file, dims, threads] = [process.argv[1], JSON.parse(process.argv[2]), +process.argv[3]];
  const s = await ort.InferenceSession.create(file, { intraOpNumThreads: threads, interOpNumThreads: 1 });
  const x = new ort.Tensor('float32', Float32Array.from({ length: dims.reduce((a, b) => a * b) }, () => Math.random()), dims);
  let least = Infinity;
  const now = () => { const c = process.cpuUsage(); return process.env.CPU === '1' ? (c.user + c.system) / 1e3 : performance.now(); };
  for (const start = performance.now(), runs = { n: 0 }; performance.now() - start < 1500 || runs.n < 5; runs.n++) {
    const began = now();
    await s.run({ [s.inputNames[0]]: x });
    least = Math.min(least, now() - began);
  }
  console.log(least / 1e3);
})().catch((e) => { console.error(e.message); process.exit(1); });
"""


def onnxruntime(file, shape, batch):
    try:
        done = subprocess.run(["node", "-e", node, file, json.dumps([batch, *shape]), str(threads)], capture_output=True, text=True)
    except FileNotFoundError:
        return None
    return float(done.stdout) if done.returncode == 0 else None


def products(net, image):
    """FLOP of the convolutions and linear maps for one image."""
    total = 0

    def count(module, _, y):
        nonlocal total
        total += 2 * y.numel() * (module.weight.numel() // module.weight.shape[0])

    hooks = [m.register_forward_hook(count) for m in net.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    net.eval()
    with torch.no_grad():
        net(image)
    for h in hooks:
        h.remove()
    return total


def peak(command):
    out = subprocess.run([command, "bench", "gemm", "--shape", "64x64x64", "--time", "1s"], check=True, capture_output=True, text=True,
                         env={**os.environ, "GOMAXPROCS": str(threads)}).stdout
    return float(out[out.index("peak:"):].split()[1])


def main():
    command = sys.argv[1]
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 7
    torch.set_num_threads(threads)
    print(f"PyTorch {torch.__version__}, {threads} threads, {rounds} rounds; images/s; load {os.getloadavg()[0]:.0f}\n")
    print("| network | image, batch | | here | of peak | PyTorch | | onnxruntime | |\n|---|---|---|---:|---:|---:|---:|---:|---:|")
    for name, make, shape, batch in all_networks:
        if len(sys.argv) > 3 and name not in sys.argv[3:]:
            continue
        images = torch.randn(batch, *shape)
        net = make(shape[0], 128)
        net(images)
        flop = products(net, images[:1])
        rows = {"train": [], "embed": []}
        with tempfile.TemporaryDirectory() as dir:
            file = os.path.join(dir, "net.onnx")
            net.eval()
            try:
                torch.onnx.export(net, images, file, opset_version=13)
            except Exception as e:
                print("no ONNX model:", str(e)[:100], file=sys.stderr)
            for _ in range(rounds):
                a, b = ours(command, name, shape, batch), peer(net, images)
                top = 0 if by_processor else peak(command)
                c = onnxruntime(file, shape, batch) if os.path.exists(file) else None
                for what, times in rows.items():
                    times.append((a[what], b[what], c if what == "embed" else None, top))
        for what, times in rows.items():
            mine, theirs = (statistics.median(t[k] for t in times) for k in (0, 1))
            share = "–"
            if not by_processor:
                share = f"{100 * statistics.median((3 if what == 'train' else 1) * flop * batch / t[0] / t[3] / 1e9 for t in times):.0f} %"
            others = [t[2] for t in times if t[2]]
            ort = "– | –"
            if others:
                o = statistics.median(others)
                ort = f"{batch / o:,.0f} | {o / mine:.2f}"
            print(f"| `{name}` | {'×'.join(map(str, shape))}, {batch} | {what} | {batch / mine:,.0f} | {share} | {batch / theirs:,.0f} | {theirs / mine:.2f} | {ort} |", flush=True)


main()
