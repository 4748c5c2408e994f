"""The route that the page on services shows for FastAPI."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import seqclf
from seqclf import GRUClassifier

ROOT = Path(__file__).parents[2]


def shown_app() -> Any:
    """Return the application of the page."""
    text = (ROOT / "docs" / "howto" / "service.md").read_text()
    (code,) = re.findall(r"```python\n((?:(?!```).)*fastapi.*?)```", text, flags=re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(code, "service.md", "exec", dont_inherit=True), names)
    return names["app"]


def test_the_route_of_the_page_predicts_and_names_errors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip(
        "fastapi", reason="FastAPI is not installed; the development environment has it from mlflow"
    )
    httpx = pytest.importorskip("httpx")
    X = [[0.1, 0.9], [0.9, 0.1, 0.2]]
    model = GRUClassifier(hidden_size=2, max_epochs=1, random_state=0).fit(X * 8, ["up", "down"] * 8)
    seqclf.save(model, tmp_path / "beats.safetensors")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(ROOT / "examples")
    app = shown_app()

    async def ask(content: Any) -> Any:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
            return await client.post("/predict", json=content)

    right, wrong = (asyncio.run(ask({"sequences": some})) for some in (X, [[0.1], []]))
    assert right.status_code == 200
    assert right.json()["labels"] == model.predict(X).tolist()
    np.testing.assert_allclose(right.json()["probabilities"], model.predict_proba(X), rtol=0, atol=1e-6)
    assert wrong.status_code == 400
    assert wrong.json()["detail"]["name"] == "InvalidSequenceError"
