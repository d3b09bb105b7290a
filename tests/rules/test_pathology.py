"""Expected lines: rulebook 11.2 with its examples, HC-7, MO-12, gold ehr-003."""

from __future__ import annotations

from typing import Any

import pytest

from notecoder.facts import Biopsy, Mohs, Pathology, PathologySpecimen
from notecoder.rules import pathology


def specimen(tissue: Any = "skin", **more: Any) -> PathologySpecimen:
    return PathologySpecimen(tissue=tissue, **more)


def report(hand: Any, *specimens: PathologySpecimen, prepared: Any = True, read: Any = True, **more: Any) -> Pathology:
    return Pathology(
        act=hand.act(more.pop("status", "performed")),
        target=hand.target(),
        prepared=hand.is_(prepared) if prepared is not None else None,
        read=hand.is_(read) if read is not None else None,
        specimens=specimens,
    )


JARS = (specimen(), specimen(), specimen(), specimen("cyst"))


@pytest.mark.parametrize(
    ("prepared", "read", "group", "lines"),
    [
        (True, True, None, ["88304", "88305 x3"]),
        (False, True, None, ["88304-26", "88305-26 x3"]),
        (True, False, None, ["88304-TC", "88305-TC x3"]),
        (None, True, None, ["88304-26", "88305-26 x3"]),
        (None, True, True, ["88304", "88305 x3"]),
        (True, None, True, ["88304", "88305 x3"]),
        (False, True, True, ["88304-26", "88305-26 x3"]),
    ],
)
def test_work_that_the_note_shows_decides_the_modifier(
    hand: Any, prepared: Any, read: Any, group: bool | None, lines: list[str]
) -> None:
    outcome = hand.run(pathology, report(hand, *JARS, prepared=prepared, read=read), provider_is_pathologist=group)
    assert (outcome.lines, outcome.refused) == (lines, [])


@pytest.mark.parametrize(("prepared", "read"), [(False, False), (None, None), (None, False)])
def test_jar_that_was_sent_away_has_no_line(hand: Any, prepared: Any, read: Any) -> None:
    outcome = hand.run(pathology, report(hand, *JARS, prepared=prepared, read=read), provider_is_pathologist=True)
    assert (outcome.lines, outcome.refused) == ([], ["88305 PA-04", "88304 PA-04"])


def test_hospital_owns_the_technical_work(hand: Any) -> None:
    assert hand.run(pathology, report(hand, specimen()), place_of_service="22").lines == ["88305-26"]


@pytest.mark.parametrize(
    ("tissue", "code"),
    [
        ("gross_only", "88300"),
        ("redundant_skin", "88302"),
        ("cyst", "88304"),
        ("tag", "88304"),
        ("lipoma", "88304"),
        ("debridement", "88304"),
        ("abscess", "88304"),
        ("nail", "88304"),
        ("skin", "88305"),
        ("lymph_node", "88305"),
        ("soft_tissue", "88307"),
    ],
)
def test_level_goes_by_the_tissue(hand: Any, tissue: Any, code: str) -> None:
    assert hand.run(pathology, report(hand, specimen(tissue))).lines == [code]


def test_rash_with_stain_and_immunofluorescence(hand: Any) -> None:
    outcome = hand.run(
        pathology, report(hand, specimen(organism_stains=1), specimen(immunofluorescence=5, routine=False))
    )
    assert outcome.lines == ["88305", "88312", "88346", "88350 x4"]


def test_antibodies_are_first_and_further_on_each_specimen(hand: Any) -> None:
    assert hand.run(pathology, report(hand, specimen(antibodies=3))).lines == ["88305", "88342", "88341 x2"]
    two = report(hand, specimen(antibodies=3), specimen(antibodies=1))
    assert hand.run(pathology, two).lines == ["88305 x2", "88342 x2", "88341 x2"]


def test_other_work_on_a_specimen(hand: Any) -> None:
    work = specimen(other_stains=2, frozen_blocks=3, decalcified=True)
    assert hand.run(pathology, report(hand, work)).lines == ["88305", "88311", "88313 x2", "88331", "88332 x2"]


def test_lesions_of_the_specimens_are_those_of_the_line(hand: Any) -> None:
    biopsies = [
        Biopsy(act=hand.act(), target=hand.target(site, dx=(term,)))
        for site, term in (("leg", "basal_cell_carcinoma"), ("chest", "inflamed_seborrheic_keratosis"))
    ]
    parts = [specimen(target=item.target.id) for item in biopsies]
    outcome = hand.run(pathology, report(hand, *parts), *biopsies)
    assert outcome.lines == ["88305 x2"]
    assert outcome.drafts[0].targets == tuple(item.target.id for item in biopsies)
    assert [item.term for item in outcome.drafts[0].diagnoses] == [
        "basal_cell_carcinoma",
        "inflamed_seborrheic_keratosis",
    ]


def test_tissue_of_mohs_surgery_is_not_billed_again(hand: Any) -> None:
    tumor = hand.target("nose", dx=("basal_cell_carcinoma",))
    debulked = report(hand, specimen(target=tumor.id), specimen(target="other"))
    outcome = hand.run(pathology, debulked, Mohs(act=hand.act(), target=tumor))
    assert (outcome.lines, outcome.refused) == (["88305"], ["88305 MO-12"])


def test_report_without_specimens_asks(hand: Any) -> None:
    outcome = hand.run(pathology, report(hand))
    assert (outcome.lines, outcome.gaps) == ([], ["specimen.count"])


def test_planned_sections_are_only_considered(hand: Any) -> None:
    outcome = hand.run(pathology, report(hand, specimen(), status="planned"))
    assert (outcome.lines, outcome.refused) == ([], ["88305 0.4"])
