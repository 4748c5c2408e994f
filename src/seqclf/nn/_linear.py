"""A linear layer whose predictions for a row depend on that row alone."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from seqclf.kernels import PreparedLinear, is_dual, linear, status


class Linear(nn.Linear):
    """`torch.nn.Linear`; in predictions on a CPU, each row is bitwise independent of the other rows.

    torch leaves the product to a BLAS library, which chooses its algorithm, and with it the order of the sums, by the number of
    rows and threads. In evaluation mode and without gradients, as in `predict`, the compiled kernels compute it instead. In
    training, where a batch is one unit anyway, the product stays torch's.

    Examples
    --------
    >>> import torch
    >>> from seqclf.nn import Linear
    >>> Linear(4, 3)(torch.zeros(2, 4)).shape
    torch.Size([2, 3])
    """

    _prepared: PreparedLinear | None = None

    def prepare(self) -> None:
        """Copy and pack the weights for many short predictions, if the kernels can run here; later changes have no effect."""
        if self._has_kernel(self.weight):
            self._prepared = PreparedLinear(self.weight, self.bias)

    def forward(self, rows: Tensor) -> Tensor:
        """Return `rows @ weight.T + bias`, (n_rows, out_features)."""
        if self._prepared is not None:
            return self._prepared(rows)
        if self.training or torch.is_grad_enabled() or not self._has_kernel(rows):
            return super().forward(rows)
        return linear(rows, self.weight, self.bias)

    def _has_kernel(self, rows: Tensor) -> bool:
        """Return whether the kernel can run, which is for dense float32 rows on a CPU without a forward-mode derivative."""
        tensors = [rows, self.weight] if self.bias is None else [rows, self.weight, self.bias]
        return (
            status().available
            and rows.ndim == 2
            and all(one.device.type == "cpu" and one.dtype == torch.float32 for one in tensors)
            and all(one.layout == torch.strided and not one.is_nested for one in tensors)
            and not any(is_dual(one) for one in tensors)
        )
