"""Rules of the source that keep NumPy's scalars and torch's defaults out.

A check returns the converted value, so that value must be used; a tensor must be made with a dtype and a device.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import seqclf

SOURCES = sorted(Path(seqclf.__file__).parent.rglob("*.py"))

CONVERTING = {
    *("check_boolean", "check_integer", "check_integers", "check_number", "check_pair", "check_positive"),
    *("check_not_negative", "check_dropout", "check_strength", "check_fraction", "check_smoothing"),
    *("check_class_weight", "check_timeout", "check_n_jobs", "as_callbacks"),
}
"""Functions whose result replaces what they check."""

WITHOUT_DTYPE = {"arange", "randint", "randperm", "Generator"}
"""What makes integers, whatever torch's default dtype is."""
FACTORIES = WITHOUT_DTYPE | {
    *(
        "tensor",
        "as_tensor",
        "zeros",
        "ones",
        "empty",
        "full",
        "eye",
        "linspace",
        "logspace",
        "rand",
        "randn",
    ),
    *("scalar_tensor", "normal"),
}

LAYERS = {"Linear", "LayerNorm", "RNN", "GRU", "LSTM", "Embedding", "Conv1d"}
"""Modules of `torch.nn` that make tensors."""


def calls(tree: ast.AST) -> list[tuple[ast.Call, str, ast.AST]]:
    """Return each call with the name of what is called, and what the call is part of."""
    found = []
    for parent in ast.walk(tree):
        for child in ast.iter_child_nodes(parent):
            if isinstance(child, ast.Call):
                function = child.func
                name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
                found.append((child, name, parent))
    return found


def unused_checks(tree: ast.AST) -> list[int]:
    """Return the lines where the result of a check is dropped, or only compared."""
    return [
        call.lineno
        for call, name, parent in calls(tree)
        if name in CONVERTING and isinstance(parent, ast.Expr | ast.Compare)
    ]


def tensors_of_torchs_defaults(tree: ast.AST) -> list[int]:
    """Return the lines that make a tensor without a device or, where torch would choose one, without a dtype."""
    lines = []
    for call, name, _ in calls(tree):
        owner = getattr(call.func.value, "id", "") if isinstance(call.func, ast.Attribute) else ""
        if (owner, name in FACTORIES) != ("torch", True) and (owner, name in LAYERS) != ("nn", True):
            continue
        given = {keyword.arg for keyword in call.keywords}
        has_device = "device" in given or (name == "Generator" and call.args)
        if not has_device or ("dtype" not in given and name not in WITHOUT_DTYPE):
            lines.append(call.lineno)
    return lines


@pytest.mark.parametrize("rule", [unused_checks, tensors_of_torchs_defaults])
@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_a_source_follows_the_rule(source: Path, rule) -> None:  # type: ignore[no-untyped-def]
    assert rule(ast.parse(source.read_text())) == [], f"in {source}"


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ('check_integer("n", n)', unused_checks),
        ('assert 0 < check_number("lr", lr) < 1', unused_checks),
        ("torch.zeros(2, dtype=torch.float32)", tensors_of_torchs_defaults),
        ('torch.zeros(2, device="cpu")', tensors_of_torchs_defaults),
        ("torch.arange(3)", tensors_of_torchs_defaults),
        ("nn.LayerNorm(3)", tensors_of_torchs_defaults),
        ("torch.Generator()", tensors_of_torchs_defaults),
    ],
)
def test_a_planted_line_is_found(line: str, rule) -> None:  # type: ignore[no-untyped-def]
    assert rule(ast.parse(line)) == [1]


def test_correct_lines_pass() -> None:
    tree = ast.parse('n = check_integer("n", n); torch.zeros(2, dtype=d, device=v); torch.Generator("cpu")')
    assert unused_checks(tree) == tensors_of_torchs_defaults(tree) == []
