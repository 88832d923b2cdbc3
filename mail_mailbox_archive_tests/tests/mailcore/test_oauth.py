"""OAuth against a real provider (Authlib's server), on loopback."""

import logging
import time
from dataclasses import replace
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

import pytest

from odoo.addons.mail_mailbox_archive.mailcore.connect import oauth
from odoo.addons.mail_mailbox_archive.mailcore.connect.net_guard import (
    AddressRefused,
    NetGuard,
)
from odoo.addons.mail_mailbox_archive.mailcore.connect.web import fetch
from odoo.addons.mail_mailbox_archive.mailcore.errors import LoginRefused, Unreachable
from odoo.addons.mail_mailbox_archive_tests.tests.servers.openid import OpenIdProvider
from odoo.addons.mail_mailbox_archive_tests.tests.servers.scripted import (
    LOOPBACK,
    Scripted,
)

REDIRECT = "https://odoo.example/mail_mailbox_archive/oauth/callback"


@pytest.fixture
def provider():
    with OpenIdProvider() as started:
        yield started


@pytest.fixture
def client(provider):
    found = oauth.discover(LOOPBACK, provider.issuer)
    return oauth.Client(
        client_id=provider.client_id,
        authorize=found["authorization_endpoint"],
        token=found["token_endpoint"],
        scope="openid email",
        redirect=REDIRECT,
        secret=provider.client_secret,
    )


def consent(start, answer="yes"):
    """Press the button on the provider's page; return what the browser comes with."""

    class Stop(HTTPRedirectHandler):
        def http_error_302(self, request, answer, code, message, headers):
            return answer

    form = urlencode({"confirm": answer}).encode()
    page = build_opener(Stop).open(Request(start.url, form), timeout=10)
    query = parse_qs(urlsplit(page.headers["Location"]).query)
    return {name: values[0] for name, values in query.items()}


def sign_in(client):
    start = oauth.begin(client, "office@spedbud.example")
    return oauth.finish(client, LOOPBACK, consent(start)["code"], start)


def refused(call, *arguments):
    with pytest.raises((LoginRefused, Unreachable)) as caught:
        call(*arguments)
    return type(caught.value), caught.value.code


def test_sign_in_and_refresh(provider, client, caplog):
    caplog.set_level(logging.DEBUG)
    tokens, addresses = sign_in(client)
    assert addresses == ("office@spedbud.example",)
    assert tokens.is_fresh(time.time())
    assert not tokens.is_fresh(time.time() + 3600)
    renewed = oauth.refresh(client, LOOPBACK, tokens)
    assert renewed.access != tokens.access
    assert renewed.refresh != tokens.refresh
    assert oauth.Tokens.from_json(renewed.to_json()) == renewed
    for secret in (
        tokens.access,
        tokens.refresh,
        renewed.access,
        renewed.refresh,
        provider.client_secret,
    ):
        assert secret not in caplog.text
        assert secret not in repr([tokens, renewed, client])


def test_rotated_token_is_used_up(client):
    tokens, _addresses = sign_in(client)
    oauth.refresh(client, LOOPBACK, tokens)
    assert refused(oauth.refresh, client, LOOPBACK, tokens) == (
        LoginRefused,
        "token_dead",
    )


def test_provider_that_does_not_rotate(provider, client):
    tokens, _addresses = sign_in(client)
    for grant, _extensions in provider._token_grants:
        grant.INCLUDE_NEW_REFRESH_TOKEN = False
    try:
        renewed = oauth.refresh(client, LOOPBACK, tokens)
    finally:
        for grant, _extensions in provider._token_grants:
            grant.INCLUDE_NEW_REFRESH_TOKEN = True
    assert renewed.refresh == tokens.refresh


def test_revoked(provider, client):
    tokens, _addresses = sign_in(client)
    provider.revoke()
    assert refused(oauth.refresh, client, LOOPBACK, tokens)[1] == "token_dead"
    without = replace(tokens, refresh="")
    assert refused(oauth.refresh, client, LOOPBACK, without)[1] == "token_dead"


def test_code_is_good_once_and_for_its_verifier_only(client):
    start = oauth.begin(client, "")
    code = consent(start)["code"]
    other = replace(start, verifier="x" * 60)
    assert refused(oauth.finish, client, LOOPBACK, code, other)[0] is LoginRefused
    start = oauth.begin(client, "")
    code = consent(start)["code"]
    oauth.finish(client, LOOPBACK, code, start)
    assert refused(oauth.finish, client, LOOPBACK, code, start)[0] is LoginRefused


def test_identity_of_another_sign_in(client):
    start = oauth.begin(client, "")
    code = consent(start)["code"]
    other = replace(start, nonce="other")
    assert refused(oauth.finish, client, LOOPBACK, code, other) == (
        LoginRefused,
        "sign_in",
    )


WRONG_CLAIMS = {
    "aud": {"aud": "another-client"},
    "aud, a list": {"aud": ["another-client", "a-third"]},
    "aud, missing": {"aud": None},
    "azp": {"aud": ["{client}", "another-client"], "azp": "another-client"},
    "azp, alone": {"azp": "another-client"},
    "azp, missing": {"aud": ["{client}", "another-client"]},
    "iss": {"iss": "https://another.example"},
    "iss, missing": {"iss": None},
    "exp": {"exp": time.time() - 3600},
    "exp, missing": {"exp": None},
    "exp, no number": {"exp": "tomorrow"},
    "nonce": {"nonce": "of another sign-in"},
    "nonce, missing": {"nonce": None},
}


@pytest.fixture
def claimed(provider, client):
    """Sign in where the ID token claims something else."""

    def sign_in_with(changes, **values):
        provider.claims = dict(changes)
        if isinstance(named := changes.get("aud"), list):
            names = [name.format(client=client.client_id) for name in named]
            provider.claims["aud"] = names
        return sign_in(replace(client, **values))

    return sign_in_with


