"""Commands of the service: ``serve``, ``keys``, ``export-decisions``.

The secret of a key is printed once, when it is made. Every command takes its settings as the service does: a TOML
file, ``NOTECODER_*`` variables, then options.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from notecoder.service.decisions import regression_cases
from notecoder.service.serving import open_database
from notecoder.service.serving import serve as serve_service
from notecoder.service.settings import Settings, StartRefused, load_settings
from notecoder.service.store import access, audit

app = typer.Typer(no_args_is_help=True, help="The page for coders and the door for EHRs.")
keys = typer.Typer(no_args_is_help=True, help="API keys: one for each person or system.")
app.add_typer(keys, name="keys")

ConfigFile = Annotated[Path | None, typer.Option("--config", help="Settings as TOML.")]
DatabaseUrl = Annotated[str | None, typer.Option("--database", help="sqlite:///FILE or postgresql://USER@HOST/NAME.")]
COMMAND_LINE = "command line"


@contextmanager
def _refusing() -> Iterator[None]:
    """One line and exit status 2 for settings or arguments that cannot be used."""
    try:
        yield
    except (StartRefused, ValueError) as refused:
        typer.echo(f"notecoder: {refused}", err=True)
        raise typer.Exit(2) from None


def _settings(config: Path | None, **overrides: object) -> Settings:
    return load_settings(file=config, environ=os.environ, overrides=overrides)


@app.command()
def serve(
    config: ConfigFile = None,
    database: DatabaseUrl = None,
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; beyond loopback a key and TLS are needed.")
    ] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535)] = None,
    tls_cert: Annotated[Path | None, typer.Option(help="Certificate chain (PEM).")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Its private key (PEM).")] = None,
    tls_by_proxy: Annotated[bool | None, typer.Option("--tls-by-proxy", help="A proxy terminates TLS.")] = None,
    require_auth: Annotated[bool | None, typer.Option("--require-auth", help="Ask for a key on loopback too.")] = None,
    keep: Annotated[str | None, typer.Option(help="nothing, results (default: without text) or all.")] = None,
) -> None:
    """Serve the API and the page for coders."""
    with _refusing():
        serve_service(
            _settings(
                config,
                database_url=database,
                host=host,
                port=port,
                tls_cert=tls_cert,
                tls_key=tls_key,
                tls_by_proxy=tls_by_proxy,
                require_auth=require_auth,
                keep=keep,
            )
        )


@keys.command("create")
def create(
    name: Annotated[str, typer.Argument(help="The person or system; the audit log names it.")],
    tenant: Annotated[str, typer.Option(help="The practice whose results the key sees.")] = "local",
    scope: Annotated[
        list[str] | None, typer.Option(help="code, read, decide, admin; repeat. Default: the first three.")
    ] = None,
    days: Annotated[float | None, typer.Option(min=0, help="Ends after so many days.")] = None,
    config: ConfigFile = None,
    database: DatabaseUrl = None,
) -> None:
    """Make a key and print it once."""
    with _refusing():
        opened = open_database(_settings(config, database_url=database))
        with opened.write() as connection:
            row, secret = access.create_key(
                connection,
                tenant=tenant,
                name=name,
                scopes=tuple(scope) if scope else ("code", "read", "decide"),
                days=days,
            )
            audit.record(connection, tenant=tenant, subject=COMMAND_LINE, action="key.created", object=row.key_id)
        opened.close()
    typer.echo(secret)


@keys.command("list")
def listed(
    tenant: Annotated[str | None, typer.Option()] = None, config: ConfigFile = None, database: DatabaseUrl = None
) -> None:
    """All keys, without their secrets."""
    with _refusing():
        opened = open_database(_settings(config, database_url=database))
        with opened.read() as connection:
            rows = access.list_keys(connection, tenant=tenant)
        opened.close()
    for row in rows:
        state = "usable" if row.usable else "revoked" if row.revoked else "expired"
        end = (
            ""
            if row.expires is None
            else f" until {datetime.fromtimestamp(row.expires / 1000, UTC):%Y-%m-%d %H:%M} UTC"
        )
        typer.echo(f"{row.key_id}  {row.tenant}  {row.name}  {','.join(row.scopes)}  {state}{end}")


@keys.command("rotate")
def rotate(
    key_id: Annotated[str, typer.Argument(help="As keys list shows it.")],
    grace_hours: Annotated[float, typer.Option(min=0, help="The old key works so long.")] = access.ROTATION_GRACE_HOURS,
    config: ConfigFile = None,
    database: DatabaseUrl = None,
) -> None:
    """Make a successor of a key and print it once; the old key ends after the grace period."""
    with _refusing():
        opened = open_database(_settings(config, database_url=database))
        with opened.write() as connection:
            made = access.rotate_key(connection, key_id=key_id, grace_hours=grace_hours)
            if made is None:
                raise StartRefused("there is no usable key with this id; see notecoder keys list")
            row, secret = made
            audit.record(connection, tenant=row.tenant, subject=COMMAND_LINE, action="key.rotated", object=key_id[:24])
        opened.close()
    typer.echo(secret)


@keys.command("revoke")
def revoke(
    key_id: Annotated[str, typer.Argument(help="As keys list shows it.")],
    config: ConfigFile = None,
    database: DatabaseUrl = None,
) -> None:
    """End a key and its sessions now."""
    with _refusing():
        opened = open_database(_settings(config, database_url=database))
        with opened.write() as connection:
            found = access.find_key(connection, key_id=key_id)
            if found is None or not access.revoke_key(connection, key_id=key_id):
                raise StartRefused("there is no such key, or it was revoked before; see notecoder keys list")
            audit.record(connection, tenant=found.tenant, subject=COMMAND_LINE, action="key.revoked", object=key_id)
        opened.close()
    typer.echo("revoked")


@app.command("export-decisions")
def export_decisions(
    out: Annotated[Path | None, typer.Option("--out", "-o", help="JSON lines file; default: standard output.")] = None,
    tenant: Annotated[str | None, typer.Option()] = None,
    config: ConfigFile = None,
    database: DatabaseUrl = None,
) -> None:
    """Decided results as regression cases: proposed, billed, and why. With text only while the policy keeps it."""
    with _refusing():
        opened = open_database(_settings(config, database_url=database))
        with opened.write() as connection:
            lines = [
                json.dumps(case, ensure_ascii=False)
                for case in regression_cases(connection, database=opened, tenant=tenant)
            ]
        opened.close()
    body = "".join(f"{line}\n" for line in lines)
    if out is None:
        sys.stdout.write(body)
    else:
        handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(body)
        typer.echo(f"{len(lines)} cases", err=True)


if __name__ == "__main__":
    app()
