"""Who may call: keys, tokens, sessions; and that one tenant never reaches another's results."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from service_fixtures import CONTEXT, NOTE, Live, running

from notecoder.service import Settings, StartRefused, serve
from notecoder.service.settings import CdsIssuer, OAuth, load_settings, refusals
from notecoder.service.store import access

ISSUER, AUDIENCE = "https://id.example.org", "notecoder"
EC_KEY = ec.generate_private_key(ec.SECP384R1())
OTHER_KEY = ec.generate_private_key(ec.SECP384R1())
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


FOREVER = {"iss": ISSUER, "aud": AUDIENCE, "sub": "x", "iat": 1, "exp": 2**31, "tenant": "north"}


def jwks(path: Path) -> str:
    """A file with the public keys."""
    keys = []
    for kid, algorithm, key in (("e1", "ES384", EC_KEY), ("r1", "RS384", RSA_KEY)):
        made = jwt.get_algorithm_by_name(algorithm).to_jwk(key.public_key(), as_dict=True)  # type: ignore[call-overload]
        keys.append({**made, "kid": kid, "use": "sig"})
    path.write_text(json.dumps({"keys": keys}))
    return str(path)


def token(key: Any = EC_KEY, *, algorithm: str = "ES384", kid: str = "e1", **changed: object) -> str:
    """A good token, with some claims changed; None removes one."""
    now = int(time.time())
    claims: dict[str, object] = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "ana",
        "iat": now,
        "exp": now + 300,
        "tenant": "north",
        "scope": "code read",
        **changed,
    }
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": kid})


@pytest.fixture
def oauth(sqlite_settings: Settings, tmp_path: Path) -> Iterator[Live]:
    keys = OAuth(issuer=ISSUER, audience=AUDIENCE, jwks=jwks(tmp_path / "jwks.json"))
    with running(sqlite_settings.model_copy(update={"oauth": keys})) as live:
        yield live


def status_with(live: Live, bearer: str, path: str = "/v1/results") -> int:
    return httpx.get(f"{live.base}{path}", headers={"Authorization": f"Bearer {bearer}"}).status_code


def test_good_tokens_are_taken(oauth: Live) -> None:
    assert status_with(oauth, token()) == 200
    assert status_with(oauth, token(RSA_KEY, algorithm="RS384", kid="r1")) == 200


@pytest.mark.parametrize(
    "bad",
    [
        token(exp=int(time.time()) - 3600, iat=int(time.time()) - 7200),
        token(aud="another service"),
        token(aud=None),
        token(exp=None),
        token(iss="https://elsewhere.example.org"),
        token(sub=None),
        token(tenant=None),
        token(tenant="../etc"),
        token(iat=int(time.time()) + 7200),
        token(OTHER_KEY),
        token(kid="unknown"),
        jwt.encode(
            {"iss": ISSUER, "aud": AUDIENCE, "sub": "x", "exp": 2**31, "tenant": "north"}, None, algorithm="none"
        ),
        jwt.encode({"iss": ISSUER, "aud": AUDIENCE, "sub": "x", "exp": 2**31, "tenant": "north"}, "k" * 48, "HS384"),
        token().rsplit(".", 1)[0] + ".",
        token()[:-6] + "AAAAAA",
        "not.a.token",
        "x" * 20_000,
    ],
)
def test_bad_tokens_are_refused(oauth: Live, bad: str) -> None:
    assert status_with(oauth, bad) == 401


def test_public_key_used_as_a_shared_secret_is_refused(oauth: Live) -> None:
    import base64
    import hashlib
    import hmac

    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    public = RSA_KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "x", "iat": 1, "exp": 2**31, "tenant": "north"}
    signed = f"{part({'alg': 'HS256', 'kid': 'r1'})}.{part(claims)}"
    mac = hmac.new(public, signed.encode(), hashlib.sha256).digest()
    assert status_with(oauth, f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}") == 401


def test_token_without_the_scope_is_forbidden(oauth: Live) -> None:
    assert status_with(oauth, token(), "/v1/audit") == 403
    assert status_with(oauth, token(scope=None)) == 403


def test_no_credential_is_401_everywhere_but_at_the_door(guarded: Live) -> None:
    schema = guarded.client.get("/openapi.json").json()
    asked = 0
    for path, operations in schema["paths"].items():
        for method in operations:
            url = path.replace("{result_id}", "0" * 32).replace("{job_id}", "0" * 32)
            url = url.replace("{webhook_id}", "0" * 32).replace("{number}", "0").replace("{service_id}", "x")
            answer = guarded.client.request(method.upper(), url, json={} if method == "post" else None)
            asked += 1
            expected = {200} if path in {"/healthz", "/readyz"} else {401}
            assert answer.status_code in expected, (method, path, answer.status_code)
    assert asked > 20


def test_key_life_create_rotate_revoke(guarded: Live) -> None:
    key = guarded.key(scopes=("read",))
    with guarded.as_key(key) as client:
        assert client.get("/v1/results").status_code == 200
        assert client.post("/v1/notes:code", json={"text": NOTE, "context": CONTEXT}).status_code == 403
        key_id = key.split("_")[1]
        with guarded.database.write() as connection:
            made = access.rotate_key(connection, key_id=key_id, grace_hours=1)
        assert made is not None
        assert client.get("/v1/results").status_code == 200
        with guarded.as_key(made[1]) as successor:
            assert successor.get("/v1/results").status_code == 200
        with guarded.database.write() as connection:
            assert access.revoke_key(connection, key_id=key_id)
        assert client.get("/v1/results").status_code == 401


def test_rotation_without_grace_ends_the_old_key_at_once(guarded: Live) -> None:
    key = guarded.key()
    with guarded.database.write() as connection:
        access.rotate_key(connection, key_id=key.split("_")[1], grace_hours=0)
    with guarded.as_key(key) as client:
        assert client.get("/v1/results").status_code == 401


@pytest.mark.parametrize("bad", ["nck_", "nck_0000000000000000_" + "a" * 43, "nck_zz", "Basic x"])
def test_unknown_keys_are_refused(guarded: Live, bad: str) -> None:
    with guarded.as_key(bad) as client:
        assert client.get("/v1/results").status_code == 401
    assert httpx.get(f"{guarded.base}/v1/results", headers={"Authorization": "Basic eA=="}).status_code == 401


def test_no_route_shows_another_tenants_result(guarded: Live) -> None:
    with guarded.as_key(guarded.key(tenant="north")) as north, guarded.as_key(guarded.key(tenant="south")) as south:
        note = {"id": "n", "text": NOTE, "context": CONTEXT}
        coded = north.post("/v1/notes:code", json=note, headers={"Idempotency-Key": "k"}).json()
        job = north.post("/v1/notes:batch", json={"notes": [note]}).headers["location"]
        hook = north.post("/v1/webhooks", json={"url": "https://203.0.113.9/", "events": ["job.finished"]})
        assert hook.status_code in {201, 409}
        result = f"/v1/results/{coded['result_id']}"
        decision = {"lines": [{"action": "accept", "line": 0}], "final": True}
        for method, path, body in (
            ("GET", result, None),
            ("DELETE", result, None),
            ("GET", f"{result}/claim.csv", None),
            ("GET", f"{result}/fhir", None),
            ("POST", f"{result}/decision", decision),
            ("POST", f"{result}/gaps/0", {"state": "sent"}),
            ("GET", job, None),
        ):
            assert south.request(method, path, json=body).status_code == 404, path
            if method == "GET":
                assert north.request(method, path).status_code == 200, path
        assert south.get("/v1/results").json()["results"] == []
        assert all(row["object"] != coded["result_id"] for row in south.get("/v1/audit").json())
        other = south.post("/v1/notes:code", json={**note, "text": "Punch biopsy."}, headers={"Idempotency-Key": "k"})
        assert other.status_code == 200 and other.json()["result_id"] != coded["result_id"]
        card = {"feedback": [{"card": "x", "outcome": "accepted", "outcomeTimestamp": "2026-11-10T10:00:00Z"}]}
        assert south.post("/cds-services/notecoder-note-sign/feedback", json=card).json() == {"recorded": 0}


def test_result_sealed_for_one_tenant_does_not_open_in_a_row_of_another(guarded: Live) -> None:
    from sqlalchemy import update

    from notecoder.service.store.tables import results

    with guarded.as_key(guarded.key(tenant="north")) as north:
        coded = north.post("/v1/notes:code", json={"text": NOTE, "context": CONTEXT}).json()
    with guarded.database.write() as connection:
        connection.execute(update(results).values(tenant="south"))
    with guarded.as_key(guarded.key(tenant="south")) as south:
        assert south.get(f"/v1/results/{coded['result_id']}").status_code == 500


def test_sign_in_gives_a_session_that_needs_the_pages_token_for_changes(guarded: Live) -> None:
    client = guarded.client
    assert client.get("/", follow_redirects=False).headers["location"] == "/sign-in"
    assert client.post("/sign-in", json={"key": "nck_wrong"}).status_code == 401
    answer = client.post("/sign-in", json={"key": guarded.key()})
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "samesite=strict" in cookie.lower()
    assert client.get("/").status_code == 200
    me = client.get("/v1/me").json()
    assert me["subject"].startswith("Ana Coder")
    body = {"text": NOTE, "context": CONTEXT}
    without = client.post("/v1/notes:code", json=body)
    assert (without.status_code, without.json()["code"]) == (403, "csrf")
    assert client.post("/v1/notes:code", json=body, headers={"X-CSRF-Token": "guess"}).status_code == 403
    assert client.post("/v1/notes:code", json=body, headers={"X-CSRF-Token": me["csrf"]}).status_code == 200
    assert client.post("/sign-out", headers={"X-CSRF-Token": me["csrf"]}).status_code == 200
    assert client.get("/v1/me").status_code == 401


def test_revoked_key_ends_its_sessions(guarded: Live) -> None:
    key = guarded.key()
    guarded.client.post("/sign-in", json={"key": key})
    assert guarded.client.get("/v1/me").status_code == 200
    with guarded.database.write() as connection:
        access.revoke_key(connection, key_id=key.split("_")[1])
    assert guarded.client.get("/v1/me").status_code == 401


def test_idle_session_ends(sqlite_settings: Settings) -> None:
    short = {"require_auth": True, "session_idle_minutes": 0.005}
    with running(sqlite_settings.model_copy(update=short)) as live:
        live.client.post("/sign-in", json={"key": live.key()})
        assert live.client.get("/v1/me").status_code == 200
        time.sleep(0.5)
        assert live.client.get("/v1/me").status_code == 401


def test_guessing_keys_is_slowed_down(sqlite_settings: Settings) -> None:
    with running(sqlite_settings.model_copy(update={"require_auth": True})) as live:
        statuses = [live.client.post("/sign-in", json={"key": f"nck_{n}"}).status_code for n in range(12)]
        assert statuses == [401] * 10 + [429] * 2


def test_other_sites_and_other_names_are_refused(live: Live) -> None:
    body = {"text": NOTE, "context": CONTEXT}
    for headers in (
        {"Origin": "https://evil.example.org"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ):
        answer = live.client.post("/v1/notes:code", json=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "cross_site")
    rebound = live.client.get("/v1/results", headers={"Host": "evil.example.org"})
    assert (rebound.status_code, rebound.json()["code"]) == (403, "wrong_host")
    own = {"Origin": live.base, "Sec-Fetch-Site": "same-origin"}
    assert live.client.post("/v1/notes:code", json=body, headers=own).status_code == 200


def test_page_behind_a_proxy_is_its_own_site(sqlite_settings: Settings) -> None:
    public = {"base_url": "https://coder.example.org", "tls_by_proxy": True}
    with running(sqlite_settings.model_copy(update=public)) as live:
        for origin, status in (("https://coder.example.org", 401), ("https://other.example.org", 403), ("null", 403)):
            assert live.client.post("/v1/notes:code", json={}, headers={"Origin": origin}).status_code == status
        cookie = live.client.post("/sign-in", json={"key": live.key()}).headers["set-cookie"]
        assert cookie.startswith("__Host-notecoder=") and "Secure" in cookie
        assert "max-age" in live.client.get("/healthz").headers["strict-transport-security"]


def test_every_answer_has_the_security_headers(live: Live) -> None:
    for path in ("/", "/static/app.js", "/v1/results", "/nothing", "/healthz"):
        headers = live.client.get(path).headers
        assert "script-src 'self'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] in {"no-store", "no-cache"}


def test_start_is_refused_beyond_loopback_without_authentication(tmp_path: Path) -> None:
    settings = Settings(database_url=f"sqlite:///{tmp_path}/n.sqlite3", host="0.0.0.0", tls_by_proxy=True)
    with pytest.raises(StartRefused, match="no authentication"):
        serve(settings)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"host": "0.0.0.0"}, ["no authentication", "no TLS"]),
        ({"base_url": "https://coder.example.org"}, ["no authentication"]),
        ({"tls_cert": "c.pem"}, ["belong together"]),
        ({"mllp": {"host": "0.0.0.0"}}, ["mllp"]),
    ],
)
def test_open_doors_are_named(changed: dict[str, object], said: list[str]) -> None:
    wrong = refusals(load_settings(overrides=changed), has_keys=False)
    assert len(wrong) == len(said)
    assert all(word in line for word, line in zip(said, wrong, strict=True))


def test_settings_come_from_file_then_environment_then_options(tmp_path: Path) -> None:
    file = tmp_path / "service.toml"
    file.write_text('port = 1\nhost = "127.0.0.2"\nkeep = "all"\n[mllp]\nport = 2576\n')
    settings = load_settings(
        file=file, environ={"NOTECODER_PORT": "2", "NOTECODER_KEEP": "nothing"}, overrides={"port": 3}
    )
    assert (settings.port, settings.host, settings.keep) == (3, "127.0.0.2", "nothing")
    assert settings.mllp is not None and settings.mllp.port == 2576
    with pytest.raises(StartRefused, match="setting keep"):
        load_settings(environ={"NOTECODER_KEEP": "secret value"})


def test_cds_tokens_are_for_the_called_address_and_work_once(sqlite_settings: Settings, tmp_path: Path) -> None:
    issuer = CdsIssuer(issuer="https://ehr.example.org", jwks=jwks(tmp_path / "jwks.json"), tenant="north")
    settings = sqlite_settings.model_copy(
        update={"cds_issuers": (issuer,), "require_auth": True, "base_url": "http://localhost:9999"}
    )
    with running(settings) as live:
        good = {"iss": issuer.issuer, "aud": "http://localhost:9999/cds-services", "sub": None, "tenant": None}
        once = token(**good, jti="one")
        assert status_with(live, once, "/cds-services") == 200
        assert status_with(live, once, "/cds-services") == 401
        assert status_with(live, token(**good), "/cds-services") == 401
        wrong = {**good, "aud": "http://localhost:9999/other"}
        assert status_with(live, token(**wrong, jti="two"), "/cds-services") == 401
        assert status_with(live, token(OTHER_KEY, **good, jti="three"), "/cds-services") == 401
        assert status_with(live, token(**good, jti="four"), "/v1/results") == 401
