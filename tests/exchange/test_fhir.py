"""FHIR R4: signed notes in, draft claims out, checked against the R4B models."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest
from exchange_samples import COVERAGE, attachment, bundle, pdf, reference
from fake_coder import code
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.capabilitystatement import CapabilityStatement
from fhir.resources.R4B.operationoutcome import OperationOutcome
from service_fixtures import NOTE, Live

from notecoder.exchange.fhir_in import FhirRefused, read_fhir
from notecoder.exchange.fhir_out import DERIVATION, outcome, result_bundle

ENCOUNTER = {
    "resourceType": "Encounter",
    "id": "e",
    "status": "finished",
    "class": {"code": "AMB"},
    "type": [{"text": "Dermatology new patient visit"}],
    "location": [{"location": {"reference": "Location/l"}}],
    "period": {"start": "2026-11-10T09:00:00Z"},
}
LOCATION = {
    "resourceType": "Location",
    "id": "l",
    "type": [{"coding": [{"system": "https://www.cms.gov/place-of-service-codes", "code": "22"}]}],
}
REPORT = {
    "resourceType": "DiagnosticReport",
    "id": "r",
    "status": "final",
    "effectiveDateTime": "2026-11-14",
    "code": {"text": "Pathology"},
    "conclusion": "Punch biopsy: basal cell carcinoma.",
}


def test_encounter_coverage_and_location_give_the_context() -> None:
    (note,) = read_fhir(bundle(reference(), ENCOUNTER, LOCATION, COVERAGE, REPORT))
    assert note.text == NOTE
    assert note.context == {
        "date_of_service": "2026-11-10",
        "place_of_service": "22",
        "patient_status": "new",
        "payer": "medicare",
        "clinician_id": "Practitioner/d",
        "encounter_id": "Encounter/e",
    }
    assert note.documents == (
        {"id": "DiagnosticReport/r", "kind": "pathology", "date": "2026-11-14", "text": REPORT["conclusion"]},
    )


@pytest.mark.parametrize(
    ("coverage", "payer"),
    [
        ({"type": {"text": "Medicare Advantage"}}, "medicare"),
        ({"payor": [{"display": "State Medicaid"}], "type": None}, "medicaid"),
        ({"payor": [{"display": "Blue Something"}], "type": None}, "commercial"),
        ({"status": "cancelled"}, None),
    ],
)
def test_payer_is_read_from_the_coverage(coverage: dict[str, Any], payer: str | None) -> None:
    (note,) = read_fhir(bundle(reference(), {**COVERAGE, **coverage}))
    assert note.context.get("payer") == payer


@pytest.mark.parametrize(("code_", "place"), [("AMB", "11"), ("EMER", "23"), ("IMP", "21"), ("HH", "12")])
def test_class_of_the_encounter_gives_the_place(code_: str, place: str) -> None:
    (note,) = read_fhir(bundle(reference(), {**ENCOUNTER, "class": {"code": code_}}))
    assert note.context["place_of_service"] == place


def test_notes_of_one_encounter_are_read_together_and_others_apart() -> None:
    second = reference("Punch biopsy.", id="doc-2", date="2026-11-11")
    apart = reference("Other.", id="doc-3", context={"encounter": [{"reference": "Encounter/x"}]})
    notes = read_fhir(bundle(second, reference(), apart))
    assert [(note.document, [item["id"] for item in note.documents]) for note in notes] == [
        ("DocumentReference/doc-1", ["DocumentReference/doc-2"]),
        ("DocumentReference/doc-3", []),
    ]


def test_replaced_note_is_left_out_and_named() -> None:
    new = reference(
        "New.", id="doc-2", relatesTo=[{"code": "replaces", "target": {"reference": "DocumentReference/doc-1"}}]
    )
    (note,) = read_fhir(bundle(reference(), new))
    assert (note.text, note.replaces, note.documents) == ("New.", "DocumentReference/doc-1", ())


@pytest.mark.parametrize(
    "resource",
    [
        reference(docStatus="preliminary"),
        reference(status="superseded"),
        reference(content=[]),
        reference(content=[{"attachment": {"url": "http://169.254.169.254/"}}]),
        reference(content=[{"attachment": {"contentType": "text/plain", "data": "!"}}]),
        reference(content=[{"attachment": attachment(b"x", "text/plain", hash="AAAA")}]),
        reference(content=[{"attachment": attachment(b"x", "image/png")}]),
        reference("  "),
        {"resourceType": "Patient"},
        bundle(),
        {"resourceType": "Bundle"},
        [],
    ],
)
def test_what_cannot_be_used_is_refused(resource: Any) -> None:
    with pytest.raises(FhirRefused):
        read_fhir(resource)


def test_attachment_hash_is_checked_and_kinds_are_read() -> None:
    data = b"<p>Shave biopsy.</p>"
    said = base64.b64encode(hashlib.sha1(data).digest()).decode()
    html = reference(content=[{"attachment": attachment(data, "text/html", hash=said)}])
    assert read_fhir(html)[0].text == "Shave biopsy.\n"
    note = read_fhir(reference(content=[{"attachment": attachment(pdf("One.", "Two."), "application/pdf")}]))[0]
    assert note.text == "One.\nTwo.\n" and note.origin["pages"] == [[0, 1], [5, 2]]


def claim_bundle(**origin: Any) -> dict[str, Any]:
    (note,) = read_fhir(bundle(reference(), COVERAGE))
    result = code(note.text.replace("6 mm", "a"), context=note.context).model_dump(mode="json")
    return result_bundle(result, result_id="0" * 32, origin={**note.origin, **origin}, recorded_ms=1_790_000_000_000)


def test_claim_provenance_and_issue_are_valid_r4() -> None:
    made = claim_bundle()
    Bundle.model_validate(made)
    claim, provenance, issue = (entry["resource"] for entry in made["entry"])
    assert (claim["status"], claim["use"]) == ("draft", "claim")
    item = claim["item"][0]
    assert item["productOrService"] == {"coding": [{"system": "http://www.ama-assn.org/go/cpt", "code": "11102"}]}
    assert item["diagnosisSequence"] == [1]
    derivation = next(one for one in item["extension"] if one["url"] == DERIVATION)
    parts = {one["url"]: one for one in derivation["extension"]}
    text = NOTE.replace("6 mm", "a")
    start, length = parts["offset"]["valueInteger"], parts["length"]["valueInteger"]
    assert text[start : start + length] == "Shave biopsy of the left cheek papule"
    assert parts["reference"]["valueReference"] == {"reference": "DocumentReference/doc-1"}
    assert provenance["entity"][0]["what"] == {"reference": "DocumentReference/doc-1"}
    assert (issue["severity"], issue["code"]["coding"][0]["code"]) == ("moderate", "lesion.size")
    assert "display" not in json.dumps(claim["item"])


def test_page_of_a_pdf_is_named_in_the_path() -> None:
    item = claim_bundle(pages=[[0, 1], [20, 2]])["entry"][0]["resource"]["item"][0]
    paths = [part["valueString"] for one in item["extension"] for part in one["extension"] if part["url"] == "path"]
    assert paths == ["DocumentReference.content[0].attachment#page=2"]


def test_outcome_is_valid_r4() -> None:
    OperationOutcome.model_validate(outcome("required", "expected entries", where="Bundle.entry"))


def test_door_describes_itself(live: Live) -> None:
    CapabilityStatement.model_validate(live.client.get("/fhir/metadata").json())


def test_door_codes_supersedes_and_withdraws(live: Live) -> None:
    def post(resource: dict[str, Any]) -> Any:
        return live.client.post("/fhir/$code-note", json=resource, headers={"Content-Type": "application/fhir+json"})

    first = post(bundle(reference(), ENCOUNTER, COVERAGE))
    assert first.status_code == 200 and first.headers["content-type"] == "application/fhir+json"
    Bundle.model_validate(first.json())
    first_id = first.json()["entry"][0]["resource"]["id"]
    amended = post(reference(NOTE + "Addendum.", docStatus="amended"))
    amended_id = amended.json()["entry"][0]["resource"]["id"]
    earlier = live.client.get(f"/v1/results/{first_id}").json()
    assert (earlier["state"], earlier["superseded_by"]) == ("superseded", amended_id)
    Bundle.model_validate(live.client.get(f"/v1/results/{amended_id}/fhir").json())
    assert post(reference(status="entered-in-error")).status_code == 200
    assert live.client.get(f"/v1/results/{amended_id}").json()["state"] == "withdrawn"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (reference(docStatus="preliminary"), 422),
        ({"resourceType": "Bundle", "entry": 3}, 422),
        ({"resourceType": "DocumentReference", "status": "current", "content": "x", "author": 3, "context": []}, 422),
        ([1], 400),
        (reference(date="2031-01-01", context={}), 409),
        (reference(date=None, context={}), 422),
    ],
)
def test_door_answers_refusals_as_operation_outcome(live: Live, body: Any, status: int) -> None:
    answer = live.client.post("/fhir/$code-note", json=body)
    assert answer.status_code == status
    OperationOutcome.model_validate(answer.json())
