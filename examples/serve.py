"""Serve a model file over HTTP, with Python's standard library alone.

    python examples/serve.py model.safetensors --port 8000   # prints its URL
    curl --data '{"sequences": [[0.1, 0.9, 0.8], [0.9, 0.2]]}' URL/predict

`POST /predict` takes sequences: lists of steps, which are numbers or, with
several features, lists of numbers. It returns the label of each sequence and the
probability of each class. `GET /health` says which model runs. A wrong request
gets the status 400, and the name and the text of the error; one that does not
arrive as a whole, 408. `application` is a WSGI application, which servers such as
waitress and gunicorn run, too.
"""

from __future__ import annotations

import argparse
import json
from http import HTTPStatus
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import seqclf

MOST_BYTES = 10_000_000
"""Of a request."""


def application(path: Path) -> WSGIApplication:
    """Return the WSGI application of a model file."""
    model, file = seqclf.load(path), seqclf.describe_file(path)
    health = {
        "model": file.kind,
        "classes": plain(file.classes),
        "versions": dict(file.versions),
    }

    def respond(environ: WSGIEnvironment, start: StartResponse) -> list[bytes]:
        status, content = HTTPStatus.OK, health
        try:
            match environ["REQUEST_METHOD"], environ["PATH_INFO"]:
                case "GET", "/health":
                    pass
                case "POST", "/predict":
                    content = predict(model, read(environ))
                case method, place:
                    status = HTTPStatus.NOT_FOUND
                    content = error("NotFound", f"got {method} {place}")
        except TimeoutError:
            status = HTTPStatus.REQUEST_TIMEOUT
            content = error("TimeoutError", "The request is incomplete.")
        # An InvalidSequenceError is a ValueError.
        except (ValueError, TypeError, RecursionError) as wrong:
            status = HTTPStatus.BAD_REQUEST
            content = error(type(wrong).__name__, str(wrong))
        headers = [("Content-Type", "application/json")]
        start(f"{status.value} {status.phrase}", headers)
        return [json.dumps(content).encode()]

    return respond


def predict(model: Any, request: Any) -> dict[str, Any]:
    """Return the labels and the probabilities of the sequences in a request."""
    if not isinstance(request, dict) or list(request) != ["sequences"]:
        got = sorted(request) if isinstance(request, dict) else type(request).__name__
        expected = 'A request must be {"sequences": [...]}, without another key'
        raise ValueError(f"{expected}; got {got!r:.200}.")
    if not isinstance(request["sequences"], list):
        raise TypeError("`sequences` must be a list: the steps of each sequence.")
    proba, classes = model.predict_proba(request["sequences"]), model.classes_
    labels = classes[proba.argmax(axis=1)]
    return {
        "labels": plain(labels),
        "classes": plain(classes),
        "probabilities": proba.tolist(),
    }


def plain(labels: Any) -> list[Any]:
    """Return labels as values of JSON: dates and durations as text."""
    is_time = labels.dtype.kind in "mM"
    return [str(label) for label in labels] if is_time else labels.tolist()


def read(environ: WSGIEnvironment) -> Any:
    """Return the JSON of a request, unless it is too long to be read."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if not 0 <= length <= MOST_BYTES:
        limit = f"at most {MOST_BYTES} bytes"
        raise ValueError(f"A request must have {limit}; got {length}. Send less.")
    return json.loads(environ["wsgi.input"].read(length))


def error(name: str, message: str) -> dict[str, Any]:
    """Return the response to a wrong request."""
    return {"error": {"name": name, "message": message}}


class Server(ThreadingMixIn, WSGIServer):
    """Answers each connection in a thread of its own."""

    daemon_threads = True


class Handler(WSGIRequestHandler):
    """Ends a connection that has been silent for ten seconds."""

    timeout = 10


def main() -> None:
    """Serve until the process is stopped; print the address first."""
    parser = argparse.ArgumentParser(description="Serve a model file over HTTP.")
    parser.add_argument("model", type=Path, help="a file of seqclf.save")
    parser.add_argument("--port", type=int, default=8000, help="0: any free one")
    options = parser.parse_args()
    served = application(options.model)
    with make_server("127.0.0.1", options.port, served, Server, Handler) as server:
        print(f"http://127.0.0.1:{server.server_port}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
