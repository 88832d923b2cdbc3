"""An OpenID provider on loopback: Authlib's server behind Python's own HTTP server.

Whoever comes to its page signs in as :attr:`OpenIdProvider.person` by one button.
"""

from __future__ import annotations

import json
import logging
import secrets
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import (
    AuthorizationCodeMixin,
    AuthorizationServer,
    ClientMixin,
    OAuth2Request,
    TokenMixin,
    grants,
)
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import UserInfo
from authlib.oidc.core.grants import OpenIDCode
from joserfc.jwk import OctKey

HOST = "127.0.0.1"
# this server tells what it gives; what is tested is what its client tells
logging.getLogger("authlib.oauth2.rfc6749").setLevel(logging.WARNING)
_PAGE = """<!DOCTYPE html><title>Sign in</title><h1>Who are you?</h1>
<form method="post">
<button id="yes" name="confirm" value="yes">Sign in as {who}</button>
<button id="no" name="confirm" value="no">Cancel</button></form>"""


@dataclass
class _Client(ClientMixin):
    client_id: str
    client_secret: str

    def get_client_id(self):
        return self.client_id

    def get_default_redirect_uri(self):
        return None

    def get_allowed_scope(self, scope):
        return scope

    def check_redirect_uri(self, redirect_uri):
        return redirect_uri.endswith("/mail_mailbox_archive/oauth/callback")

    def check_client_secret(self, client_secret):
        return secrets.compare_digest(client_secret, self.client_secret)

    def check_endpoint_auth_method(self, method, endpoint):
        return method in ("client_secret_post", "client_secret_basic")

    def check_response_type(self, response_type):
        return response_type == "code"

    def check_grant_type(self, grant_type):
        return grant_type in ("authorization_code", "refresh_token")


@dataclass
class _Code(AuthorizationCodeMixin):
    code: str
    redirect_uri: str
    scope: str
    user: str
    nonce: str
    code_challenge: str
    code_challenge_method: str
    auth_time: int = field(default_factory=lambda: int(time.time()))

    def get_redirect_uri(self):
        return self.redirect_uri

    def get_scope(self):
        return self.scope

    def get_nonce(self):
        return self.nonce

    def get_auth_time(self):
        return self.auth_time

    def get_acr(self):
        return None

    def get_amr(self):
        return None


@dataclass
class _Token(TokenMixin):
    access: str
    refresh: str
    scope: str
    user: str
    client: _Client
    until: float
    used: bool = False

    def check_client(self, client):
        return client is self.client

    def get_scope(self):
        return self.scope

    def is_revoked(self):
        return self.used

    def is_expired(self):
        return self.until < time.time()