@pytest.mark.parametrize("changes", WRONG_CLAIMS.values(), ids=WRONG_CLAIMS)
def test_id_token_of_another_sign_in(claimed, changes, request):
    with pytest.raises(LoginRefused) as caught:
        claimed(changes)
    claim = request.node.callspec.id.partition(",")[0]
    assert caught.value.code == "sign_in"
    assert caught.value.detail.endswith(f": {claim}"), caught.value.detail


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"aud": ["{client}"]},
        {"aud": ["{client}", "another-client"], "azp": "{client}"},
        # seconds from now: what is collected may run long after
        {"exp": -oauth.SKEW / 2},
    ],
)
def test_id_token_of_this_sign_in(claimed, client, changes):
    if "azp" in changes:
        changes = changes | {"azp": client.client_id}
    if "exp" in changes:
        changes = changes | {"exp": time.time() + changes["exp"]}
    assert claimed(changes)[1] == ("office@spedbud.example",)


def test_issuer_is_the_one_that_was_registered(claimed, provider):
    assert claimed({}, issuer=provider.issuer + "/")[1]
    assert claimed({}, issuer=provider.issuer + oauth.WELL_KNOWN)[1]
    with pytest.raises(LoginRefused):
        claimed({}, issuer=provider.issuer + "/tenant")


def test_issuer_without_a_scheme_and_with_a_tenant(claimed, provider):
    host = provider.issuer.partition("://")[2]
    assert claimed({"iss": host})[1]
    assert claimed({"iss": f"{provider.issuer}/tenant/v2.0"})[1]
    with pytest.raises(LoginRefused):
        claimed({"iss": f"https://{host}.evil.example"})


def test_wrong_client_secret(client):
    tokens, _addresses = sign_in(client)
    wrong = replace(client, secret="wr0ng")
    assert refused(oauth.refresh, wrong, LOOPBACK, tokens) == (
        LoginRefused,
        "oauth_client",
    )


@pytest.mark.parametrize("status", [500, 503, 429, 302])
def test_provider_out_of_order(provider, client, status):
    tokens, _addresses = sign_in(client)
    provider.broken = status
    assert refused(oauth.refresh, client, LOOPBACK, tokens) == (
        Unreachable,
        "oauth_provider",
    )
    provider.broken = 0
    assert oauth.refresh(client, LOOPBACK, tokens)


def test_provider_down(client):
    tokens = oauth.Tokens("a", "b", 0)
    down = replace(client, token="http://127.0.0.1:1/token")
    assert refused(oauth.refresh, down, LOOPBACK, tokens) == (
        Unreachable,
        "oauth_provider",
    )


def test_provider_inside_the_network_is_not_asked(provider, client):
    tokens, _addresses = sign_in(client)
    asked = len(provider.asked)
    for guard, scheme in ((NetGuard(), "http"), (NetGuard(ports=None), "https")):
        there = replace(client, token=client.token.replace("http:", f"{scheme}:"))
        with pytest.raises(AddressRefused):
            oauth.refresh(there, guard, tokens)
        with pytest.raises(AddressRefused):
            oauth.discover(guard, provider.issuer.replace("http:", f"{scheme}:"))
    assert len(provider.asked) == asked


def test_person_who_cancels(client):
    assert consent(oauth.begin(client, ""), "no")["error"] == "access_denied"


def test_states_differ(client):
    starts = [oauth.begin(client, "") for _ in range(3)]
    assert len({start.state for start in starts}) == 3
    assert len({start.verifier for start in starts}) == 3
    for start in starts:
        assert start.verifier not in start.url
        assert "code_challenge_method=S256" in start.url
        assert start.state not in repr(start)


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"email": "a@x.example", "email_verified": True}, ("a@x.example",)),
        ({"email": "a@x.example"}, ("a@x.example",)),
        ({"email": "a@x.example", "email_verified": False}, ()),
        ({"preferred_username": "b@x.example"}, ("b@x.example",)),
        ({"preferred_username": "bob", "email": "b@x.example"}, ("b@x.example",)),
        ({"sub": "1"}, ()),
        ({}, ()),
    ],
)
def test_whose_token(claims, expected):
    assert oauth._addresses(claims) == expected


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "a.W10.c", "a.e30=.c", "."])
def test_broken_identity(text):
    assert oauth._claims(text) == {}


def test_no_document(provider):
    assert refused(oauth.discover, LOOPBACK, f"{provider.issuer}/none") == (
        Unreachable,
        "oauth_provider",
    )


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (lambda line: line.wait(), "closed"),
        (lambda line: line.cut(), "closed"),
        (
            lambda line: line.send("HTTP/1.1 200 OK", "", "x" * 70_000),
            "protocol",
        ),
        (lambda line: line.send("SSH-2.0-x"), "closed"),
    ],
)
def test_pages_within_bounds(answer, code):
    with Scripted(answer) as server:
        with pytest.raises(Unreachable) as caught:
            # what is answered has the time it needs, also on a machine at work
            seconds = 30 if code == "protocol" else 0.5
            fetch(LOOPBACK, f"http://127.0.0.1:{server.port}/x", seconds=seconds)
    assert caught.value.code == code


def test_page_that_drips():
    def drip(line):
        line.send("HTTP/1.1 200 OK", "", "")
        for _ in range(100):
            line.write(b"x")
            time.sleep(0.05)

    with Scripted(drip) as server:
        with pytest.raises(Unreachable) as caught:
            fetch(LOOPBACK, f"http://127.0.0.1:{server.port}/x", seconds=0.4)
    assert caught.value.code == "timeout"
