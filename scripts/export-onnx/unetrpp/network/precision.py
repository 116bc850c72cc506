"""Which number format a training step computes in: bfloat16 where this machine is faster with it, else float32.

Asking the processor what it can do is not enough: with AVX2 alone, or with oneDNN held back by ONEDNN_MAX_CPU_ISA,
PyTorch still takes bfloat16 and computes it one number at a time, 70 times slower than float32. So one small
convolution is timed both ways, once a process.
"""

from __future__ import annotations

import functools
import time

import torch
from torch import nn

CHANNELS, EDGE = 16, 12
"""Of the convolution that is timed: a few milliseconds, a few hundred where bfloat16 is emulated badly."""
ROUNDS = 3
"""The first of them builds oneDNN's kernels and is not counted."""


def time_convolution(dtype: torch.dtype) -> float:
    """CPU seconds of this thread that a 3x3x3 convolution takes, forward and backward, computed in `dtype`."""
    convolution = nn.Conv3d(CHANNELS, CHANNELS, 3, padding=1, bias=False).to(memory_format=torch.channels_last_3d)
    x = torch.ones(1, CHANNELS, EDGE, EDGE, EDGE).to(memory_format=torch.channels_last_3d)
    start = time.thread_time()
    with torch.autocast("cpu", torch.bfloat16, enabled=dtype == torch.bfloat16):
        y = convolution(x)
    y.float().sum().backward()
    return time.thread_time() - start


@functools.cache
def best(kind: str) -> torch.dtype:
    """bfloat16 or float32 for a device of this kind ("cpu", "cuda"), whichever it computes faster. Measured once.

    Measured on one thread by its own clock, so that other programs on the machine do not decide. PyTorch's random
    numbers and its number of threads stay what they are.
    """
    if kind != "cpu":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float32
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]), torch.enable_grad():
            formats = (torch.float32, torch.bfloat16)
            rounds = [[time_convolution(dtype) for dtype in formats] for _ in range(ROUNDS)]
    finally:
        torch.set_num_threads(threads)
    plain, half = (min(seconds) for seconds in zip(*rounds[1:], strict=True))
    return torch.bfloat16 if half < plain else torch.float32


def autocast(device: torch.device) -> torch.autocast:
    """The context to run a network in on this device."""
    dtype = best(device.type)
    return torch.autocast(device.type, torch.bfloat16, enabled=dtype == torch.bfloat16)
