"""A bar over the trials of a sweep, by whomever they are run."""

from __future__ import annotations

import threading
import warnings
from typing import TYPE_CHECKING, Any, Self

from seqclf.exceptions import SeqclfWarning
from seqclf.tuning._state import does_not_count

if TYPE_CHECKING:
    import optuna


_PAUSE = 1.0
"""Seconds between two looks."""


class Progress:
    """Shows how many of the trials that are wanted have ended, and the best score.

    Where other processes run them, a thread looks every now and then.
    """

    def __init__(self, study: optuna.Study, n_trials: int, *, shown: bool, by_others: bool) -> None:
        self._study = study
        self._n_trials = n_trials
        self._shown = shown
        self._by_others = by_others
        self._over = threading.Event()
        self._watcher: threading.Thread | None = None
        self._bar: Any = None

    def __enter__(self) -> Self:
        if not self._shown:
            return self
        try:
            from tqdm.auto import tqdm
        except ImportError:
            warnings.warn(
                "A progress bar needs tqdm; it is not installed. Run `pip install 'seqclf[progress]'`.",
                SeqclfWarning,
                stacklevel=4,
            )
        else:
            self._bar = tqdm(total=self._n_trials, unit="trial", desc=self._study.study_name)
            self.update()
            if self._by_others:
                self._watcher = threading.Thread(target=self._watch, daemon=True)
                self._watcher.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._watcher is not None:
            self._watcher.join()
        if self._bar is not None:
            self.update()
            self._bar.close()

    def update(self) -> None:
        """Read what has ended, and show it."""
        if self._bar is None:
            return
        ended = [
            t
            for t in self._study.get_trials(deepcopy=False)
            if t.state.is_finished() and not does_not_count(t)
        ]
        scores = [t.value for t in ended if t.state.name == "COMPLETE" and t.value is not None]
        if scores:
            self._bar.set_postfix(best=f"{max(scores):.4f}", refresh=False)
        self._bar.update(len(ended) - self._bar.n)
        self._bar.refresh()  # the clock goes on where no trial has ended

    def _watch(self) -> None:
        while not self._over.wait(_PAUSE):
            self.update()
