"""Import torchvision, which tsai imports and does not use here.

On Linux PyPI's torchvision is built for torch with CUDA. With the CPU build of torch its compiled operators do not load, and its import
fails because it describes two of them. Empty declarations of these let the import pass.
"""

from __future__ import annotations

import torch

try:
    import torchvision
except RuntimeError:
    for operator in ("nms", "qnms"):
        torch.library.define(
            f"torchvision::{operator}", "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
        )
    import torchvision

VERSION: str = torchvision.__version__
