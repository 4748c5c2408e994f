"""`Occlusion`: the drop of a class's logit for each step of a sequence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.stats import rankdata

from seqclf.evaluation._scores import FloatArray

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Occlusion:
    """How much less certain a prediction becomes without some steps; created by `occlusion`.

    Parameters
    ----------
    label : label
        The class.
    probability : float in [0, 1]
        Its probability for the sequence as it is.
    window : int
        Steps that were occluded at once.
    names : tuple of n_columns str
        Names of the features, then of the token columns.
    values : array of shape (n_steps, n_features), read-only
        The sequence.
    drops : array of shape (n_steps,) or, per feature, (n_steps, n_columns), float64, read-only
        Drop of the logit of the class without this step, mean over the windows that contain it. Negative where the class becomes more
        probable.
    control_drops : array of shape (n_controls, ...), float64, read-only
        The same for each control, each of the shape of `drops`.

    Examples
    --------
    >>> import numpy as np
    >>> from seqclf.evaluation import Occlusion
    >>> found = Occlusion(
    ...     label="V",
    ...     probability=0.9,
    ...     window=1,
    ...     names=("lead",),
    ...     values=np.array([[0.0], [5.0], [0.0], [0.0]]),
    ...     drops=np.array([0.1, 2.5, 1.5, 0.2]),
    ...     control_drops=np.array([[0.1, -0.2, 0.1, 0.3]]),
    ... )
    >>> print(found)
    class 'V', probability 0.900; windows of 1 of 4 steps
    largest drop of its logit: 2.50, steps 1 to 2
    controls: rank correlation with their drops 0.21
    """

    label: Any
    probability: float
    window: int
    names: tuple[str, ...]
    values: FloatArray
    drops: FloatArray
    control_drops: FloatArray

    def __post_init__(self) -> None:
        for name in ("values", "drops", "control_drops"):
            array = np.array(getattr(self, name))
            array.setflags(write=False)
            object.__setattr__(self, name, array)

    @property
    def correlations(self) -> FloatArray:
        """Rank correlation between the sizes of the drops and those of each control, (n_controls,); 0 where one is constant."""
        mine = _ranks(self.drops)
        return np.array([_cosine(mine, _ranks(control)) for control in self.control_drops])

    def plot(self) -> Figure:
        """Plot the drops over the signal, and beside them the drops of the controls.

        Returns
        -------
        matplotlib.figure.Figure
            Not registered with pyplot; save it with `figure.savefig("occlusion.png")`. Drops of controls are scaled to the largest drop
            of the model, because only their shape can be compared.

        Raises
        ------
        ImportError
            If matplotlib is not installed (extra `plots`).
        """
        from seqclf.evaluation._occlusion_plot import plot_occlusion

        title = f"class {self.label}, probability {self.probability:.3f}"
        return plot_occlusion(title, self.names, self.values, self.drops, self.control_drops)

    def __str__(self) -> str:
        columns = self.drops.reshape(len(self.drops), -1)
        step, column = np.unravel_index(int(columns.argmax()), columns.shape)
        drops = columns[:, column]
        first, last = _region(drops, int(step))
        of = f" of {self.names[int(column)]}" if self.drops.ndim == 2 else ""
        lines = [
            f"class {self.label!r}, probability {self.probability:.3f}; windows of {self.window} of {len(drops)} steps",
            f"largest drop of its logit: {drops[step]:.2f}, steps {first} to {last}{of}",
        ]
        if len(self.control_drops):
            found = self.correlations
            spread = f" ({found.min():.2f} to {found.max():.2f})" if len(found) > 1 else ""
            lines.append(f"controls: rank correlation with their drops {np.median(found):.2f}{spread}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return (
            f"Occlusion(class {self.label!r}, {len(self.drops)} steps, largest drop {self.drops.max():.2f})"
        )


def _region(drops: FloatArray, top: int) -> tuple[int, int]:
    """Return the first and the last step around `top` whose drops are at least half of the drop there."""
    enough = drops >= drops[top] / 2
    before, after = np.flatnonzero(~enough[:top]), np.flatnonzero(~enough[top:])
    first = int(before[-1]) + 1 if before.size else 0
    last = top + int(after[0]) - 1 if after.size else len(drops) - 1
    return first, last


def _ranks(drops: FloatArray) -> FloatArray:
    """Return the centred ranks of the sizes of drops."""
    ranks = rankdata(np.abs(drops).ravel())
    return np.asarray(ranks - ranks.mean())


def _cosine(a: FloatArray, b: FloatArray) -> float:
    norm = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / norm if norm else 0.0
