"""A push service with a browser behind it, on loopback, that reads what it is sent."""

from __future__ import annotations

import base64
import json
import os

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from .web import Answer, Request, WebService


class PushService(WebService):
    """A context manager: a :class:`WebService` with the keys of one browser."""

    def __init__(self) -> None:
        super().__init__(lambda _request: Answer(201))
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._public = self._key.public_key().public_bytes(
            Encoding.X962, PublicFormat.UncompressedPoint
        )
        self._auth = os.urandom(16)

    @property
    def keys(self) -> dict[str, str]:
        """What the browser hands out when somebody allows notices."""
        return {"p256dh": _encode(self._public), "auth": _encode(self._auth)}

    def shown(self) -> list[dict]:
        """Return the notices that came so far, as the browser reads them."""
        return [json.loads(self.decrypt(request)) for request in [*self.requests]]

    def decrypt(self, request: Request) -> bytes:
        """Return what a request holds, by RFC 8291 and RFC 8188."""
        salt, length = request.body[:16], request.body[20]
        sender, content = request.body[21 : 21 + length], request.body[21 + length :]
        point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
        shared = self._key.exchange(ec.ECDH(), point)
        info = b"WebPush: info\x00" + self._public + sender
        secret = _derive(32, self._auth, info, shared)
        key = _derive(16, salt, b"Content-Encoding: aes128gcm\x00", secret)
        nonce = _derive(12, salt, b"Content-Encoding: nonce\x00", secret)
        padded = AESGCM(key).decrypt(nonce, content, None)
        return padded.rstrip(b"\x00")[:-1]


def _derive(length: int, salt: bytes, info: bytes, secret: bytes) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)


def _encode(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
