"""Web services of providers, on loopback, that misbehave on command."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

#: Instead of an answer: say nothing, break the line, or break it within the answer.
HANG = "hang"
CUT = "cut"
HALF = "half"


@dataclass(frozen=True)
class Request:
    """A request as it came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> list[tuple[str, str]]:
        return parse_qsl(
            self.body.decode(), keep_blank_values=True, strict_parsing=True
        )


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class WebService:
    """A context manager: listens on a loopback port from entry to exit.

    :param usual: what to answer when nothing is queued in :attr:`answers`
    """

    def __init__(self, usual: Callable[[Request], Answer]) -> None:
        self._usual = usual
        self.requests: list[Request] = []
        #: for the next requests, one after the other: an Answer, HANG, CUT or HALF
        self.answers: list[Answer | str] = []
        self._ended = threading.Event()
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_arguments: object) -> None:
                pass

            def _serve(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                request = Request(
                    self.command, self.path, dict(self.headers), self.rfile.read(length)
                )
                service.requests.append(request)
                queued = service.answers
                service._answer(self, queued.pop(0) if queued else usual(request))

            do_GET = do_POST = _serve

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> WebService:
        # often, so that the end of a test is not waited for
        arguments = {"poll_interval": 0.02}
        threading.Thread(
            target=self._server.serve_forever, kwargs=arguments, daemon=True
        ).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, handler: BaseHTTPRequestHandler, answer: Answer | str) -> None:
        handler.close_connection = isinstance(answer, str)
        if answer == HANG:
            self._ended.wait(10)
        if answer == HALF:
            handler.send_response(200)
            handler.send_header("Content-Length", "1000")
            handler.end_headers()
            handler.wfile.write(b'{"half')
        if isinstance(answer, str):
            return
        body = answer.body
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        handler.send_response(answer.status)
        for name, value in answer.headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)


def sendgrid() -> WebService:
    """SendGrid as its documentation describes it."""

    def usual(request: Request) -> Answer:
        if request.path == "/v3/scopes":
            return Answer(200, {"scopes": ["mail.send", "stats.read"]})
        return Answer(202, b"", {"X-Message-Id": "14c5d75ce93.dfd.64b469"})

    return WebService(usual)


def sendgrid_error(status: int, message: str, **headers: str) -> Answer:
    errors = {"errors": [{"message": message, "field": None, "help": None}]}
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, errors, names)


def emaillabs(said: Mapping[str, str] | None = None) -> WebService:
    """EmailLabs' classic API, in the form of its recorded answers.

    :param said: an error by address, for those it does not take
    """

    def usual(request: Request) -> Answer:
        if request.method == "GET":
            return emaillabs_answer([{"name": "1.office.smtp"}], "Data found")
        addresses = [
            name.partition("[")[2].partition("]")[0]
            for name, _value in request.form
            if name.startswith("to[")
        ]
        rows = [{one: (said or {}).get(one, f"id-{one}")} for one in addresses]
        return emaillabs_answer(rows)

    return WebService(usual)


def emaillabs_answer(data: Any, message: str = "Message sent") -> Answer:
    return Answer(
        200,
        {
            "code": 200,
            "status": "success",
            "message": message,
            "data": data,
            "req_id": "56fd0df1dd9e4b6e",
        },
    )


def emaillabs_error(status: int, message: str) -> Answer:
    return Answer(
        status,
        {
            "code": status,
            "status": "fail",
            "message": message,
            "data": "",
            "req_id": "x",
        },
    )
