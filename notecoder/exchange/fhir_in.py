"""FHIR R4 in: a signed note as ``DocumentReference``, alone or in a ``Bundle`` with what surrounds it.

Of a Bundle are used: DocumentReference (the notes), Encounter (place of service, new or established, day), Coverage
(payer), Location (a CMS place-of-service code, which wins over the class), DiagnosticReport (pathology). Notes of one
encounter are coded together. Only signed notes count: ``docStatus`` final or amended (or not stated). A note that
``relatesTo`` another as its replacement supersedes it; one that is entered in error is withdrawn.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import Field

from notecoder.evidence import Frozen
from notecoder.exchange.extract import Extracted, Unreadable, extract, sniff

PLACE_OF_CLASS = {
    "AMB": "11",
    "EMER": "23",
    "IMP": "21",
    "ACUTE": "21",
    "NONAC": "21",
    "OBSENC": "22",
    "SS": "22",
    "HH": "12",
    "VR": "10",
}
KIND_OF_TYPE = {"11504-8": "operative", "28570-0": "operative", "11526-1": "pathology", "60567-5": "pathology"}
SIGNED = frozenset({"final", "amended"})
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
NEW_VISIT = re.compile(r"\bnew (patient|pt)\b|\b9920[2-5]\b|\b9938\d\b", re.IGNORECASE)
SEEN_BEFORE = re.compile(r"\bestablished\b|\bfollow[- ]?up\b|\breturn(ing)? patient\b|\b9921[1-5]\b", re.IGNORECASE)

Resource = Mapping[str, Any]


class FhirRefused(ValueError):
    """The resource cannot be used. ``code`` is an IssueType; ``where`` a FHIRPath of the element."""

    def __init__(self, code: str, message: str, *, where: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.where = where


class FhirNote(Frozen):
    """A note (with the documents of its encounter) ready to code, or one to withdraw."""

    document: str
    text: str = ""
    context: dict[str, Any] = Field(default_factory=dict)
    documents: tuple[dict[str, Any], ...] = ()
    replaces: str | None = None
    withdrawn: bool = False
    origin: dict[str, Any] = Field(default_factory=dict)


def read_fhir_plain(resource: Any) -> dict[str, Any]:
    """``read_fhir`` as plain data: ``{"notes": [...]}`` or ``{"refused": {...}}``; crosses process borders."""
    try:
        return {"notes": [note.model_dump(mode="json") for note in read_fhir(resource)]}
    except FhirRefused as refused:
        return {"refused": {"code": refused.code, "message": refused.message, "where": refused.where}}
    except (AttributeError, TypeError, KeyError, IndexError):
        return {"refused": {"code": "structure", "message": "an element has not its FHIR type", "where": "$this"}}


def read_fhir(resource: Any) -> list[FhirNote]:
    """The notes of a DocumentReference or a Bundle, one for each encounter. Raises ``FhirRefused``."""
    if not isinstance(resource, dict):
        raise FhirRefused("structure", "expected a JSON object", where="$this")
    kind = resource.get("resourceType")
    if kind == "DocumentReference":
        return _notes([resource], {})
    if kind != "Bundle":
        raise FhirRefused("not-supported", "expected a DocumentReference or a Bundle", where="resourceType")
    entries = resource.get("entry")
    if not isinstance(entries, list):
        raise FhirRefused("required", "expected entries", where="Bundle.entry")
    resources: list[Resource] = []
    by_reference: dict[str, Resource] = {}
    for entry in entries:
        inner = entry.get("resource") if isinstance(entry, dict) else None
        if not isinstance(inner, dict):
            continue
        resources.append(inner)
        if isinstance(entry.get("fullUrl"), str):
            by_reference[entry["fullUrl"]] = inner
        by_reference[f"{inner.get('resourceType')}/{inner.get('id')}"] = inner
    return _notes(resources, by_reference)


def _notes(resources: Sequence[Resource], known: Mapping[str, Resource]) -> list[FhirNote]:
    references = [item for item in resources if item.get("resourceType") == "DocumentReference"]
    if not references:
        raise FhirRefused("required", "the Bundle holds no DocumentReference", where="Bundle.entry")
    notes = [
        FhirNote(document=_name(item), withdrawn=True)
        for item in references
        if item.get("status") == "entered-in-error" or item.get("docStatus") == "entered-in-error"
    ]
    current = [item for item in references if _is_signed(item)]
    replaced = {_target(item) for item in current} - {None}
    current = [item for item in current if _name(item) not in replaced]
    if not current and not notes:
        raise FhirRefused(
            "business-rule",
            "no signed note: docStatus must be final or amended and status current",
            where="DocumentReference.docStatus",
        )
    groups: dict[str, list[Resource]] = {}
    for item in current:
        encounter = _references(_part(item, "context").get("encounter"))
        groups.setdefault(encounter[0] if encounter else f"alone {_name(item)}", []).append(item)
    single = len(groups) == 1
    notes.extend(_note(encounter, group, resources, known, single=single) for encounter, group in groups.items())
    return notes


def _is_signed(item: Resource) -> bool:
    return item.get("status") == "current" and item.get("docStatus", "final") in SIGNED


def _note(
    encounter: str, group: list[Resource], resources: Sequence[Resource], known: Mapping[str, Resource], *, single: bool
) -> FhirNote:
    group = sorted(group, key=lambda item: (_kind(item) == "pathology", str(item.get("date", ""))))
    main, rest = group[0], group[1:]
    read = _content(main, where="DocumentReference.content")
    visit = known.get(encounter) or next(
        (item for item in resources if single and item.get("resourceType") == "Encounter"), {}
    )
    documents = [
        {"id": _name(item), "kind": _kind(item), "date": _day(item.get("date")), "text": _content(item).text}
        for item in rest
    ]
    documents += [
        found
        for item in resources
        if item.get("resourceType") == "DiagnosticReport"
        and (single or encounter in _references(item.get("encounter")))
        and (found := _report(item))
    ]
    coverage = _coverage(resources, main)
    context = _context(main, visit, coverage, resources, known)
    if not encounter.startswith("alone "):
        context["encounter_id"] = encounter
    return FhirNote(
        document=_name(main),
        text=read.text,
        context=context,
        documents=tuple(documents),
        replaces=_target(main),
        origin={
            "document": _name(main),
            "patient": _reference(main.get("subject")),
            "author": _reference((main.get("author") or [None])[0]),
            "encounter": None if encounter.startswith("alone ") else {"reference": encounter},
            "coverage": f"Coverage/{coverage['id']}" if coverage.get("id") else None,
            "pages": [[segment.start, segment.page] for segment in read.segments] if read.kind == "pdf" else [],
        },
    )


def _context(
    main: Resource, visit: Resource, coverage: Resource, resources: Sequence[Resource], known: Mapping[str, Resource]
) -> dict[str, Any]:
    context: dict[str, Any] = {}
    period = _part(main, "context").get("period")
    for said in (period, visit.get("period")):
        if isinstance(said, dict) and (day := _day(said.get("start"))):
            context["date_of_service"] = day
            break
    else:
        if day := _day(main.get("date")):
            context["date_of_service"] = day
    if place := _place(visit, known):
        context["place_of_service"] = place
    words = " ".join(_words(visit.get("type"))) + " " + " ".join(_words(visit.get("serviceType")))
    if NEW_VISIT.search(words):
        context["patient_status"] = "new"
    elif SEEN_BEFORE.search(words):
        context["patient_status"] = "established"
    if payer := _payer(coverage):
        context["payer"] = payer
    author = _reference((main.get("author") or [None])[0])
    if author and author.get("reference"):
        context["clinician_id"] = author["reference"]
    return context


def _place(visit: Resource, known: Mapping[str, Resource]) -> str | None:
    for location in visit.get("location") or ():
        for name in _references(location.get("location") if isinstance(location, dict) else None):
            for concept in known.get(name, {}).get("type") or ():
                for coding in _codings(concept):
                    if "place-of-service" in str(coding.get("system", "")).lower().replace("_", "-"):
                        return str(coding.get("code"))
    classes = visit.get("class")
    for coding in [classes] if isinstance(classes, dict) else []:
        if place := PLACE_OF_CLASS.get(str(coding.get("code"))):
            return place
    return None


def _coverage(resources: Iterable[Resource], main: Resource) -> Resource:
    subject = _references(main.get("subject"))
    mine = [
        item
        for item in resources
        if item.get("resourceType") == "Coverage"
        and item.get("status", "active") == "active"
        and (not subject or not item.get("beneficiary") or _references(item["beneficiary"]) == subject)
    ]
    return min(mine, key=lambda item: item["order"] if isinstance(item.get("order"), int) else 1, default={})


def _payer(coverage: Resource) -> str | None:
    """Source of Payment Typology (1 Medicare, 2 Medicaid, ...), else the words of type and payor."""
    if not coverage:
        return None
    for coding in _codings(coverage.get("type")):
        if "sopt" in str(coding.get("system", "")).lower():
            return {"1": "medicare", "2": "medicaid"}.get(str(coding.get("code"))[:1], "commercial")
    words = " ".join(_words(coverage.get("type")))
    for payor in coverage.get("payor") or ():
        if isinstance(payor, dict):
            words += f" {payor.get('display', '')}"
    if re.search(r"\bmedicare\b", words, re.IGNORECASE):
        return "medicare"
    return "medicaid" if re.search(r"\bmedicaid\b", words, re.IGNORECASE) else "commercial"


def _report(item: Resource) -> dict[str, Any] | None:
    """A pathology report as a document: its presented form, else its conclusion."""
    if item.get("status") not in {"final", "amended", "corrected", "appended"}:
        return None
    text = ""
    for form in item.get("presentedForm") or ():
        text = _attachment(form, where="DiagnosticReport.presentedForm").text
        break
    text = text or str(item.get("conclusion") or "")
    if not text.strip():
        return None
    day = _day(item.get("effectiveDateTime")) or _day(item.get("issued"))
    return {"id": f"DiagnosticReport/{item.get('id', 'unnamed')}", "kind": "pathology", "date": day, "text": text}


def _content(item: Resource, *, where: str = "DocumentReference.content") -> Extracted:
    contents = item.get("content")
    if not isinstance(contents, list) or not contents:
        raise FhirRefused("required", "expected content with an attachment", where=where)
    usable = [part["attachment"] for part in contents if isinstance(part, dict) and _inline(part.get("attachment"))]
    if not usable:
        raise FhirRefused(
            "not-supported", "expected attachment.data; addresses (attachment.url) are not fetched", where=where
        )
    plain = [one for one in usable if str(one.get("contentType", "")).startswith("text/plain")]
    return _attachment((plain or usable)[0], where=where)


def _inline(attachment: object) -> bool:
    return isinstance(attachment, dict) and isinstance(attachment.get("data"), str)


def _attachment(attachment: Any, *, where: str) -> Extracted:
    if not _inline(attachment):
        raise FhirRefused("not-supported", "expected attachment.data", where=where)
    try:
        data = base64.b64decode("".join(attachment["data"].split()), validate=True)
    except (binascii.Error, ValueError):
        raise FhirRefused("value", "attachment.data is not base64", where=f"{where}.attachment.data") from None
    if isinstance(attachment.get("hash"), str):
        said = hashlib.sha1(data, usedforsecurity=False).digest()
        if base64.b64encode(said).decode() != attachment["hash"].strip():
            raise FhirRefused("value", "attachment.hash does not match the data", where=f"{where}.attachment.hash")
    try:
        return extract(data, sniff(data, str(attachment.get("contentType", ""))))
    except Unreadable as unreadable:
        raise FhirRefused("processing", str(unreadable), where=f"{where}.attachment") from None


def _name(item: Resource) -> str:
    """How the sender names the document: its master identifier, else its id."""
    master = item.get("masterIdentifier")
    if isinstance(master, dict) and master.get("value"):
        return f"{master.get('system', '')}|{master['value']}"[:300]
    return f"DocumentReference/{item.get('id', 'unnamed')}"[:300]


def _target(item: Resource) -> str | None:
    for related in item.get("relatesTo") or ():
        if isinstance(related, dict) and related.get("code") == "replaces":
            target = related.get("target")
            identifier = target.get("identifier") if isinstance(target, dict) else None
            if isinstance(identifier, dict) and identifier.get("value"):
                return f"{identifier.get('system', '')}|{identifier['value']}"[:300]
            for name in _references(target):
                return name
    return None


def _kind(item: Resource) -> str:
    for related in item.get("relatesTo") or ():
        if isinstance(related, dict) and related.get("code") == "appends":
            return "addendum"
    for coding in _codings(item.get("type")):
        if found := KIND_OF_TYPE.get(str(coding.get("code"))):
            return found
    return "visit"


def _part(item: Resource, name: str) -> Mapping[str, Any]:
    found = item.get(name)
    return found if isinstance(found, dict) else {}


def _codings(concept: object) -> list[Mapping[str, Any]]:
    found = concept.get("coding") if isinstance(concept, dict) else None
    return [coding for coding in found if isinstance(coding, dict)] if isinstance(found, list) else []


def _words(concepts: object) -> list[str]:
    said = []
    for concept in concepts if isinstance(concepts, list) else [concepts]:
        if isinstance(concept, dict):
            said.append(str(concept.get("text", "")))
            said.extend(f"{coding.get('code', '')} {coding.get('display', '')}" for coding in _codings(concept))
    return said


def _references(value: object) -> list[str]:
    found = value if isinstance(value, list) else [value]
    return [item["reference"] for item in found if isinstance(item, dict) and isinstance(item.get("reference"), str)]


def _reference(value: object) -> dict[str, str] | None:
    if not isinstance(value, dict):
        return None
    said = {name: value[name] for name in ("reference", "display") if isinstance(value.get(name), str)}
    return said or None


def _day(value: object) -> str | None:
    found = DAY.match(value) if isinstance(value, str) else None
    return found[0] if found else None
