"""Which GPU each process of a sweep uses."""

from __future__ import annotations

import os

import torch

_VISIBLE = "CUDA_VISIBLE_DEVICES"


def gpu_of_process(number: int, device: str) -> dict[str, str]:
    """Return the environment variable that shows a process one GPU; nothing where there is no choice.

    The GPUs of the host, or those visible in this process, are taken in turn. Otherwise "cuda" would be the first one in every
    process.
    """
    n_gpus = torch.cuda.device_count()  # does not start CUDA
    if n_gpus < 2 or device not in ("auto", "cuda"):
        return {}
    visible = os.environ.get(_VISIBLE)
    names = [str(i) for i in range(n_gpus)] if visible is None else visible.split(",")[:n_gpus]
    return {_VISIBLE: names[number % n_gpus].strip()}
