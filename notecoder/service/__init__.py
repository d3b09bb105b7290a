"""The service for coders and EHRs: a REST interface, a page, and the doors of the EHR standards."""

from __future__ import annotations

from notecoder.service.app import Service, create_app
from notecoder.service.serving import open_database, serve
from notecoder.service.settings import Settings, StartRefused, load_settings

__all__ = ["Service", "Settings", "StartRefused", "create_app", "load_settings", "open_database", "serve"]
