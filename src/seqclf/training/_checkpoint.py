"""`Checkpoint`: the state of a training in a file, from which it resumes."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Self

from torch import Tensor

from seqclf._container import Container
from seqclf._files import remove_unfinished, replacing
from seqclf.exceptions import InvalidCheckpointError, SeqclfWarning
from seqclf.training._global_randomness import drawn_from, global_states
from seqclf.training._inference import device_of
from seqclf.training._interrupt import DeferredInterrupt
from seqclf.training._loop import Training
from seqclf.training._processes._group import current_group
from seqclf.training._training_state import load_state, state_of
from seqclf.training._tree import flatten, unflatten

FORMAT = 1
"""Version of the format. Others are refused: a fit is resumed soon after it stopped."""

SECONDS = 30.0
"""Time between two checkpoints."""

SHARE = 0.01
"""Writing takes at most this share of the time; large models are written less often."""

CHECKPOINT_FILE = Container(
    content="checkpoint",
    name="checkpoint",
    writer="`fit(checkpoint=...)`",
    error=InvalidCheckpointError,
    cure="Was it copied only in part, or changed? Take the original file, or delete it to start over.",
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stored:
    """The content of a checkpoint file.

    Attributes
    ----------
    identity : dict
        What the training is, as text and digests; see `Checkpoint`.
    versions : dict of str to str
        Versions of the packages that wrote it.
    state : dict
        State of the training.

    Examples
    --------
    >>> from seqclf.training import Stored
    >>> Stored(identity={"data": "beats"}, versions={}, state={"epoch": 3}).state["epoch"]
    3
    """

    identity: dict[str, Any]
    versions: dict[str, str]
    state: dict[str, Any]


def read_checkpoint(path: Path) -> Stored | None:
    """Return the content of a checkpoint file; None if there is no file.

    Raises
    ------
    InvalidCheckpointError
        If the file is damaged, not a checkpoint, or of another version of seqclf.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> from seqclf import GRUClassifier
    >>> from seqclf.training import read_checkpoint
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "run.ckpt"
    >>> X, y = [[0.1, 0.9], [0.9, 0.1]] * 8, [1, 0] * 8
    >>> model = GRUClassifier(hidden_size=4, max_epochs=2, random_state=0).fit(X, y, checkpoint=path)
    >>> len(read_checkpoint(path).state["history"])
    2
    """
    if not path.exists():
        return None
    try:
        header, tensors = CHECKPOINT_FILE.read(path)
        content = header.content
        _check_version(content)
        stored = Stored(
            identity=dict(content["identity"]),
            versions=dict(content["versions"]),
            state=dict(unflatten(content["training"], tensors)),
        )
        if not isinstance(stored.state["history"], list):
            raise ValueError("no history")
        return stored
    except InvalidCheckpointError as error:
        raise InvalidCheckpointError(f"{path}: {error}") from error
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise InvalidCheckpointError(
            f"{path}: A checkpoint must hold the state of a training; got {type(error).__name__}: {error!s:.100}. {CHECKPOINT_FILE.cure}"
        ) from error


@cache
def versions() -> dict[str, str]:
    """Return the versions of the packages that a training depends on."""
    return {name: version(name) for name in ("seqclf", "torch", "numpy", "scikit-learn")}


def _check_version(content: Mapping[str, Any]) -> None:
    written_by = content["versions"]["seqclf"]
    if content["format"] != FORMAT or written_by != versions()["seqclf"]:
        raise InvalidCheckpointError(
            f"A checkpoint must be resumed by the version of seqclf that wrote it, {written_by!s:.40}; this is "
            f"{versions()['seqclf']}. Finish the fit with that version, or delete the file to start over."
        )


@dataclass(slots=True, kw_only=True, eq=False)
class Checkpoint:
    """Stores the state of a training in a file from time to time, and resumes from it.

    Parameters
    ----------
    path : Path
        The file. Each checkpoint replaces it as a whole.
    every : int or None, default=None
        Number of batches between two checkpoints. None: every 30 seconds, or less often if writing would take more than 1 % of the time.
    identity : dict, default={}
        What the training is, as plain values: stored in the file, for the caller to compare before it resumes.
    stored : Stored or None, default=None
        Where to resume: the result of `read_checkpoint`. None: a new training.
    skip : callable or None, default=None
        Called when the training resumes, with the number of complete epochs and the number of batches that are done in the next one: the
        next iteration over the batches must leave these out.
    counted : dict of str to torch.Tensor, default={}
        Tensors that are counted outside of `train`; stored, and restored in place.
    writes : bool, default=True
        Whether this process writes the file: of several that train together, only one must.

    Notes
    -----
    To resume, call `train` with a network, an optimizer and batches that were built in the same way. `fit` of an estimator does that, and
    compares samples and parameters; `Checkpoint` alone does not compare them.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> import torch
    >>> from seqclf import as_sequences
    >>> from seqclf.nn import CrossEntropyLoss, LinearHead, MeanPooling, SequenceNetwork
    >>> from seqclf.training import Checkpoint, LabelledSequences, TrainingConfig, read_checkpoint, train
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "run.ckpt"
    >>> data = LabelledSequences(sequences=as_sequences([[0.1], [0.9]] * 4), target=torch.tensor([0, 1] * 4))
    >>> network = SequenceNetwork(torch.nn.Identity(), MeanPooling(), LinearHead(1, 2))
    >>> batches = [torch.tensor([0, 1, 2, 3]), torch.tensor([4, 5, 6, 7])]
    >>> checkpoint = Checkpoint(path=path, every=1, stored=read_checkpoint(path))
    >>> history = train(
    ...     network, CrossEntropyLoss(), data, batches, TrainingConfig(max_epochs=3), checkpoint=checkpoint
    ... )
    >>> read_checkpoint(path).state["is_finished"]
    True
    """

    path: Path
    every: int | None = None
    identity: Mapping[str, Any] = field(default_factory=dict)
    stored: Stored | None = None
    skip: Callable[[int, int], None] | None = None
    counted: Mapping[str, Tensor] = field(default_factory=dict)
    writes: bool = True
    clock: Callable[[], float] = time.monotonic
    _interrupt: DeferredInterrupt = field(init=False, default_factory=DeferredInterrupt)
    _due: float = field(init=False, default=0.0)
    _n_batches: int = field(init=False, default=0)  # since the last one
    _global_states: dict[str, bytes] | None = field(init=False, default=None)

    @contextmanager
    def running(self, training: Training) -> Iterator[Self]:
        """Resume the training that was stored, and defer interrupts within the block."""
        if self.stored is not None:
            self._resume(training, self.stored)
            self.stored = None  # its tensors need memory
        self._due = self.clock() + SECONDS
        self._global_states = global_states(device_of(training.module))
        if self.writes:
            remove_unfinished(self.path)
        with self._interrupt:
            yield self

    @property
    def is_interrupted(self) -> bool:
        """Whether this process got Ctrl-C."""
        return self._interrupt.is_requested

    def after_batch(self, training: Training, *, stops: bool) -> None:
        """Write if it is time to; after Ctrl-C, write and raise KeyboardInterrupt.

        Several processes stop after the same batch: one that stopped alone would leave the others without a checkpoint.
        """
        self._n_batches += 1
        if self._global_states is not None:
            self._check_first_batch(training, self._global_states)
        if self.every is not None and self._n_batches >= self.every:
            self.write(training)
        self._after_step(training, stops=stops)

    def after_epoch(self, training: Training) -> None:
        """Write if it is time to; after Ctrl-C, write and raise KeyboardInterrupt."""
        self._after_step(training, stops=False)

    def _after_step(self, training: Training, *, stops: bool) -> None:
        if stops or (self.is_interrupted and current_group().connection is None):
            self.write(training)
            raise KeyboardInterrupt
        if self.every is None and self.clock() >= self._due:
            self.write(training)

    def finish(self, training: Training) -> None:
        """Write the result."""
        if not training.is_finished:
            training.is_finished = True
            self.write(training)
        if self._interrupt.is_requested:
            raise KeyboardInterrupt

    def write(self, training: Training) -> None:
        """Write the state of the training; if that fails, warn and keep the previous file: training must not be lost."""
        started, self._n_batches = self.clock(), 0
        if self.writes:
            content, tensors = self._content(training)
            try:
                with replacing(self.path) as file:
                    CHECKPOINT_FILE.write(file, content, tensors)
            except OSError as error:
                warnings.warn(
                    f"A checkpoint could not be written ({error}); training continues, and {self.path} is unchanged. Is the disk full, "
                    "or the folder gone? The next checkpoint tries again.",
                    SeqclfWarning,
                    stacklevel=2,
                )
        done = self.clock()
        self._due = done + max(SECONDS, (done - started) / SHARE)

    def _resume(self, training: Training, stored: Stored) -> None:
        self._warn_of_versions(stored.versions)
        state = dict(stored.state)
        try:
            counted = state.pop("counted")
            load_state(training, state)
            for name, tensor in self.counted.items():
                tensor.copy_(counted[name])
            if self.skip is not None:
                self.skip(training.epoch - 1, training.n_batches)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError, RuntimeError) as error:
            raise InvalidCheckpointError(
                f"{self.path}: A checkpoint must be resumed by a fit that builds the same network, optimizer, schedule and batches; got "
                f"{type(error).__name__}: {error!s:.300}. Did the code of a custom component change? Change it back, or delete the "
                "file to start over."
            ) from error

    def _warn_of_versions(self, before: Mapping[str, str]) -> None:
        now = versions()
        changed = [
            f"{name} {before.get(name)} (now {now[name]})" for name in now if before.get(name) != now[name]
        ]
        if changed:
            warnings.warn(
                f"To end with the same weights as without interruption, a fit must resume with the versions it started with; {self.path} "
                f"was written with {', '.join(changed)}. Install these versions if the weights must be identical.",
                SeqclfWarning,
                stacklevel=2,
            )

    def _content(self, training: Training) -> tuple[dict[str, Any], dict[str, Tensor]]:
        tensors: dict[str, Tensor] = {}
        state = state_of(training) | {"counted": dict(self.counted)}
        content = {
            "content": CHECKPOINT_FILE.content,
            "format": FORMAT,
            "identity": dict(self.identity),
            "versions": versions(),
            "training": flatten(state, tensors, "training"),
        }
        return content, tensors

    def _check_first_batch(self, training: Training, before: dict[str, bytes]) -> None:
        """Raise if the training cannot be stored, and warn if it cannot resume exactly: now rather than after a day."""
        self._global_states = None
        try:
            self._content(training)
        except TypeError as error:
            raise TypeError(
                f"A checkpoint can hold tensors, numbers and text; {error}. Choose another optimizer or schedule, keep such objects out "
                "of its `state_dict`, or fit without `checkpoint`."
            ) from error
        drawn = drawn_from(before, device_of(training.module))
        if drawn:
            warnings.warn(
                f"To resume exactly, a fit must draw random numbers from the generator that it passes to components; the first batch drew "
                f"from the global generator of {' and '.join(drawn)}. After an interruption, training resumes with other random numbers. Use "
                "`seqclf.nn.Dropout(p, generator=generator)` in place of `torch.nn.Dropout` and the `dropout` of `torch.nn.RNN`, and pass "
                "the generator to other random functions.",
                SeqclfWarning,
                stacklevel=2,
            )
