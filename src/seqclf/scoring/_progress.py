"""A progress bar over rows."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from seqclf.exceptions import SeqclfWarning

logger = logging.getLogger("seqclf")


@contextmanager
def progress_bar(n_rows: int, n_done: int, *, shown: bool) -> Iterator[Callable[[int], object]]:
    """Yield a function that advances a bar by some rows (extra `progress`); without tqdm, lines in the log `seqclf`."""
    if not shown:
        yield lambda n: None
        return
    try:
        from tqdm.auto import tqdm
    except ImportError:
        warnings.warn(
            "A progress bar needs tqdm; it is not installed, so progress goes to the log 'seqclf' only. "
            "Run `pip install 'seqclf[progress]'`.",
            SeqclfWarning,
            stacklevel=4,
        )
        done = [n_done]

        def log(n: int) -> None:
            done.append(done.pop() + n)
            logger.info("scored %d of %d rows", done[0], n_rows)

        yield log
        return
    with tqdm(total=n_rows, initial=n_done, unit="row", unit_scale=True, desc="Scoring") as bar:
        yield bar.update
