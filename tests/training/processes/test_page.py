"""The script of docs/howto/several_processes.md runs in two processes and writes one model."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import seqclf
from training.processes.launch import PATIENCE

PAGE = Path(__file__).parents[3] / "docs" / "howto" / "several_processes.md"


def test_the_script_of_the_page_runs(tmp_path: Path) -> None:
    script = re.findall(r"```python\n(# train.py\n.*?)```", PAGE.read_text(), flags=re.DOTALL)
    (tmp_path / "train.py").write_text(script[0])
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    done = subprocess.run(
        [*launcher, "train.py"], cwd=tmp_path, check=True, capture_output=True, text=True, timeout=PATIENCE
    )
    assert re.fullmatch(r"2 processes, accuracy 0\.\d\d\n", done.stdout)
    assert len(seqclf.load(tmp_path / "model.safetensors").classes_) == 5
