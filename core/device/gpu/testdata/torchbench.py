"""The shapes of BenchmarkGPUNetwork, Product and Training in PyTorch: eager, TF32, channels last.

Names that end in /f16 and /bf16 are the same networks with weights and activations of 16 bits (.half(), .bfloat16()),
those in /f16autocast and /bf16autocast with weights of 32, cast by autocast; /f32 is without TF32.

Copies to the GPU and back are part of the network times, as they are of ours.
Run by `make bench-gpu` where python3 has torch with CUDA.
"""

import copy
import sys
import time

import torch
from torch import nn

torch.backends.cudnn.benchmark = True


def allow_tf32(yes):
    torch.backends.cuda.matmul.allow_tf32 = yes
    torch.backends.cudnn.allow_tf32 = yes


allow_tf32(True)


class CondNorm(nn.Module):
    """Instance norm with gamma and beta given from outside."""

    def forward(self, x, gamma, beta):
        x = nn.functional.instance_norm(x)
        return x * gamma[:, :, None, None] + beta[:, :, None, None]


class Style(nn.Module):
    """The style network: channels 32, 64, 96, five blocks, 9x9 at both ends."""

    def __init__(self, c=(32, 64, 96), blocks=5, kernel=9):
        super().__init__()
        conv = lambda i, o, k, s=1: nn.Conv2d(i, o, k, s, k // 2, padding_mode="reflect")
        self.layers = nn.ModuleList(
            [conv(3, c[0], kernel), conv(c[0], c[1], 3, 2), conv(c[1], c[2], 3, 2)]
            + [conv(c[2], c[2], 3) for _ in range(2 * blocks)]
            + [conv(c[2], c[1], 3), conv(c[1], c[0], 3)]
        )
        self.last = conv(c[0], 3, kernel)
        self.blocks, self.norm = blocks, CondNorm()
        self.sizes = [l.out_channels for l in self.layers]

    def forward(self, x, style):
        at = 0

        def norm(y):
            nonlocal at
            n = y.shape[1]
            y = self.norm(y, style[:, at : at + n], style[:, at + n : at + 2 * n])
            at += 2 * n
            return y

        layers = iter(self.layers)
        for _ in range(3):
            x = norm(next(layers)(x)).relu()
        for _ in range(self.blocks):
            y = norm(next(layers)(x)).relu()
            x = x + norm(next(layers)(y))
        for _ in range(2):
            x = nn.functional.interpolate(x, scale_factor=2, mode="nearest")
            x = norm(next(layers)(x)).relu()
        return self.last(x).sigmoid()


def generator(latent, channels):
    layers = [nn.ConvTranspose2d(latent, channels[0], 4), nn.BatchNorm2d(channels[0]), nn.ReLU()]
    for a, b in zip(channels, channels[1:]):
        layers += [nn.ConvTranspose2d(a, b, 4, 2, 1), nn.BatchNorm2d(b), nn.ReLU()]
    return nn.Sequential(*layers, nn.ConvTranspose2d(channels[-1], 3, 4, 2, 1), nn.Tanh())


def discriminator(channels):
    layers = [nn.Conv2d(3, channels[0], 4, 2, 1), nn.LeakyReLU(0.2)]
    for a, b in zip(channels, channels[1:]):
        layers += [nn.Conv2d(a, b, 4, 2, 1), nn.BatchNorm2d(b), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers, nn.Conv2d(channels[-1], 1, 4))


QUICK = "--quick" in sys.argv  # fewer rounds, and of the precisions TF32 and float16 only


def timed(name, f, rounds=5 if QUICK else 20, flops=None):
    for _ in range(3):
        f()
    torch.cuda.synchronize()
    start = time.perf_counter()
    for _ in range(rounds):
        f()
    torch.cuda.synchronize()
    seconds = (time.perf_counter() - start) / rounds
    rate = f"\t{flops / seconds / 1e12:.1f} TFLOP/s" if flops else ""
    print(f"PyTorch/{name}\t{1e3 * seconds:.3f} ms{rate}", flush=True)


def networks(name, net, x, *rest):
    """Times a network in each precision. What comes in and goes out is float32 in the processor's memory."""
    x = x.contiguous(memory_format=torch.channels_last).pin_memory()

    def run(suffix, dtype=torch.float32, autocast=None):
        m = copy.deepcopy(net).to(dtype).cuda().to(memory_format=torch.channels_last)
        other = [r.to(dtype) for r in rest]
        try:
            with torch.autocast("cuda", dtype=autocast, enabled=autocast is not None):
                timed(name + suffix, lambda: m(x.cuda(non_blocking=True).to(dtype), *other).float().cpu())
        except RuntimeError as e:  # not all operations of all versions know bfloat16
            print(f"PyTorch/{name}{suffix}\t{e}".splitlines()[0])

    run("")
    if QUICK:
        return run("/f16", torch.float16)
    for suffix, dtype in (("/f16", torch.float16), ("/bf16", torch.bfloat16)):
        run(suffix, dtype)
        run(suffix + "autocast", autocast=dtype)
    allow_tf32(False)
    run("/f32")
    allow_tf32(True)


def main():
    print("PyTorch", torch.__version__, torch.cuda.get_device_name(0))
    n = 4096
    a, b = torch.rand(n, n, device="cuda"), torch.rand(n, n, device="cuda")
    timed("Product", lambda: a @ b, flops=2 * n**3)
    last = torch.channels_last
    with torch.inference_mode():
        net = Style()
        vector = torch.rand(1, 2 * sum(net.sizes), device="cuda")
        for side in (512, 1024, 4096):
            networks(f"style{side}", net, torch.rand(1, 3, side, side), vector)
        g = generator(128, (512, 256, 128, 64)).eval()
        for batch in (1, 64):
            networks(f"generatorBatch{batch}", g, torch.rand(batch, 128, 1, 1))
    for side, channels in ((64, (64, 128, 256, 512)), (128, (32, 64, 128, 256, 512))):
        g = generator(128, channels[::-1]).cuda().to(memory_format=last)
        d = discriminator(channels).cuda().to(memory_format=last)
        bce = nn.functional.binary_cross_entropy_with_logits
        adams = [torch.optim.Adam(m.parameters(), 2e-4, (0.5, 0.999), fused=True) for m in (d, g)]
        real, z = torch.rand(64, 3, side, side).pin_memory(), torch.rand(64, 128, 1, 1).pin_memory()

        def step():
            r, noise = real.cuda(non_blocking=True), z.cuda(non_blocking=True)
            yes, no = d(r), d(g(noise).detach())
            loss = bce(yes, torch.full_like(yes, 0.9)) + bce(no, torch.zeros_like(no))
            adams[0].zero_grad(), loss.backward(), adams[0].step()
            made = d(g(noise))
            other = bce(made, torch.ones_like(made))
            adams[1].zero_grad(), other.backward(), adams[1].step()
            return loss.item() + other.item()

        timed(f"portrait{side}", step)
    net = Style().cuda().to(memory_format=last)
    adam = torch.optim.Adam(net.parameters(), 2e-4, fused=True)
    x = torch.rand(4, 3, 256, 256).to(memory_format=last).pin_memory()
    vector = torch.rand(4, 2 * sum(net.sizes), device="cuda")

    def step():
        p = x.cuda(non_blocking=True)
        y = net(p, vector)
        tv = (y[..., 1:] - y[..., :-1]).square().mean() + (y[..., 1:, :] - y[..., :-1, :]).square().mean()
        loss = (y - p).square().mean() + 0.1 * tv
        adam.zero_grad(), loss.backward(), adam.step()
        return loss.item()

    timed("style256", step)


if __name__ == "__main__":
    main()
