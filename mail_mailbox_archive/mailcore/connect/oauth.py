"""Signing in by OAuth 2: authorization code with PKCE, refresh.

RFC 6749 with 7636 and, for whose token it is, OpenID Connect Core 1.0. Authlib speaks
the protocol; here is what we ask for, what we accept, and what its errors mean.
"""

from __future__ import annotations

import base64
import binascii
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session

from ..errors import LoginRefused, Unreachable
from .net_guard import NetGuard
from .web import fetch, guard_session

#: Seconds before its end from which a token counts as expired: clocks differ, and it
#: has to last until the server has read it.
SKEW = 120
#: Seconds that a token lasts whose provider does not say it (RFC 6749, 5.1).
DEFAULT_LIFE = 3600
WELL_KNOWN = "/.well-known/openid-configuration"
#: Errors that only who registered us can mend (RFC 6749, 4.1.2.1 and 5.2).
_FAULTS_OF_OURS = frozenset(
    "invalid_client unauthorized_client invalid_scope invalid_request access_denied"
    " unsupported_grant_type unsupported_response_type".split()
)


@dataclass(frozen=True, slots=True)
class Client:
    """What we are to a provider, and where it is to be asked.

    :param authorize: endpoint that the person's browser is sent to
    :param token: endpoint that gives tokens
    :param userinfo: endpoint that says whose token it is; "" for none
    :param extra: further parameters for ``authorize``
    :param issuer: whom its ID tokens name as who gave them; "" for the host of
        ``authorize``
    """

    client_id: str
    authorize: str
    token: str
    scope: str
    redirect: str
    secret: str = field(default="", repr=False)
    userinfo: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)
    issuer: str = ""


