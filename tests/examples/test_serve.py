"""The server of the examples, in a process of its own: predictions of several threads, and errors that say what is wrong."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import seqclf
from seqclf import GRUClassifier

SCRIPT = Path(__file__).parents[2] / "examples" / "serve.py"
PATIENCE = 3600
"""Seconds that only a hang reaches."""


@dataclass(frozen=True, slots=True)
class Service:
    """A running server, and the model that it serves."""

    host: str
    port: int
    model: GRUClassifier

    def ask(self, method: str, place: str, body: bytes | None = None) -> tuple[int, Any]:
        """Return status and content of a response."""
        connection = HTTPConnection(self.host, self.port, timeout=PATIENCE)
        try:
            connection.request(method, place, body)
            response = connection.getresponse()
            assert response.getheader("Content-Type") == "application/json"
            return response.status, json.loads(response.read())
        finally:
            connection.close()

    def predict(self, content: Any) -> tuple[int, Any]:
        """Send an object as JSON."""
        return self.ask("POST", "/predict", json.dumps(content).encode())


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("service")
    draw = np.random.default_rng(0)
    X = [draw.normal(size=(n, 2)) for n in draw.integers(2, 9, 24)]
    model = GRUClassifier(hidden_size=8, max_epochs=2, random_state=0).fit(X, ["down", "up", "flat"] * 8)
    seqclf.save(model, folder / "model.safetensors")
    with (folder / "log").open("w") as log:
        command = [sys.executable, str(SCRIPT), str(folder / "model.safetensors"), "--port", "0"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as process:
            try:
                assert process.stdout is not None
                address = process.stdout.readline().strip()
                assert address.startswith("http://"), (folder / "log").read_text()
                host, port = address.removeprefix("http://").split(":")
                yield Service(host, int(port), model)
            finally:
                process.terminate()


def test_predictions_are_those_of_the_model(service: Service) -> None:
    X = [[[0.1, 0.2], [0.3, -0.4]], [[1.5, 0.0]]]
    status, content = service.predict({"sequences": X})
    assert status == 200
    assert content["classes"] == ["down", "flat", "up"]
    assert content["labels"] == service.model.predict(X).tolist()
    np.testing.assert_allclose(content["probabilities"], service.model.predict_proba(X), rtol=0, atol=1e-6)


def test_concurrent_requests_each_get_their_own_prediction(service: Service) -> None:
    draw = np.random.default_rng(1)
    requests = [[draw.normal(size=(n, 2)).tolist()] for n in draw.integers(1, 200, 40)]
    with ThreadPoolExecutor(8) as pool:
        responses = list(pool.map(lambda X: service.predict({"sequences": X}), requests))
    for X, (status, content) in zip(requests, responses, strict=True):
        assert status == 200
        np.testing.assert_allclose(
            content["probabilities"], service.model.predict_proba(X), rtol=0, atol=1e-6
        )


def test_health_describes_the_model_file(service: Service) -> None:
    status, content = service.ask("GET", "/health")
    assert status == 200
    assert content["model"] == "GRUClassifier"
    assert content["classes"] == ["down", "flat", "up"]
    assert content["versions"]["seqclf"] == seqclf.__version__


LABELS: dict[str, tuple[Any, list[Any]]] = {
    "days": (np.array(["2020-01-01", "2021-06-30"], dtype="M8[D]"), ["2020-01-01", "2021-06-30"]),
    "nanoseconds": (np.array([1, 2], dtype="M8[ns]"), [f"1970-01-01T00:00:00.00000000{i}" for i in (1, 2)]),
    "durations": (np.array([1, 2], dtype="m8[s]"), ["1 seconds", "2 seconds"]),
    "booleans": (np.array([False, True]), [False, True]),
    "numbers": (np.array([-1, 2]), [-1, 2]),
}


@pytest.mark.parametrize("name", LABELS)
def test_labels_of_any_kind_survive_a_file_and_json(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels, expected = LABELS[name]
    X = [[0.1, 0.9], [0.9, 0.1, 0.2]]
    model = GRUClassifier(hidden_size=2, max_epochs=1, random_state=0).fit(X * 8, np.tile(labels, 8))
    path = tmp_path / "model"
    seqclf.save(model, path)
    assert seqclf.load(path).predict(X).tolist() == model.predict(X).tolist()
    monkeypatch.syspath_prepend(SCRIPT.parent)
    import serve

    application, found = serve.application(path), []
    for method, place in (("GET", "/health"), ("POST", "/predict")):
        body = json.dumps({"sequences": X}).encode()
        request = {
            "REQUEST_METHOD": method,
            "PATH_INFO": place,
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": BytesIO(body),
        }
        found.append(json.loads(b"".join(application(request, lambda *_: lambda _: None))))
    assert found[0]["classes"] == found[1]["classes"] == expected
    assert found[1]["labels"] == [expected[i] for i in model.predict_proba(X).argmax(axis=1)]


ERRORS: dict[str, tuple[bytes, str, str]] = {
    "no body": (b"", "JSONDecodeError", "Expecting value"),
    "no JSON": (b"{sequences: 1}", "JSONDecodeError", "property name"),
    "not text": (b"\xff\xfe\x00", "UnicodeDecodeError", "can't decode"),
    "deep": (b"[" * 200_000, "RecursionError", "recursion"),
    "a list": (b"[[1, 2]]", "ValueError", 'A request must be {"sequences": [...]}'),
    "an unknown key": (
        b'{"sequences": [[1]], "lengths": [1]}',
        "ValueError",
        "without another key; got ['lengths', 'sequences']",
    ),
    "a number": (b'{"sequences": 3}', "TypeError", "`sequences` must be a list"),
    "an object": (b'{"sequences": {"a": 1}}', "TypeError", "`sequences` must be a list"),
    "no sequences": (b'{"sequences": []}', "InvalidSequenceError", "got an empty list"),
    "no steps": (b'{"sequences": [[[1, 2]], []]}', "InvalidSequenceError", ""),
    "ragged steps": (b'{"sequences": [[[1, 2], [3]]]}', "InvalidSequenceError", "number of features"),
    "unknown features": (b'{"sequences": [[[1, 2, 3]]]}', "InvalidSequenceError", "expecting 2 features"),
    "one feature": (b'{"sequences": [[1, 2]]}', "InvalidSequenceError", "expecting 2 features"),
    "text": (b'{"sequences": [[["a", "b"]]]}', "InvalidSequenceError", ""),
    "NaN": (b'{"sequences": [[[1, NaN]]]}', "InvalidSequenceError", "NaN"),
    "infinite": (b'{"sequences": [[[1, 1e999]]]}', "InvalidSequenceError", "must be finite"),
    "null": (b'{"sequences": [null]}', "TypeError", "got NoneType"),
    "an object as a step": (b'{"sequences": [[{"a": 1}]]}', "TypeError", "must be a number"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_a_wrong_request_gets_an_error_that_names_it(service: Service, name: str) -> None:
    body, kind, message = ERRORS[name]
    status, content = service.ask("POST", "/predict", body)
    assert status == 400
    assert list(content) == ["error"]
    assert content["error"]["name"] == kind, content
    assert message in content["error"]["message"]
    assert service.predict({"sequences": [[[0.1, 0.2]]]})[0] == 200, "the server goes on"


@pytest.mark.parametrize(("method", "place"), [("GET", "/predict"), ("POST", "/health"), ("GET", "/")])
def test_other_addresses_are_not_found(service: Service, method: str, place: str) -> None:
    status, content = service.ask(method, place)
    assert status == 404
    assert content == {"error": {"name": "NotFound", "message": f"got {method} {place}"}}


@pytest.mark.parametrize(
    ("length", "message"),
    [("10000001", "at most 10000000 bytes"), ("-1", "at most 10000000 bytes"), ("many", "invalid literal")],
)
def test_a_length_that_is_wrong_is_refused_unread(service: Service, length: str, message: str) -> None:
    with socket.create_connection((service.host, service.port), PATIENCE) as connection:
        connection.sendall(f"POST /predict HTTP/1.0\r\nContent-Length: {length}\r\n\r\n".encode())
        response = b"".join(iter(lambda: connection.recv(65536), b"")).decode()
    assert " 400 Bad Request" in response.splitlines()[0]
    assert message in response


def test_a_request_that_does_not_arrive_is_given_up(service: Service) -> None:
    with socket.create_connection((service.host, service.port), PATIENCE) as connection:
        connection.sendall(b"POST /predict HTTP/1.0\r\nContent-Length: 100\r\n\r\n{")
        response = b"".join(iter(lambda: connection.recv(65536), b"")).decode()
    assert " 408 Request Timeout" in response.splitlines()[0]
    assert '"The request is incomplete."' in response
