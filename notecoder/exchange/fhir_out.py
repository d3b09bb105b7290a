"""FHIR R4 out: the claim as a draft ``Claim``, its source as ``Provenance``, what is missing as ``DetectedIssue``.

Evidence travels as the extension ``derivation-reference`` (document, offset, length) on the item or diagnosis it
supports; the rule behind a line as an extension of ours. Codes go without display text. The unit of the offsets is
stated on the Claim, as are disposition and ruleset.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import NAMESPACE_URL, uuid5

from notecoder.exchange.claim_csv import claim_diagnoses

DERIVATION = "http://hl7.org/fhir/StructureDefinition/derivation-reference"
OURS = "urn:notecoder:fhir:"
SYSTEMS = {
    "CPT": "http://www.ama-assn.org/go/cpt",
    "HCPCS": "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
}
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
PLACES = "https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set"
TERMS = "http://terminology.hl7.org/CodeSystem/"
SEVERITIES = {"blocker": "high", "major": "moderate", "minor": "low"}

Json = dict[str, Any]


def result_bundle(
    result: Mapping[str, Any],
    *,
    result_id: str,
    origin: Mapping[str, Any],
    recorded_ms: int,
    decided: Sequence[Mapping[str, Any]] | None = None,
    offset_unit: Literal["codepoints", "utf16"] = "codepoints",
) -> Json:
    """A collection Bundle. ``origin`` is ``FhirNote.origin``; ``decided`` are the coder's lines, if there are any."""
    recorded = datetime.fromtimestamp(recorded_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    claim = _claim(result, result_id=result_id, origin=origin, created=recorded, decided=decided, unit=offset_unit)
    claim_url = _url(result_id, "claim")
    entries = [(claim_url, claim)]
    provenance: Json = {
        "resourceType": "Provenance",
        "target": [{"reference": claim_url}],
        "recorded": recorded,
        "agent": [
            {
                "type": {"coding": [{"system": f"{TERMS}provenance-participant-type", "code": "assembler"}]},
                "who": {"display": f"notecoder ({result['ruleset']})" if result["ruleset"] else "notecoder"},
            }
        ],
    }
    if origin.get("document"):
        provenance["entity"] = [{"role": "source", "what": _document(origin)}]
    entries.append((_url(result_id, "provenance"), provenance))
    for number, gap in enumerate(result["gaps"]):
        entries.append((_url(result_id, f"gap {number}"), _issue(gap, origin=origin, recorded=recorded)))
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": recorded,
        "entry": [{"fullUrl": url, "resource": resource} for url, resource in entries],
    }


def _claim(
    result: Mapping[str, Any],
    *,
    result_id: str,
    origin: Mapping[str, Any],
    created: str,
    decided: Sequence[Mapping[str, Any]] | None,
    unit: str,
) -> Json:
    proposed, context = result["lines"], result["context"]
    lines = proposed if decided is None else decided
    diagnoses = claim_diagnoses(lines)
    spans = {item["code"]: item["evidence"] for item in result["diagnoses"]}
    evidence = {line["code"]: line for line in proposed}
    claim: Json = {
        "resourceType": "Claim",
        "id": result_id,
        "extension": [
            {"url": f"{OURS}disposition", "valueCode": result["disposition"]},
            {"url": f"{OURS}offset-unit", "valueCode": unit},
            *({"url": f"{OURS}reason", "valueString": reason} for reason in result["reasons"]),
        ],
        "status": "draft",
        "type": {"coding": [{"system": f"{TERMS}claim-type", "code": "professional"}]},
        "use": "claim",
        "patient": origin.get("patient") or {"display": "not stated"},
        "created": created,
        "provider": origin.get("author") or {"display": "not stated"},
        "priority": {"coding": [{"system": f"{TERMS}processpriority", "code": "normal"}]},
        "insurance": [{"sequence": 1, "focal": True, "coverage": _coverage(origin, context)}],
    }
    if origin.get("document"):
        claim["supportingInfo"] = [
            {
                "sequence": 1,
                "category": {"coding": [{"system": f"{TERMS}claiminformationcategory", "code": "info"}]},
                "valueReference": _document(origin),
            }
        ]
    if diagnoses:
        claim["diagnosis"] = [
            _with_evidence(
                {"sequence": number, "diagnosisCodeableConcept": {"coding": [{"system": ICD10CM, "code": code}]}},
                spans.get(code, ()),
                origin,
            )
            for number, code in enumerate(diagnoses, 1)
        ]
    if lines:
        claim["item"] = [
            _item(number, line, evidence.get(line["code"]), diagnoses=diagnoses, context=context, origin=origin)
            for number, line in enumerate(lines, 1)
        ]
    return claim


