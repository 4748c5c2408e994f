"""An audit prints a line per check, and is plain data."""

from __future__ import annotations

import json

import pytest

from seqclf.audit import InvariantCheck, PaddingAudit

CHECKS = (
    InvariantCheck(name="padding content", verdict="not tested", note="no row is padded"),
    InvariantCheck(name="padding amount", verdict="broken", largest_change=0.25, n_flips=3, worst=(7, 2)),
    InvariantCheck(name="order", verdict="holds", largest_change=1e-7),
)


def test_a_failed_audit_prints_the_likely_mistake() -> None:
    audit = PaddingAudit(checks=CHECKS, diagnosis="it is wrong", n_sequences=8, tolerance=1e-4)
    assert str(audit).split("\n") == [
        "                  verdict    largest change  flips",
        "padding content   not tested                        no row is padded",
        "padding amount    broken               0.25      3  rows 7, 2",
        "order             holds               1e-07      0",
        "",
        "8 sequences, tolerance 0.0001. Likely mistake: it is wrong.",
    ]
    assert not audit.passed


def test_a_passed_audit_prints_the_pooled_steps() -> None:
    steps = {"forward": "last real step", "backward": "first step"}
    audit = PaddingAudit(checks=(), diagnosis=None, pooled_steps=steps, n_sequences=8, tolerance=1e-4)
    assert str(audit).split("\n")[1:] == [
        "",
        "Pooled steps: last real step (forward), first step (backward).",
        "",
        "8 sequences, tolerance 0.0001. Passed: padding affects no prediction in these tests.",
    ]
    assert audit.passed


def test_an_audit_is_found_by_check_and_written_as_json() -> None:
    audit = PaddingAudit(checks=CHECKS, diagnosis=None, n_sequences=8, tolerance=1e-4)
    assert audit["order"] is CHECKS[2]
    with pytest.raises(KeyError, match=r"one of \['padding content', .*\]; got 'mean'"):
        audit["mean"]
    assert json.loads(json.dumps(audit.to_dict()))["checks"][1]["worst"] == [7, 2]