class _CodeGrant(grants.AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_post", "client_secret_basic"]

    def save_authorization_code(self, code, request):
        data = request.payload.data
        self.server.codes[code] = _Code(
            code,
            request.payload.redirect_uri,
            request.payload.scope,
            request.user,
            data.get("nonce", ""),
            data.get("code_challenge", ""),
            data.get("code_challenge_method", ""),
        )

    def query_authorization_code(self, code, client):
        return self.server.codes.get(code)

    def delete_authorization_code(self, authorization_code):
        del self.server.codes[authorization_code.code]

    def authenticate_user(self, authorization_code):
        return authorization_code.user


class _OpenId(OpenIDCode):
    def exists_nonce(self, nonce, request):
        return False

    def resolve_client_private_key(self, client):
        return self.provider.key

    def get_client_algorithm(self, client):
        return "HS256"

    def get_client_claims(self, client):
        return {"iss": self.provider.issuer}

    def generate_user_info(self, user, scope):
        known_as = self.provider.known_as or user
        claims = {"email": user, "email_verified": True}
        claims |= self.provider.claims
        return UserInfo(sub=user, preferred_username=known_as, **claims)


class _RefreshGrant(grants.RefreshTokenGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_post", "client_secret_basic"]
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token):
        found = self.server.find(refresh=refresh_token)
        return found if found and not found.used else None

    def authenticate_user(self, refresh_token):
        return refresh_token.user

    def revoke_old_credential(self, refresh_token):
        # rotation: whoever comes with the old one again is too late
        refresh_token.used = True


class OpenIdProvider(AuthorizationServer):
    """A context manager: started on entry, gone on exit.

    :param life: seconds that its access tokens last
    """

    client_id = "mailbox-test"
    client_secret = "cl1ent-s3cret"

    def __init__(self, life: int = 3600) -> None:
        super().__init__()
        self.life = life
        self.person = "office@spedbud.example"
        #: what its ID tokens say in place of what is true
        self.claims: dict[str, object] = {}
        #: what it calls that person itself, where it is not their address
        self.known_as = ""
        self.key = OctKey.generate_key(256)
        self.codes: dict[str, _Code] = {}
        self.tokens: list[_Token] = []
        #: grants that were asked for, in order
        self.asked: list[str] = []
        #: a status with which the token endpoint answers everything
        self.broken = 0
        #: seconds that the token endpoint takes
        self.delay = 0.0
        self._lock = threading.Lock()
        self._client = _Client(self.client_id, self.client_secret)
        openid = type("OpenId", (_OpenId,), {"provider": self})
        self.register_grant(_CodeGrant, [CodeChallenge(required=True), openid()])
        self.register_grant(_RefreshGrant)
        self.register_token_generator("default", self._generate)
        self._http = ThreadingHTTPServer((HOST, 0), _handler(self))
        self.issuer = f"http://{HOST}:{self._http.server_port}"

    def __enter__(self) -> OpenIdProvider:
        # often, so that the end of a test is not waited for
        arguments = {"poll_interval": 0.02}
        threading.Thread(
            target=self._http.serve_forever, kwargs=arguments, daemon=True
        ).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    def revoke(self) -> None:
        """Make all that was given useless, as a person does who changes a password."""
        for token in self.tokens:
            token.used, token.until = True, 0

    def expire(self) -> None:
        """Make the access tokens useless, their refresh tokens stay."""
        for token in self.tokens:
            token.until = 0

    def find(self, **values: str) -> _Token | None:
        return next(
            (
                t
                for t in self.tokens
                if all(getattr(t, n) == v for n, v in values.items())
            ),
            None,
        )

    # What Authlib asks a framework for

    def query_client(self, client_id):
        return self._client if client_id == self.client_id else None

    def save_token(self, token, request):
        self.tokens.append(
            _Token(
                token["access_token"],
                token.get("refresh_token", ""),
                token.get("scope", ""),
                request.user,
                request.client,
                time.time() + self.life,
            )
        )

    def send_signal(self, name, *args, **kwargs):
        return None

    def create_oauth2_request(self, request):
        method, uri, form, headers = request
        made = OAuth2Request(method, uri, headers=headers)
        made._body = form
        made.payload = BasicOAuth2Payload(
            {**dict(parse_qsl(urlsplit(uri).query)), **form}
        )
        return made

    def handle_response(self, status, body, headers):
        text = json.dumps(body) if isinstance(body, dict) else body
        return status, text, dict(headers)

    def _generate(self, scope=None, include_refresh_token=True, **_options):
        token = {
            "token_type": "Bearer",
            "access_token": secrets.token_urlsafe(24),
            "expires_in": self.life,
            "scope": scope or "",
        }
        if include_refresh_token:
            token["refresh_token"] = secrets.token_urlsafe(24)
        return token

    # Its pages

    def answer(self, method, uri, form, headers):
        path = urlsplit(uri).path
        request = (method, uri, form, headers)
        if path == "/.well-known/openid-configuration":
            return self._document()
        if path == "/authorize" and method == "GET":
            return 200, _PAGE.format(who=self.person), {"Content-Type": "text/html"}
        if path == "/authorize":
            person = self.person if form.get("confirm") == "yes" else None
            try:
                grant = self.get_consent_grant(request, person)
            except OAuth2Error as error:
                return 400, str(error), {"Content-Type": "text/plain"}
            return self.create_authorization_response(request, person, grant=grant)
        if path == "/token":
            self.asked.append(form.get("grant_type", ""))
            time.sleep(self.delay)
            if self.broken:
                return self.broken, "out of order", {"Content-Type": "text/plain"}
            with self._lock:
                return self.create_token_response(request)
        if path == "/introspect":
            return self._introspect(form.get("token", ""))
        return 404, "", {}

    def _document(self):
        document = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
        }
        return 200, json.dumps(document), {"Content-Type": "application/json"}

    def _introspect(self, token):
        found = self.find(access=token)
        good = bool(found) and not found.is_expired()
        answer = {"active": good, "email": found.user if good else ""}
        return 200, json.dumps(answer), {"Content-Type": "application/json"}


def _handler(provider):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self._answer({})

        def do_POST(self):
            size = int(self.headers.get("Content-Length") or 0)
            self._answer(dict(parse_qsl(self.rfile.read(size).decode())))

        def _answer(self, form):
            uri = f"{provider.issuer}{self.path}"
            status, body, headers = provider.answer(
                self.command, uri, form, dict(self.headers)
            )
            data = (body or "").encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_arguments):
            """Say nothing: what is asked for holds codes."""

    return Handler