def _item(
    number: int,
    line: Mapping[str, Any],
    proposed: Mapping[str, Any] | None,
    *,
    diagnoses: list[str],
    context: Mapping[str, Any],
    origin: Mapping[str, Any],
) -> Json:
    item: Json = {
        "sequence": number,
        "productOrService": {"coding": [{"system": SYSTEMS[line["system"]], "code": line["code"]}]},
        "quantity": {"value": line["units"]},
    }
    if line["modifiers"]:
        item["modifier"] = [{"coding": [_modifier(modifier)]} for modifier in line["modifiers"]]
    if pointers := [diagnoses.index(code) + 1 for code in line["diagnoses"] if code in diagnoses]:
        item["diagnosisSequence"] = pointers
    if origin.get("document"):
        item["informationSequence"] = [1]
    if context.get("date_of_service"):
        item["servicedDate"] = context["date_of_service"]
    if context.get("place_of_service"):
        item["locationCodeableConcept"] = {"coding": [{"system": PLACES, "code": context["place_of_service"]}]}
    if origin.get("encounter"):
        item["encounter"] = [origin["encounter"]]
    if proposed is None:
        return item
    item = _with_evidence(item, proposed["evidence"], origin)
    steps = [
        {
            "url": f"{OURS}rule-trace",
            "extension": [
                {"url": "rule", "valueCode": step["rule"] or "unnamed"},
                {"url": "says", "valueString": step["says"] or "(not kept)"},
            ],
        }
        for step in proposed["trace"]
    ]
    if steps:
        item["extension"] = [*item.get("extension", ()), *steps]
    return item


def _modifier(modifier: str) -> Json:
    """Two digits (and the numeric CPT ones) are the AMA's list; with a letter they are HCPCS level II."""
    return {"system": SYSTEMS["CPT" if modifier.isdigit() else "HCPCS"], "code": modifier}


def _issue(gap: Mapping[str, Any], *, origin: Mapping[str, Any], recorded: str) -> Json:
    issue: Json = {
        "resourceType": "DetectedIssue",
        "status": "preliminary",
        "code": {"coding": [{"system": f"{OURS}documentation-gap", "code": gap["element"]}], "text": gap["about"]},
        "severity": SEVERITIES[gap["severity"]],
        "identifiedDateTime": recorded,
        "detail": gap["query"],
    }
    if not gap["about"]:
        del issue["code"]["text"]
    if origin.get("patient"):
        issue["patient"] = origin["patient"]
    if origin.get("document"):
        issue["implicated"] = [_document(origin)]
    return _with_evidence(issue, gap["evidence"], origin)


def _with_evidence(element: Json, spans: Sequence[Mapping[str, Any]], origin: Mapping[str, Any]) -> Json:
    extensions = [_derivation(span, origin) for span in spans]
    return {**element, "extension": extensions} if extensions else element


def _derivation(span: Mapping[str, Any], origin: Mapping[str, Any]) -> Json:
    document = span.get("document")
    source = {"reference": document} if document and "/" in document else {"display": document} if document else None
    inner: list[Json] = [
        {"url": "reference", "valueReference": source or _document(origin)},
        {"url": "path", "valueString": "DocumentReference.content[0].attachment"},
        {"url": "offset", "valueInteger": span["start"]},
        {"url": "length", "valueInteger": span["end"] - span["start"]},
    ]
    pages = origin.get("pages") or []
    if pages and not document:
        page = pages[max(0, bisect_right([start for start, _ in pages], span["start"]) - 1)][1]
        return {
            "url": DERIVATION,
            "extension": [
                *inner[:1],
                {"url": "path", "valueString": f"{inner[1]['valueString']}#page={page}"},
                *inner[2:],
            ],
        }
    return {"url": DERIVATION, "extension": inner}


def _document(origin: Mapping[str, Any]) -> Json:
    name = origin.get("document")
    if not name:
        return {"display": "the note as sent"}
    if "|" in name:
        system, value = name.split("|", 1)
        identifier = {"system": system, "value": value} if system else {"value": value}
        return {"type": "DocumentReference", "identifier": identifier}
    return {"reference": name}


def _coverage(origin: Mapping[str, Any], context: Mapping[str, Any]) -> Json:
    if origin.get("coverage"):
        return {"reference": origin["coverage"]}
    return {"display": str(context.get("payer") or "not stated")}


def _url(result_id: str, part: str) -> str:
    return f"urn:uuid:{uuid5(NAMESPACE_URL, f'urn:notecoder:{result_id}:{part}')}"


def outcome(code: str, message: str, *, where: str | None = None, severity: str = "error") -> Json:
    """An OperationOutcome with one issue."""
    issue: Json = {"severity": severity, "code": code, "diagnostics": message}
    if where:
        issue["expression"] = [where]
    return {"resourceType": "OperationOutcome", "issue": [issue]}
