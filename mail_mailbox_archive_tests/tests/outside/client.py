"""A person or a program that talks to Odoo over HTTP, with its own rights."""

from __future__ import annotations

import http.cookiejar
import json
import re
import urllib.error
import urllib.request
import uuid
import xmlrpc.client
from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPMessage

SECONDS = 60


class Refused(Exception):
    """Odoo's answer is an error.

    :ivar name: its class, e.g. ``odoo.exceptions.AccessError``
    :ivar debug: the server's own traceback
    """

    def __init__(self, name: str, message: str, debug: str = "") -> None:
        super().__init__(f"{name}: {message}")
        self.name, self.message, self.debug = name, message, debug


@dataclass(frozen=True)
class Answer:
    """What came for a request."""

    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")


class Client:
    """One login at one server; threads may share it."""

    def __init__(self, base: str, database: str, login: str, password: str) -> None:
        self.base, self.database = base, database
        self.login, self._password = login, password
        self._key = self._token = ""
        self._cookies = http.cookiejar.CookieJar()
        cookies = urllib.request.HTTPCookieProcessor(self._cookies)
        self._opener = urllib.request.build_opener(cookies)
        self.uid = self.rpc(
            "/web/session/authenticate", db=database, login=login, password=password
        )["uid"]

    @property
    def session(self) -> str:
        """What a browser needs to be this person."""
        return next(one.value for one in self._cookies if one.name == "session_id")

    # By session, as the web client

    def rpc(self, path: str, **params):
        """Return what a JSON route gives.

        :raises Refused: it gives an error
        """
        body = json.dumps({"jsonrpc": "2.0", "params": params}).encode()
        headers = {"Content-Type": "application/json"}
        answer = json.loads(self._open(path, body, headers).body)
        if "error" in answer:
            data = answer["error"].get("data", {})
            raise Refused(data.get("name", ""), data.get("message", ""), str(data))
        return answer.get("result")

    def call(self, model: str, method: str, *args, **kwargs):
        """Call a method; the ids of its records are its first argument."""
        path = f"/web/dataset/call_kw/{model}/{method}"
        return self.rpc(path, model=model, method=method, args=args, kwargs=kwargs)

    def add(self, model: str, **values) -> int:
        return self.call(model, "create", values)

    def change(self, model: str, ids: int | Sequence[int], **values) -> bool:
        return self.call(model, "write", ids, values)

    def fields(self, model: str, record_id: int, *fields: str) -> dict:
        return self.call(model, "read", [record_id], fields)[0]

    def search_read(self, model: str, domain: Sequence, *fields: str) -> list[dict]:
        return self.call(model, "search_read", domain, fields)

    # As other programs

    def json2(self, model: str, method: str, **body):
        """Call a method by ``/json/2`` with an API key of this person."""
        headers = {
            "Authorization": f"Bearer {self.api_key()}",
            "Content-Type": "application/json",
            "X-Odoo-Database": self.database,
        }
        data = json.dumps(body).encode()
        # no cookie: the key alone says who it is
        opener = urllib.request.build_opener()
        answer = _open(opener, f"{self.base}/json/2/{model}/{method}", data, headers)
        result = json.loads(answer.body)
        if answer.status >= 400:
            raise Refused(result["name"], result["message"], result.get("debug", ""))
        return result

    def xmlrpc(self, model: str, method: str, *args, **kwargs):
        """Call a method by XML-RPC with this person's password."""
        url = f"{self.base}/xmlrpc/2/object"
        with xmlrpc.client.ServerProxy(url, allow_none=True) as proxy:
            try:
                return proxy.execute_kw(
                    self.database, self.uid, self._password, model, method, args, kwargs
                )
            except xmlrpc.client.Fault as fault:
                raise Refused(str(fault.faultCode), fault.faultString) from fault

    def api_key(self) -> str:
        """An API key, made as a person makes it in the preferences."""
        if not self._key:
            model = "res.users.apikeys.description"
            made = self.add(model, name="outside", duration="1")
            action = self.call(model, "make_key", [made])
            if action["res_model"] == "res.users.identitycheck":
                context = {"password": self._password}
                ids = [action["res_id"]]
                action = self.call(
                    action["res_model"], "run_check", ids, context=context
                )
            self._key = action["context"]["default_key"]
        return self._key

    # Pages and files

    def get(self, path: str) -> Answer:
        """Return a page or a file, whatever its status."""
        return self._open(path)

    def post(self, path: str, **fields) -> Answer:
        """Send a form; a file is a pair of name and bytes."""
        mark = uuid.uuid4().hex
        fields = {"csrf_token": self.csrf_token(), **fields}
        parts = b"".join(
            _form_part(mark, name, value) for name, value in fields.items()
        )
        headers = {"Content-Type": f"multipart/form-data; boundary={mark}"}
        return self._open(path, parts + f"--{mark}--\r\n".encode(), headers)

    def csrf_token(self) -> str:
        if not self._token:
            self._token = re.search(
                r'csrf_token: "(\w+)"', self.get("/odoo").text
            ).group(1)
        return self._token

    def upload(self, name: str, content: bytes, model: str, record_id: int = 0) -> int:
        """Upload a file to a form as the web client does; return its id.

        It is no attachment of the draft yet: the web client writes it into the field.
        """
        path = "/web/binary/upload_attachment"
        answer = self.post(path, model=model, id=str(record_id), ufile=(name, content))
        (made,) = json.loads(answer.body)
        if "error" in made:
            raise Refused("upload", made["error"])
        return made["id"]

    def _open(self, path: str, data: bytes | None = None, headers=()) -> Answer:
        return _open(self._opener, f"{self.base}{path}", data, dict(headers))


def _open(opener, url: str, data: bytes | None, headers: dict[str, str]) -> Answer:
    request = urllib.request.Request(url, data, headers)
    try:
        with opener.open(request, timeout=SECONDS) as answer:
            return Answer(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as error:
        return Answer(error.code, error.headers, error.read())


def _form_part(mark: str, name: str, value: str | tuple[str, bytes]) -> bytes:
    head = f'--{mark}\r\nContent-Disposition: form-data; name="{name}"'
    if isinstance(value, str):
        return f"{head}\r\n\r\n{value}\r\n".encode()
    filename, content = value
    # as browsers write it (HTML, multipart/form-data encoding algorithm)
    head += '; filename="' + filename.replace('"', "%22") + '"'
    return (
        f"{head}\r\nContent-Type: {_kind(filename)}\r\n\r\n".encode()
        + content
        + b"\r\n"
    )


def _kind(filename: str) -> str:
    kinds = {"pdf": "application/pdf", "png": "image/png", "txt": "text/plain"}
    return kinds.get(filename.rpartition(".")[2].lower(), "application/octet-stream")
