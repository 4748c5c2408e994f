"""Names or numbers of channels -> their places in the record."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np


def find_channels(channels: Sequence[str | int] | None, names: Sequence[str], path: Path) -> list[int]:
    """Return the place of each channel among the names of the header."""
    if channels is None:
        return list(range(len(names)))
    places = []
    channel: Any
    for i, channel in enumerate(channels):
        is_number = isinstance(channel, int | np.integer) and not isinstance(channel, bool)
        found = [place for place, name in enumerate(names) if channel == (place if is_number else name)]
        if len(found) != 1:
            problem = "which several of its channels have" if found else "which it does not have"
            raise ValueError(
                f"`channels` must name channels of {path}, which has {', '.join(names)}; got channels[{i}]={channel!r:.60}, "
                f"{problem}. Choose another{', or pass its number' if found else ''}."
            )
        places += found
    return places
