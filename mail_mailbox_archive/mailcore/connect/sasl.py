"""What a token is wrapped in for a mail server (RFC 7628; XOAUTH2), IMAP or SMTP."""

from __future__ import annotations


def sasl(mechanism: str, login: str, token: str, host: str, port: int) -> bytes:
    """Return the client's message of XOAUTH2, or of OAUTHBEARER (RFC 7628, 3.1)."""
    if mechanism == "XOAUTH2":
        return f"user={login}\1auth=Bearer {token}\1\1".encode()
    # in a name of GS2 comma and equals sign are escaped (RFC 5801, 4)
    name = login.replace("=", "=3D").replace(",", "=2C")
    where = f"host={host}\1port={port}"
    return f"n,a={name},\1{where}\1auth=Bearer {token}\1\1".encode()
