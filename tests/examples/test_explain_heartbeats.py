"""The script that explains a beat of each class, on a few beats."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "examples" / "explain_heartbeats.py"


def test_predicted_classes_are_explained(tmp_path: Path) -> None:
    script = runpy.run_path(str(SCRIPT), run_name="explain_heartbeats")
    found = script["main"](["--beats", "400", "--epochs", "3", "--window", "30", "--out", str(tmp_path)])
    assert "N" in found
    result = json.loads((tmp_path / "occlusion.json").read_text())
    assert result["beats"].keys() == found.keys()
    for name, one in found.items():
        assert one.label == name
        assert result["beats"][name]["correlations"] == one.correlations.round(3).tolist()
    assert (tmp_path / "occlusion.png").stat().st_size > 10_000
