"""A file that all processes read as the first one sees it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch

from seqclf.training._processes._group import current_group


@contextmanager
def file_of_first(path: Path) -> Iterator[Path]:
    """Yield the path of a file with the content that the first process reads; the file need not exist.

    Other hosts may not have the file, or may read an older version of it on a network drive.

    Parameters
    ----------
    path : Path
        Read by the first process only; the others get a copy that is removed at the end of the block.

    Examples
    --------
    >>> from pathlib import Path
    >>> from seqclf.training import file_of_first
    >>> with file_of_first(Path("run.ckpt")) as path:
    ...     print(path)
    run.ckpt
    """
    group = current_group()
    connection = group.connection
    if connection is None:
        yield path
        return
    data = np.fromfile(path, dtype=np.uint8) if group.is_main and path.exists() else None
    size = torch.tensor([-1 if data is None else len(data)], dtype=torch.int64, device="cpu")
    connection.copy_first(size)
    content = torch.zeros(max(0, int(size)), dtype=torch.uint8, device="cpu")
    if data is not None:
        content = torch.from_numpy(data)
    if len(content):
        connection.copy_first(content)
    if group.is_main:
        yield path
        return
    with TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        if size >= 0:
            content.numpy().tofile(copy)
        yield copy
