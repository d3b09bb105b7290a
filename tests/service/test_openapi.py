"""The OpenAPI description is true: generated requests find nothing, and its examples work as they stand."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from service_fixtures import Live, running

from notecoder.service import Settings


def test_examples_of_the_description_work(live: Live) -> None:
    schema = live.client.get("/openapi.json").json()
    forms = schema["components"]["schemas"]
    for name, path in (("NoteForm", "/v1/notes:code"), ("BatchForm", "/v1/notes:batch")):
        for example in forms[name]["examples"]:
            assert live.client.post(path, json=example).status_code in {200, 202}
    result_id = live.code("6 mm. Shave biopsy.\nPunch biopsy.").json()["result_id"]
    (decision,) = forms["DecisionForm"]["examples"]
    assert live.client.post(f"/v1/results/{result_id}/decision", json=decision).status_code == 200


def test_every_operation_documents_its_errors_in_the_one_shape(live: Live) -> None:
    schema = live.client.get("/openapi.json").json()
    checked = 0
    for path, operations in schema["paths"].items():
        for operation in operations.values():
            for status, answer in operation["responses"].items():
                if status[0] in "45":
                    checked += 1
                    media = set(answer.get("content", {}))
                    assert media <= {"application/problem+json", "application/fhir+json"}, (path, status)
    assert checked > 60


def test_generated_requests_find_nothing(sqlite_settings: Settings, tmp_path: Path) -> None:
    with running(sqlite_settings) as live:
        found = subprocess.run(
            [
                str(Path(sys.executable).parent / "schemathesis"),
                "run",
                f"{live.base}/openapi.json",
                "--max-examples=25",
                "--seed=7",
                "--no-color",
                "--suppress-health-check=all",
            ],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            check=False,
            timeout=500,
        )
    assert found.returncode == 0, found.stdout[-6000:]
