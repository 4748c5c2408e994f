"""`CheckpointedFit`: one call of `fit(checkpoint=...)`, and whether a checkpoint belongs to it."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from seqclf._checks import check_integer
from seqclf.estimators._digests import digests_of
from seqclf.estimators._in_words import in_words
from seqclf.estimators._input import Samples
from seqclf.estimators._parameters import Parameters
from seqclf.estimators._prior import ClassPrior
from seqclf.estimators._resumable_batches import ResumableBatches
from seqclf.exceptions import InvalidCheckpointError, SeqclfWarning
from seqclf.sequences import Sequences
from seqclf.training import (
    Checkpoint,
    Stored,
    check_same_in_group,
    current_group,
    file_of_first,
    read_checkpoint,
)

_MAY_CHANGE = ("callbacks", "device", "verbose")
"""Parameters that do not change what is computed."""


@dataclass(kw_only=True, eq=False, slots=True)
class CheckpointedFit:
    """Gathers what identifies a fit while it begins, and compares it with the checkpoint, if there is one.

    The same call with the same seed builds everything else again; the checkpoint holds what training changed.
    """

    path: Path
    every: int | None
    stored: Stored | None
    identity: dict[str, Any]

    @classmethod
    def begin(
        cls, checkpoint: Any, every: Any, estimator: Parameters, parameters: Mapping[str, Any]
    ) -> Self | None:
        """Check the arguments of `fit`, read the file, and compare the parameters; None without `checkpoint`."""
        check_same_in_group(
            {"`checkpoint`": "None" if checkpoint is None else "a path"},
            "Pass it in every process, or in none.",
        )
        if checkpoint is None:
            if every is not None:
                raise ValueError(
                    f"`checkpoint_every` must come with `checkpoint`; got {every!r} alone. Pass the path of a file as `checkpoint`."
                )
            return None
        path = _as_path(checkpoint)
        every = None if every is None else check_integer("checkpoint_every", every)
        if estimator.warm_start:
            raise ValueError(
                "`checkpoint` must not be given with `warm_start=True`: the weights that such a fit starts from exist in this process "
                "only. Set warm_start=False."
            )
        with file_of_first(path) as visible:
            stored = read_checkpoint(visible)
        run = cls(path=path, every=every, stored=stored, identity={})
        run._note("estimator", {"the estimator": type(estimator).__name__})
        described = {
            f"`{name}`": in_words(value) for name, value in parameters.items() if name not in _MAY_CHANGE
        }
        run._note("parameters", described)
        return run

    @property
    def n_epochs(self) -> int:
        """Number of epochs that are done."""
        return 0 if self.stored is None else len(self.stored.state["history"])

    def seed(self, drawn: int, random_state: int | np.random.RandomState | None) -> int:
        """Return the seed of the fit: the one in the file, or else the one that was drawn from `random_state`."""
        seed = drawn if self.stored is None else self.stored.identity.get("seed")
        if type(seed) is not int:
            raise InvalidCheckpointError(
                f"{self.path}: A checkpoint must hold the seed of its fit; got {seed!r:.40}. Delete the file to start over."
            )
        if seed != drawn and random_state is not None:
            warnings.warn(
                f"{self.path}: The fit resumes with the seed in the file, {seed}, not with the one drawn from `random_state`, {drawn}: a "
                "RandomState draws another seed for each fit. For a new fit, pass another path, or delete the file. To avoid this warning, "
                "pass a number as `random_state`.",
                SeqclfWarning,
                stacklevel=5,
            )
        self.identity["seed"] = seed
        return seed

    def note_samples(self, samples: Samples[Sequences], name: str = "samples") -> None:
        """Compare training samples, not scaled."""
        self._note(name, digests_of(samples), shown=False)

    def note_validation(self, samples: Samples[Sequences] | None) -> None:
        """Compare validation samples, not scaled."""
        self._note("validation", {"`validation_data`": "None" if samples is None else "given"})
        if samples is not None:
            self.note_samples(samples, "validation samples")

    def checkpoint(self, batches: ResumableBatches, prior: ClassPrior) -> Checkpoint:
        """Return what stores and resumes the training."""
        stored, self.stored = self.stored, None
        return Checkpoint(
            path=self.path,
            every=self.every,
            identity=self.identity,
            stored=stored,
            skip=batches.skip,
            counted={"class counts": prior.trained},
            writes=current_group().is_main,
        )

    def _note(self, what: str, description: dict[str, str], *, shown: bool = True) -> None:
        """Add a description to the identity; raise if that of the file differs."""
        self.identity[what] = description
        if self.stored is None:
            return
        before = self.stored.identity.get(what, {})
        names = [name for name in {**description, **before} if before.get(name) != description.get(name)]
        if not names:
            return
        if shown:
            changes = [
                f"{one} was {before.get(one, 'not set')}, is {description.get(one, 'not set')}"
                for one in names
            ]
        else:
            changes = [f"the {what} differ ({', '.join(names)})"]
        raise InvalidCheckpointError(
            f"{self.path}: A checkpoint must be resumed by the same fit; {', '.join(changes)}. Pass what was passed to the interrupted "
            "fit, or start a new one: with another path, or after deleting the file."
        )


def _as_path(checkpoint: Any) -> Path:
    if not isinstance(checkpoint, str | os.PathLike) or not os.fspath(checkpoint):
        raise TypeError(
            f'`checkpoint` must be the path of a file or None; got {checkpoint!r:.80}. For example, pass "run.ckpt".'
        )
    path = Path(checkpoint).absolute()  # a callback may change the working directory
    if path.is_dir():
        raise IsADirectoryError(
            f"`checkpoint` must be the path of a file; got a folder, {path}. Add the name of a file."
        )
    if not current_group().is_main:
        return path  # the first process writes; another host may not have the folder
    folder = path.parent
    if not folder.is_dir():
        raise FileNotFoundError(
            f"`checkpoint` must be in an existing folder; got {path}. Create {folder} first."
        )
    if not os.access(folder, os.W_OK):
        raise PermissionError(
            f"`checkpoint` must be in a folder that this process may write to; got {path}. Choose another folder."
        )
    return path
