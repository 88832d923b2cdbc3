"""One request to a provider's web service, and what a broken line means."""

from __future__ import annotations

import json
from typing import Any

import requests

from ...errors import SendDeferred, SendUnreachable
from ...text import safe_text

#: Bytes of an answer that are read.
MAX_ANSWER = 2**20


def ask(
    session: requests.Session,
    method: str,
    url: str,
    timeout: float = 60,
    **content: Any,
) -> tuple[requests.Response, bytes]:
    """Return the answer, whatever its status, and its body; follow no redirection.

    :param timeout: seconds of silence
    :param content: as for ``requests``: ``data``, ``json``, ``files``, ``headers``
    :raises SendUnreachable: nothing was handed over
    :raises SendDeferred: "uncertain", the line broke behind what was written
    """
    try:
        with session.request(
            method, url, timeout=timeout, allow_redirects=False, stream=True, **content
        ) as answer:
            return answer, answer.raw.read(MAX_ANSWER, decode_content=True)
    except (requests.exceptions.ConnectTimeout, requests.exceptions.SSLError) as no:
        raise SendUnreachable("timeout", _cause(no)) from None
    except requests.exceptions.ConnectionError as error:
        raise _broken(error) from None
    except (requests.exceptions.RequestException, OSError) as error:
        raise SendDeferred("uncertain", _cause(error)) from None


def read_json(text: str | bytes) -> dict[str, Any]:
    """Return the object that a JSON text holds, {} when it holds none."""
    try:
        found = json.loads(text)
    except (TypeError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _cause(error: BaseException) -> str:
    """Return the words at the bottom, without address and form that wrap them."""
    while error.args and isinstance(error.args[0], BaseException):
        error = error.args[0]
    reason = getattr(error, "reason", None)
    if isinstance(reason, BaseException):
        return _cause(reason)
    return safe_text(getattr(error, "strerror", None) or type(error).__name__, 200)


def _broken(error: requests.exceptions.ConnectionError) -> SendDeferred:
    """Return whether the line never stood, or broke behind what was written."""
    words = f"{error!r}"
    if "NameResolution" in words or "getaddrinfo" in words or "Name or" in words:
        return SendUnreachable("dns", "the name does not resolve")
    if "NewConnectionError" in words:
        return SendUnreachable("refused", _cause(error))
    return SendDeferred("uncertain", _cause(error))