@dataclass(frozen=True, slots=True)
class Start:
    """A sign-in that was begun: ``url`` for the browser, the rest to keep."""

    url: str = field(repr=False)
    state: str = field(repr=False)
    verifier: str = field(repr=False)
    nonce: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a provider gave, never shown; moments are seconds since 1970.

    :param expires: of the access token
    :param refresh_expires: of the refresh token, None when the provider does not say
    """

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires: float
    refresh_expires: float | None = None

    def is_fresh(self, now: float) -> bool:
        """Return whether the access token can still be used."""
        return self.expires - SKEW > now

    def to_json(self) -> str:
        """Return all of it as text, to be sealed."""
        values = [self.access, self.refresh, self.expires, self.refresh_expires]
        return json.dumps(values)

    @classmethod
    def from_json(cls, text: str) -> Tokens:
        """Return what :meth:`to_json` wrote."""
        return cls(*json.loads(text))


def begin(client: Client, login: str) -> Start:
    """Return a sign-in to send a person's browser to.

    :param login: the address whose consent is wanted
    """
    verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(24)
    with _session(client) as session:
        session.code_challenge_method = "S256"
        url, state = session.create_authorization_url(
            client.authorize,
            state=secrets.token_urlsafe(32),
            code_verifier=verifier,
            nonce=nonce,
            login_hint=login,
            **client.extra,
        )
    return Start(url, state, verifier, nonce)


def finish(
    client: Client, guard: NetGuard, code: str, start: Start
) -> tuple[Tokens, tuple[str, ...]]:
    """Return the tokens for a ``code``, and the addresses of whom they belong to.

    :raises LoginRefused: the provider refuses, or answers about another sign-in
    :raises Unreachable: it does not answer
    """
    answer = _ask(client, guard, "fetch_token", code=code, code_verifier=start.verifier)
    tokens = _tokens(answer, "")
    claims = _claims(str(answer.get("id_token") or ""))
    if claims and (wrong := _find_wrong(client, start, claims)):
        raise LoginRefused("sign_in", f"the identity is of another sign-in: {wrong}")
    if not _addresses(claims) and client.userinfo:
        claims = _userinfo(client, guard, tokens.access)
    return tokens, _addresses(claims)


def refresh(client: Client, guard: NetGuard, tokens: Tokens) -> Tokens:
    """Return new tokens; the old refresh token may be used up by it.

    :raises LoginRefused: ``token_dead``: somebody has to sign in again
    :raises Unreachable: the provider does not answer now
    """
    if not tokens.refresh:
        raise LoginRefused("token_dead")
    answer = _ask(client, guard, "refresh_token", refresh_token=tokens.refresh)
    return _tokens(answer, tokens.refresh)


def discover(guard: NetGuard, issuer: str) -> dict[str, str]:
    """Return the endpoints of a provider (OpenID Connect Discovery 1.0, 4).

    :param issuer: its address, with or without the path of the document
    :raises Unreachable: there is no such document
    """
    url = issuer.rstrip("/").removesuffix(WELL_KNOWN) + WELL_KNOWN
    page = fetch(guard, url)
    try:
        document = json.loads(page.body)
        names = ("authorization_endpoint", "token_endpoint")
        endpoints = {name: str(document[name]) for name in names}
        endpoints["userinfo_endpoint"] = str(document.get("userinfo_endpoint") or "")
    except (ValueError, KeyError, TypeError) as error:
        raise Unreachable("oauth_provider", f"HTTP {page.status}") from error
    return endpoints


def _session(client: Client) -> OAuth2Session:
    return OAuth2Session(
        client.client_id,
        client.secret or None,
        # some providers take it in the header only, and none refuses it in the body
        token_endpoint_auth_method="client_secret_post" if client.secret else "none",
        scope=client.scope,
        redirect_uri=client.redirect,
    )


def _ask(
    client: Client, guard: NetGuard, method: str, **values: str
) -> Mapping[str, Any]:
    """Return the answer of the token endpoint."""
    with _session(client) as session:
        guard_session(session, guard)
        # where the address leads is not for the provider's answers to decide
        session.max_redirects = 0
        try:
            answer: Mapping[str, Any] = getattr(session, method)(client.token, **values)
        except AuthlibBaseError as error:
            raise _explain(error) from None
        except (requests.RequestException, OSError, ValueError) as error:
            # without its text, which may hold what was sent
            raise Unreachable("oauth_provider", type(error).__name__) from None
    if not isinstance(answer.get("access_token"), str):
        raise Unreachable("oauth_provider", "no token in the answer")
    return answer


def _explain(error: AuthlibBaseError) -> LoginRefused | Unreachable:
    """Return what an error code means (RFC 6749, 5.2)."""
    detail = f"{error.error}: {error.description or ''}".rstrip(": ")
    if error.error in ("invalid_grant", "interaction_required", "consent_required"):
        return LoginRefused("token_dead", detail)
    if error.error in _FAULTS_OF_OURS:
        return LoginRefused("oauth_client", detail)
    # busy, out of order, or an undefined code: it may work later
    return Unreachable("oauth_provider", detail)


def _tokens(answer: Mapping[str, Any], old_refresh: str) -> Tokens:
    now = time.time()
    life = _number(answer.get("refresh_token_expires_in"))
    return Tokens(
        access=answer["access_token"],
        # a provider that does not rotate keeps the old one (RFC 6749, 6)
        refresh=str(answer.get("refresh_token") or old_refresh),
        expires=now + (_number(answer.get("expires_in")) or DEFAULT_LIFE),
        refresh_expires=now + life if life else None,
    )


def _number(value: object) -> float | None:
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None


def _claims(id_token: str) -> dict[str, Any]:
    """Return what an ID token says.

    It came from the provider itself, over a line that TLS protects, so its signature
    adds nothing (OpenID Connect Core 1.0, 3.1.3.7, 6).
    """
    parts = id_token.split(".")
    if len(parts) != 3:
        return {}
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=="))
    except (ValueError, binascii.Error):
        return {}
    return claims if isinstance(claims, dict) else {}


def _find_wrong(client: Client, start: Start, claims: Mapping[str, Any]) -> str:
    """Return the claim by which an ID token is not of this sign-in, or "".

    As OpenID Connect Core 1.0 has it in 3.1.3.7: who gave it, for whom, until when, and
    for which question.
    """
    audience = claims.get("aud")
    audience = audience if isinstance(audience, list) else [audience]
    party = claims.get("azp")
    answers = {
        "iss": _is_from(client, str(claims.get("iss") or "")),
        "aud": client.client_id in audience,
        "azp": party == client.client_id if party or len(audience) > 1 else True,
        "exp": (_number(claims.get("exp")) or 0) + SKEW > time.time(),
        "nonce": claims.get("nonce") == start.nonce,
    }
    return next((name for name, right in answers.items() if not right), "")


def _is_from(client: Client, issuer: str) -> bool:
    if client.issuer:
        return issuer.rstrip("/") == client.issuer.removesuffix(WELL_KNOWN).rstrip("/")
    # Google's may have no scheme, and Microsoft's names the tenant that signed in
    host = urlsplit(issuer if "://" in issuer else f"https://{issuer}").netloc
    return bool(host) and host == urlsplit(client.authorize).netloc


def _userinfo(client: Client, guard: NetGuard, token: str) -> dict[str, Any]:
    with requests.Session() as session:
        guard_session(session, guard)
        headers = {"Authorization": f"Bearer {token}"}
        try:
            answer = session.get(
                client.userinfo, headers=headers, allow_redirects=False, timeout=10
            )
            claims = answer.json()
        except (requests.RequestException, OSError, ValueError) as error:
            raise Unreachable("oauth_provider", type(error).__name__) from None
    return claims if isinstance(claims, dict) else {}


def _addresses(claims: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the addresses that ``claims`` prove; Microsoft gives them as a name."""
    names = ["preferred_username", "upn"]
    if claims.get("email_verified") is not False:
        names.append("email")
    texts = [str(claims.get(name) or "") for name in names]
    return tuple(dict.fromkeys(text for text in texts if "@" in text))


def sasl(mechanism: str, login: str, token: str, host: str, port: int) -> bytes:
    """Return what hands a token to a mail server, IMAP or SMTP.

    The client's message of XOAUTH2, or of OAUTHBEARER (RFC 7628, 3.1).
    """
    if mechanism == "XOAUTH2":
        return f"user={login}\1auth=Bearer {token}\1\1".encode()
    # in a name of GS2 comma and equals sign are escaped (RFC 5801, 4)
    name = login.replace("=", "=3D").replace(",", "=2C")
    where = f"host={host}\1port={port}"
    return f"n,a={name},\1{where}\1auth=Bearer {token}\1\1".encode()
