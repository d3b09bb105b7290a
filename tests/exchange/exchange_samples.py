"""Files and resources that the exchange tests send."""

from __future__ import annotations

import base64
from typing import Any

from exchange_pdf import pdf
from service_fixtures import NOTE

__all__ = ["COVERAGE", "attachment", "bundle", "pdf", "reference"]


def reference(text: str = NOTE, **changed: Any) -> dict[str, Any]:
    """A signed DocumentReference."""
    resource = {
        "resourceType": "DocumentReference",
        "id": "doc-1",
        "status": "current",
        "docStatus": "final",
        "type": {"coding": [{"system": "http://loinc.org", "code": "11506-3"}]},
        "subject": {"reference": "Patient/p"},
        "date": "2026-11-10T10:00:00-05:00",
        "author": [{"reference": "Practitioner/d", "display": "D."}],
        "content": [{"attachment": attachment(text.encode(), "text/plain")}],
        "context": {"encounter": [{"reference": "Encounter/e"}], "period": {"start": "2026-11-10"}},
        **changed,
    }
    return {name: value for name, value in resource.items() if value is not None}


def attachment(data: bytes, media: str, **more: str) -> dict[str, str]:
    return {"contentType": media, "data": base64.b64encode(data).decode(), **more}


def bundle(*resources: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in resources]}


COVERAGE = {
    "resourceType": "Coverage",
    "id": "c",
    "status": "active",
    "beneficiary": {"reference": "Patient/p"},
    "type": {"coding": [{"system": "https://nahdo.org/sopt", "code": "11"}]},
    "payor": [{"display": "CMS"}],
}
