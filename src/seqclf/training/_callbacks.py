"""Callbacks: notified of each epoch, and able to stop training."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterable, Mapping
from typing import Any, Protocol, runtime_checkable

from seqclf._checks import check_integer
from seqclf.exceptions import SeqclfWarning
from seqclf.training._history import EpochRecord
from seqclf.training._processes._group import current_group

logger = logging.getLogger("seqclf")


@runtime_checkable
class Callback(Protocol):
    """The interface of a callback: it receives the record of each epoch, and returns True to stop training.

    Examples
    --------
    >>> from seqclf import GRUClassifier
    >>> class StopWhenPerfect:
    ...     def on_epoch_end(self, record):
    ...         return record.train_accuracy == 1.0
    >>> X, y = [[0.1, 0.9], [0.9, 0.1]] * 8, [1, 0] * 8
    >>> model = GRUClassifier(hidden_size=4, callbacks=[StopWhenPerfect()], random_state=0).fit(X, y)
    >>> model.history_["train_accuracy"][-1]
    1.0
    """

    def on_epoch_end(self, record: EpochRecord) -> bool | None:
        """Called after each epoch, validation included."""
        ...


@runtime_checkable
class FitCallback(Callback, Protocol):
    """A callback that is also notified of the start and the end of a `fit`.

    `partial_fit` is one epoch of a training whose start and end only the caller knows: it does not call `on_fit_start` and
    `on_fit_end`, and it numbers epochs over all calls, as `history_` does.

    Examples
    --------
    >>> from seqclf import GRUClassifier
    >>> class Printer:
    ...     def on_fit_start(self, name, parameters):
    ...         print(f"{name} with lr={parameters['lr']}")
    ...     def on_epoch_end(self, record):
    ...         print(f"epoch {record.epoch}")
    ...     def on_fit_end(self, error):
    ...         print("done" if error is None else f"failed: {error}")
    >>> X, y = [[0.1, 0.9], [0.9, 0.1]] * 8, [1, 0] * 8
    >>> model = GRUClassifier(hidden_size=4, lr=0.01, max_epochs=2, callbacks=[Printer()]).fit(X, y)
    GRUClassifier with lr=0.01
    epoch 1
    epoch 2
    done
    """

    def on_fit_start(self, name: str, parameters: Mapping[str, Any]) -> None:
        """Called before the first epoch, with the name of the estimator's class and its parameters without `callbacks`.

        If it raises, the fit ends, and its own `on_fit_end` is not called.
        """
        ...

    def on_fit_end(self, error: BaseException | None) -> None:
        """Called after the last epoch, or with the exception that ended the fit and is raised afterwards."""
        ...


def as_callbacks(callbacks: Any) -> tuple[Callback, ...]:
    """Return callbacks as a tuple: those of a sequence, a single one, or none for None.

    Of several processes that train together, only the first one has callbacks.

    Raises
    ------
    TypeError
        If one of them has no method `on_epoch_end`, or is a class instead of an instance.

    Examples
    --------
    >>> from seqclf.training import as_callbacks
    >>> as_callbacks(None)
    ()
    """
    if callbacks is None:
        return ()
    if isinstance(callbacks, Callback) or not isinstance(callbacks, Iterable):
        callbacks = [callbacks]
    try:
        found = tuple(callbacks)
    except TypeError as error:  # such as a tensor without axes
        raise TypeError(
            f"`callbacks` must be a list of callbacks; got {callbacks!r:.80} ({error})."
        ) from error
    for i, callback in enumerate(found):
        if isinstance(callback, type):
            raise TypeError(
                f"`callbacks` must hold instances; got the class {callback.__name__} as callbacks[{i}]. Pass "
                f"`{callback.__name__}()`."
            )
        if not isinstance(callback, Callback):
            raise TypeError(
                f"`callbacks` must hold objects with a method `on_epoch_end(record)`; got callbacks[{i}]={callback!r:.80}."
            )
    return found if current_group().is_main else ()


class ProgressBar:
    """A progress bar over epochs (extra `progress`); without tqdm, lines in the log `seqclf`.

    Parameters
    ----------
    max_epochs : int
        Length of the bar.
    title : str, default=""
        Text before the bar.
    n_done : int, default=0
        Epochs that were trained before, when a fit resumes.

    Examples
    --------
    >>> from seqclf.training import EpochRecord, ProgressBar
    >>> with ProgressBar(10, title="GRU") as bar:
    ...     bar.on_epoch_end(
    ...         EpochRecord(epoch=1, seconds=0.1, lr=0.1, train_loss=0.5, train_accuracy=1.0, train_macro_f1=1.0)
    ...     )
    """

    def __init__(self, max_epochs: int, *, title: str = "", n_done: int = 0) -> None:
        self._n_done = check_integer("n_done", n_done, least=0)
        self._max_epochs = check_integer("max_epochs", max_epochs)
        self._title = title
        self._bar: Any = None

    def __enter__(self) -> ProgressBar:
        try:
            from tqdm.auto import tqdm
        except ImportError:
            # A warning, because the user asked for a bar and few look at the log.
            warnings.warn(
                "A progress bar needs tqdm; it is not installed, so progress goes to the log 'seqclf' only. "
                "Run `pip install 'seqclf[progress]'`.",
                SeqclfWarning,
                stacklevel=2,
            )
        else:
            self._bar = tqdm(
                total=self._max_epochs, initial=self._n_done, unit="epoch", desc=self._title or None
            )
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def on_epoch_end(self, record: EpochRecord) -> None:
        """Advance the bar by one epoch."""
        shown = {
            "loss": record.train_loss,
            "accuracy": record.train_accuracy,
            "macro_f1": record.train_macro_f1,
        }
        if record.valid_loss is not None:
            shown |= {"valid_loss": record.valid_loss, "valid_macro_f1": record.valid_macro_f1 or 0.0}
        text = {name: f"{value:.3f}" for name, value in shown.items()}
        if self._bar is None:
            title = f"{self._title}: " if self._title else ""
            logger.info("%sepoch %d of %d: %s", title, record.epoch, self._max_epochs, text)
        else:
            self._bar.set_postfix(text)
            self._bar.update()
