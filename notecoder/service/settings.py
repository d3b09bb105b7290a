"""How the service is set up: one frozen ``Settings``, read from a TOML file, the environment and the command line.

The defaults are safe on one machine: loopback only, SQLite, results kept without text. Everything that opens the
service further (another address, another database, tokens, HL7) has to be said, and ``refusals`` lists what must be
mended before it may start that way.
"""

from __future__ import annotations

import ipaddress
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError

from notecoder.evidence import Frozen

Keep = Literal["nothing", "results", "all"]
"""What is kept of a coded note: nothing, the result without the note's words, or everything."""

PREFIX = "NOTECODER_"
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1", "[::1]"})


class StartRefused(RuntimeError):
    """The service may not start with these settings; the message says what to mend."""


class OAuth(Frozen):
    """Bearer tokens of an identity provider. ``jwks`` is an https URL or a file; ``tenant_claim`` names the tenant."""

    issuer: str
    audience: str
    jwks: str
    tenant_claim: str = "tenant"


class CdsIssuer(Frozen):
    """An EHR that may call CDS Hooks: its ``iss``, where its keys are, and the tenant it stands for."""

    issuer: str
    jwks: str
    tenant: str


class Mllp(Frozen):
    """The HL7 door. Off loopback it needs TLS; ``client_ca`` makes client certificates mandatory."""

    host: str = "127.0.0.1"
    port: int = 2575
    tenant: str = "local"
    tls_cert: Path | None = None
    tls_key: Path | None = None
    client_ca: Path | None = None


class ChargeFeed(Frozen):
    """Where ``DFT^P03`` goes after a coder has accepted a claim that came in by HL7."""

    host: str
    port: int
    tls: bool = False
    application: str = "BILLING"
    facility: str = ""


class Settings(Frozen):
    """Everything an operator may set. Days and seconds are in the names; sizes are bytes."""

    database_url: str = "sqlite:///notecoder.sqlite3"
    secret: SecretStr | None = None
    secret_file: Path | None = None
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    base_url: str | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None
    tls_by_proxy: bool = False
    require_auth: bool = False
    oauth: OAuth | None = None
    cds_issuers: tuple[CdsIssuer, ...] = ()
    cds_origins: tuple[str, ...] = ()
    fhir_servers: tuple[str, ...] = ()
    keep: Keep = "results"
    keep_results_days: float = Field(default=90, gt=0)
    keep_text_days: float = Field(default=30, gt=0)
    keep_job_hours: float = Field(default=24, gt=0)
    purge_every_seconds: float = Field(default=60, gt=0)
    coder: str = "notecoder:code_note"
    coding_processes: int = Field(default=2, ge=1, le=64)
    recycle_after: int = Field(default=2000, ge=1)
    coding_timeout_seconds: float = Field(default=60, gt=0)
    unverified_dates: Literal["refuse", "review"] = "refuse"
    max_body_bytes: int = Field(default=8_000_000, ge=1)
    max_batch_bytes: int = Field(default=64_000_000, ge=1)
    max_batch_notes: int = Field(default=1000, ge=1)
    lease_seconds: float = Field(default=120, gt=0)
    session_idle_minutes: float = Field(default=30, gt=0)
    session_hours: float = Field(default=12, gt=0)
    webhook_private_addresses: bool = False
    webhook_attempts: int = Field(default=8, ge=1)
    webhook_first_delay_seconds: float = Field(default=5, gt=0)
    mllp: Mllp | None = None
    charge_feed: ChargeFeed | None = None

    @property
    def on_loopback(self) -> bool:
        """Whether the service listens on, and is known by, loopback names only."""
        public = urlsplit(self.base_url).hostname if self.base_url else None
        return is_loopback(self.host) and (public is None or is_loopback(public))

    @property
    def open_access(self) -> bool:
        """Whether callers need no key: only on loopback, and only while no authentication was asked for."""
        return self.on_loopback and not self.require_auth and self.oauth is None

    @property
    def over_tls(self) -> bool:
        """Whether browsers reach the service by https (so that cookies may be marked Secure)."""
        return bool(self.tls_cert) or self.tls_by_proxy or bool(self.base_url and self.base_url.startswith("https:"))


def is_loopback(host: str) -> bool:
    """Whether ``host`` (a name or an address) is this machine alone."""
    if host.lower() in LOOPBACK_NAMES:
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def refusals(settings: Settings, *, has_keys: bool) -> list[str]:
    """What must be mended before the service may start, in words an operator can act on."""
    wrong = []
    if not settings.open_access and not has_keys and settings.oauth is None:
        wrong.append(
            "no authentication: create a key first (notecoder keys create NAME --tenant T) or set oauth; "
            "without either the service listens on 127.0.0.1 only"
        )
    if not is_loopback(settings.host) and not settings.tls_cert and not settings.tls_by_proxy:
        wrong.append("no TLS: give --tls-cert and --tls-key, or --tls-by-proxy when a proxy on the way terminates TLS")
    if bool(settings.tls_cert) != bool(settings.tls_key):
        wrong.append("tls_cert and tls_key belong together; one of them is missing")
    if settings.mllp and not is_loopback(settings.mllp.host) and not (settings.mllp.tls_cert and settings.mllp.tls_key):
        wrong.append("mllp listens beyond loopback without TLS: set mllp.tls_cert and mllp.tls_key")
    return wrong


def load_settings(
    *, file: Path | None = None, environ: Mapping[str, str] | None = None, overrides: Mapping[str, Any] | None = None
) -> Settings:
    """Settings from a TOML file, then ``NOTECODER_*`` variables, then ``overrides`` (the command line); later wins.

    Raises ``StartRefused`` for an unknown or impossible value; the message never repeats the value.
    """
    values: dict[str, Any] = {}
    if file is not None:
        try:
            values.update(tomllib.loads(file.read_text("utf-8")))
        except OSError:
            raise StartRefused(f"settings file not found: {file}") from None
        except tomllib.TOMLDecodeError as error:
            raise StartRefused(f"settings file {file} is not TOML: {error}") from None
    for name, value in (environ or {}).items():
        field = name.removeprefix(PREFIX).lower()
        if name.startswith(PREFIX) and field in Settings.model_fields:
            values[field] = tomllib.loads(f"v = {value}")["v"] if value.startswith(("{", "[")) else value
    values.update({name: value for name, value in (overrides or {}).items() if value is not None})
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise StartRefused(f"setting {where}: {first['msg']}") from None
