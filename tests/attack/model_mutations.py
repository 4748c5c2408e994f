"""Edits of model files whose digest fits, by name."""

from __future__ import annotations

import pickle
import random
from collections.abc import Callable
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import numpy as np
import torch

from attack.model_bytes import Parts, joined, signed, split, text_of, with_header
from attack.model_content import CONTENT_EDITS, Mutation
from attack.model_samples import NAMES, file_of
from attack.model_tensors import TENSOR_EDITS


def _other_metadata(parts: Parts, rng: random.Random) -> bytes:
    text = text_of(parts)
    changes: list[Any] = [
        *(
            {},
            {"seqclf": text, "more": "x"},
            {"Seqclf": text},
            {"seqclf": 1},
            {"seqclf": None},
            {"seqclf": [text]},
        ),
        *(
            {"seqclf": ""},
            {"seqclf": "[]"},
            {"seqclf": "null"},
            {"seqclf": "{}"},
            {"seqclf": text + " "},
            {"seqclf": text + "x"},
        ),
        *([], None, "x", {"seqclf": "\ufeff" + text}, {"seqclf": text.replace(":", " : ")}, {"format": "pt"}),
    ]
    parts.metadata = rng.choice(changes)
    return joined(parts)


def _other_header(parts: Parts, rng: random.Random) -> bytes:
    """Write a header that Python does not write: spaces, other encodings, duplicate names, other lengths."""
    blob = joined(parts)
    end = 8 + int.from_bytes(blob[:8], "little")
    header, data = blob[8:end], blob[end:]
    text = header.decode()
    name = rng.choice(sorted(parts.tensors))
    changes: list[Callable[[], bytes]] = [
        lambda: with_header(b" " + header, data),
        lambda: with_header(header + b" " * 1_000_000, data),
        lambda: with_header(header.rstrip() + b"x", data),
        lambda: with_header(text.encode("utf-16"), data),
        lambda: with_header(b"\xef\xbb\xbf" + header, data),
        lambda: with_header(header.replace(b"F32", b"F\xff2", 1), data),
        lambda: with_header(header.replace(b"{", b'{"%s":{},' % name.encode(), 1), data),
        lambda: with_header(header.replace(b"{", b'{"__metadata__":{"seqclf":"{}"},', 1), data),
        lambda: with_header(b"[" + header + b"]", data),
        lambda: with_header(b"{" * 50_000, data),
        lambda: with_header(b"", data),
        lambda: signed(header),
        lambda: (
            rng.choice([0, 1, 7, len(header) - 1, len(header) + 1, 2**31, 2**63, 2**64 - 1]).to_bytes(
                8, "little"
            )
            + blob[8:]
        ),
        lambda: signed(blob + b"\x00" * rng.choice([1, 8, 1000])),
        lambda: signed(blob[: -rng.choice([1, 4, 8])]),
    ]
    return rng.choice(changes)()


def _spliced(parts: Parts, rng: random.Random) -> bytes:
    """Take content, entries of tensors and data from different models."""
    others = [split(file_of(rng.choice(NAMES))) for _ in range(2)]
    match rng.randrange(4):
        case 0:
            parts.data = others[0].data
        case 1:
            parts.content = others[0].content
        case 2:
            parts.content, parts.data = others[0].content, others[1].data
        case _:
            parts.tensors |= others[0].tensors
            parts.data = max(parts.data, others[0].data, key=len)
    return joined(parts)


def _another_file(parts: Parts, rng: random.Random) -> bytes:
    """Return a file of another program."""
    buffer = BytesIO()
    match rng.randrange(7):
        case 0:
            return pickle.dumps(Exploding())
        case 1:
            torch.save({"x": torch.zeros(3)}, buffer)
        case 2:
            with ZipFile(buffer, "w") as archive:
                archive.writestr("model.safetensors", joined(parts))
        case 3:
            np.save(buffer, np.zeros(100))
        case 4:
            buffer.write(b'{"model": {"is": "estimators.GRUClassifier"}}')
        case 5:
            buffer.write(rng.randbytes(rng.choice([0, 1, 7, 8, 9, 100, 5000])))
        case _:
            buffer.write(b"\x00" * rng.choice([1, 8, 16, 5000]))
    return buffer.getvalue()


class Exploding:
    """Unpickling it runs code."""

    def __reduce__(self) -> Any:
        return eval, ("__import__('attack.canary')",)


EDITS: dict[str, Mutation] = {
    **CONTENT_EDITS,
    **TENSOR_EDITS,
    "other metadata": _other_metadata,
    "another header": _other_header,
    "parts of several models": _spliced,
    "another file": _another_file,
}
NEVER_A_MODEL = ("a name twice", "another file")
