"""The figures of a small gold set, worked out by hand; and beside the project's scorer where that is at hand."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from notecoder.errors import NoteError
from notecoder.review.evaluate import evaluate, gold_notes, report

SCORER = Path(__file__).resolve().parents[3] / "shared" / "eval" / "score.py"
A = "LN2 to the forehead AK. Then a shave biopsy of the left cheek."
B = "Acne is worse, start doxycycline. Two warts frozen."
C = "Punch of the back."


def span(text: str, quote: str) -> dict[str, Any]:
    start = text.index(quote)
    return {"start": start, "end": start + len(quote), "text": quote}


def line(
    code: str, dx: list[str], evidence: list[Any], *modifiers: str, key: str = "diagnoses", units: int = 1
) -> dict[str, Any]:
    return {"code": code, "units": units, "modifiers": list(modifiers), key: dx, "evidence": evidence}


GOLD = [
    {"id": "a", "text": A, "gaps": [], "gaps_optional": ["consent"],
     "lines": [line("11102", ["D49.2"], ["shave biopsy"], key="dx"), line("17000", ["L57.0"], ["LN2"], "59", key="dx")],
     "alternates": [[line("11102", ["D49.2"], ["shave biopsy"], key="dx")]]},
    {"id": "b", "text": B, "gaps": [{"element": "lesion.count"}], "not_coded": [{"code": "99214", "why": "level"}],
     "lines": [line("99213", ["L70.0"], ["Acne is worse"], "25", key="dx"), line("17110", ["B07.8"], ["Two warts frozen"], key="dx")]},
    {"id": "c", "text": C, "lines": [line("11104", ["D49.2"], ["Punch"], key="dx")]},
]  # fmt: skip
RESULTS: dict[str, dict[str, Any]] = {
    "a": {"id": "a", "disposition": "ready", "gaps": [{"element": "consent"}],
          "lines": [line("11102", ["D49.2"], [span(A, "shave biopsy of the left cheek")]),
                    line("17000", ["L57.0"], [span(A, "LN2")], "XS")]},
    "b": {"id": "b", "disposition": "review", "gaps": [],
          "lines": [line("99214", ["L70.0"], [span(B, "Acne is worse")], "25"),
                    line("17110", ["B07.9"], [{**span(B, "Two warts frozen"), "text": "two warts"}])]},
    "c": {"id": "c", "error": {"code": "empty_note", "message": "..."}},
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for note in GOLD:
        (tmp_path / f"{note['id']}.json").write_text(json.dumps(note), encoding="utf-8")
    (tmp_path / "index.json").write_text("[]", encoding="utf-8")
    return tmp_path


def test_figures_are_those_worked_out_by_hand(folder: Path) -> None:
    found = evaluate(gold_notes(folder), RESULTS)
    third = 1 / 3
    assert {name: value if not isinstance(value, tuple) else [round(v, 3) for v in value] for name, value in found.figures.items()} == {
        "notes": 3,
        "unanswered": 1,
        "code P/R/F1": [0.75, 0.6, 0.667],
        "line P/R/F1": [0.75, 0.6, 0.667],
        "procedure P/R/F1": [1.0, 0.75, 0.857],
        "E/M P/R/F1": [0.0, 0.0, 0.0],
        "false E/M": 0,
        "25 right": 1.0,
        "exact": third,
        "dx primary": 2 / 3,
        "dx P/R/F1": [0.667, 0.667, 0.667],
        "evidence": 2 / 5,
        "span chars": 13,
        "bad spans": 1,
        "gap P/R/F1": [0.0, 0.0, 0.0],
        "forbidden": 1,
        "ready": third,
        "ready exact": 1.0,
    }  # fmt: skip
    assert {name: count for name, (_, count) in found.families.items()} == {"E/M": 1, "biopsy": 2, "destruction": 2}
    assert found.misses == [
        "b: missed [99213-25]; wrong [99214-25]; right [17110]",
        "c: missed [11104]; wrong [nothing]; right [nothing]",
    ]


def test_an_alternate_may_be_the_better_claim(folder: Path) -> None:
    only_biopsy = {"a": {**RESULTS["a"], "lines": RESULTS["a"]["lines"][:1]}}
    found = evaluate({"a": gold_notes(folder)["a"]}, only_biopsy)
    assert found.figures["exact"] == 1.0


def test_units_and_modifiers_make_a_line_wrong(folder: Path) -> None:
    lines = [line("11102", ["D49.2"], [span(A, "shave")], units=2), line("17000", ["L57.0"], [span(A, "LN2")])]
    found = evaluate({"a": gold_notes(folder)["a"]}, {"a": {**RESULTS["a"], "lines": lines}})
    assert found.figures["exact"] == 0.0 and found.figures["code P/R/F1"] == (1.0, 1.0, 1.0)
    assert found.misses == ["a: missed [11102, 17000-59]; wrong [11102 x2, 17000]; right [nothing]"]


@pytest.mark.parametrize(
    ("change", "bad"),
    [({"end": 500}, 1), ({"start": -1}, 1), ({"text": ""}, 1), ({"start": "x"}, 1), ({}, 0)],
)
def test_a_span_that_does_not_quote_the_note_is_bad(folder: Path, change: dict[str, Any], bad: int) -> None:
    lines = [line("11102", ["D49.2"], [{**span(A, "shave biopsy"), **change}])]
    found = evaluate({"a": gold_notes(folder)["a"]}, {"a": {**RESULTS["a"], "lines": lines}})
    assert found.figures["bad spans"] == bad


def test_report_prints_figures_families_and_misses(folder: Path) -> None:
    text = report(evaluate(gold_notes(folder), RESULTS), misses=1)
    assert "line P/R/F1       0.750 / 0.600 / 0.667" in text
    assert "  biopsy                     1.000 / 0.500 / 0.667  (2)" in text
    assert "misses (1 of 2)" in text and text.count("missed [") == 1


def test_a_folder_without_gold_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoteError) as raised:
        gold_notes(tmp_path)
    assert raised.value.code == "file_not_found"


@pytest.fixture(scope="module")
def scorer() -> ModuleType:
    if not SCORER.exists():
        pytest.skip("the project's scorer is not at hand: figures are compared only with those worked out by hand")
    spec = importlib.util.spec_from_file_location("scorer", SCORER)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_figures_are_those_of_the_scorer(folder: Path, scorer: ModuleType) -> None:
    found = evaluate(gold_notes(folder), RESULTS)
    figures, misses, families = scorer.score(scorer.load_gold(folder), RESULTS)
    assert (found.figures, found.misses, found.families) == (figures, misses, families)


def test_a_claim_with_everything_swapped_scores_the_same_in_both(folder: Path, scorer: ModuleType) -> None:
    golds = {**gold_notes(folder)}
    swapped = {"a": RESULTS["b"], "b": RESULTS["a"], "c": {**RESULTS["a"], "lines": []}}
    found = evaluate(golds, swapped)
    assert (found.figures, found.misses, found.families) == scorer.score(golds, swapped)
