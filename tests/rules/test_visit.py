"""Visits: the worked levels 1.12, the modifier-25 examples 2.7 and the telehealth tests 3.6 of the rulebook."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from notecoder.codebook import Codebook
from notecoder.context import EncounterContext, PriorProcedure
from notecoder.evidence import Evidence, Stated
from notecoder.facts import (
    Act,
    Biopsy,
    Destruction,
    Diagnosis,
    DrugInjection,
    Encounter,
    Flap,
    Mohs,
    SutureRemoval,
    Target,
)
from notecoder.facts.common import Drug
from notecoder.facts.visit import DataItem, Judgement, PlanAction, Problem, ToxicityMonitoring, Visit
from notecoder.rules.draft import Concern, Finding, GapDraft, LineDraft, Refusal
from notecoder.rules.visit import propose

DAY = date(2026, 6, 15)
_next = iter(range(10, 10_000_000, 20))


def said(word: str = "words") -> Evidence:
    """A span of its own, that overlaps no other."""
    start = next(_next)
    return Evidence(start=start, end=start + len(word[:15]), text=word[:15])


def yes(value: Any = True) -> Any:
    return Stated(value=value, evidence=(said(),))


def act(action: str, detail: str | None = None, strength: str | None = None) -> PlanAction:
    percent = Decimal(strength) if strength else None
    return PlanAction.model_validate({"action": action, "detail": detail, "strength": percent, "evidence": (said(),)})


def problem(kind: str, *actions: PlanAction, term: str = "psoriasis_vulgaris", **more: Any) -> Problem:
    fields: dict[str, Any] = {
        "id": f"p{next(_next)}", "diagnoses": (Diagnosis(term=term, evidence=(said(),)),), "problem_class": kind,
        "status_words": (said(),), "own_complaint": (said(),), "own_assessment": (said(),), "actions": actions,
        "evidence": (said(),),
    }  # fmt: skip
    return Problem(**(fields | more))


def ordered(*names: str, kind: str = "test_ordered", of: Problem | None = None) -> tuple[DataItem, ...]:
    return tuple(
        DataItem(kind=kind, what=name, problem=of.id if of else None, evidence=(said(),))  # type: ignore[arg-type]
        for name in names
    )


def toxic(drug: str, *tests: str, quarterly: bool | None = True) -> ToxicityMonitoring:
    planned = None if quarterly is None else Stated(value=quarterly, evidence=(said(),))
    return ToxicityMonitoring(drug=drug, tests=tests, at_least_quarterly=planned, evidence=(said(),))


def run(visit: Visit, *procedures: Any, payer: str = "commercial", status: str | None = "established",
        pos: str = "11", prior: tuple[PriorProcedure, ...] = (), **more: Any) -> list[Finding]:  # fmt: skip
    context = EncounterContext.model_validate(
        {"date_of_service": DAY, "payer": payer, "patient_status": status, "place_of_service": pos,
         "prior_procedures": prior}
    )  # fmt: skip
    encounter = Encounter(visit=visit, procedures=procedures, **more)
    return list(propose(encounter, context, Codebook.on(DAY, context.payer)))


def claim(findings: list[Finding]) -> list[str]:
    """Lines as "code-modifier x units"."""
    return [
        "-".join([item.code, *item.modifiers]) + (f" x{item.units}" if item.units > 1 else "")
        for item in findings
        if isinstance(item, LineDraft)
    ]


def considered(findings: list[Finding]) -> list[str]:
    return [item.code for item in findings if isinstance(item, Refusal)]


def gaps(findings: list[Finding]) -> list[str]:
    return [item.element for item in findings if isinstance(item, GapDraft)]


def cryo(*targets: str, evidence: tuple[Evidence, ...] = ()) -> Destruction:
    target = Target(id=targets[0] if targets else "t1")
    return Destruction(act=Act(id="d1", evidence=evidence or (said(),)), target=target)


def injection() -> DrugInjection:
    return DrugInjection(act=Act(id="i1", evidence=(said(),)), target=Target(id="t1"), route="sc",
                         drug=Drug(name="dupilumab"))  # fmt: skip


def shave_biopsy(target: str = "t1") -> Biopsy:
    return Biopsy(act=Act(id="b1", evidence=(said(),)), target=Target(id=target))


def p_of(*problems: Problem, data: tuple[DataItem, ...] = (), **more: Any) -> Visit:
    return Visit(problems=problems, data=data, evidence=(said(),), **more)


LEVELS = [
    ("1 untreated psoriasis", p_of(problem("chronic_stable", act("observation"))), "99212"),
    ("2 two benign findings", p_of(problem("self_limited", act("reassurance")),
                                   problem("self_limited", act("generic_advice"))), "99212"),
    ("3 contact dermatitis, OTC", p_of(problem("acute_uncomplicated", act("otc", "hydrocortisone", "1"))), "99213"),
    ("5 two stable, refilled", p_of(problem("chronic_stable", act("rx_continue", "triamcinolone")),
                                    problem("chronic_stable", act("rx_continue", "tretinoin"))), "99214"),
    ("6 rosacea switched", p_of(problem("chronic_not_at_goal", act("rx_change", "doxycycline"))), "99214"),
    ("8 field clear", p_of(problem("chronic_stable", act("observation"))), "99212"),
    ("9 PDT planned, risk factor", p_of(problem("chronic_not_at_goal", act("future_procedure")),
                                        surgery_decision=yes("minor_risk")), "99214"),
    ("10 methotrexate, at goal", p_of(problem("chronic_stable", act("rx_continue", "methotrexate")),
                                      data=ordered("cbc", "cmp") + ordered("cbc", "cmp", kind="test_reviewed"),
                                      toxicity=(toxic("methotrexate", "cbc", "cmp"),)), "99213"),
    ("11 methotrexate raised", p_of(problem("chronic_not_at_goal", act("rx_change", "methotrexate")),
                                    data=ordered("cbc", "cmp", "hepatic_panel"),
                                    toxicity=(toxic("methotrexate", "cbc"),)), "99214"),
    ("12 pustular, cyclosporine", p_of(problem("chronic_severe", act("rx_start", "cyclosporine")),
                                       data=ordered("cbc", "cmp", "lipid_panel", "magnesium", "urinalysis"),
                                       toxicity=(toxic("cyclosporine", "cmp"),)), "99215"),
    ("13 isotretinoin month 3", p_of(problem("chronic_not_at_goal", act("rx_continue", "isotretinoin")),
                                     data=ordered("hcg", "lft", "lipid_panel"),
                                     toxicity=(toxic("isotretinoin", "lft", "hcg"),)), "99214"),
    ("14 isotretinoin, clear", p_of(problem("chronic_stable", act("rx_continue", "isotretinoin")),
                                    data=ordered("hcg"), toxicity=(toxic("isotretinoin", "hcg"),)), "99213"),
    ("16 SJS sent to burn unit", p_of(problem("threat"), hospital_decision=yes()), "99215"),
    ("17 molluscum, mother tells", p_of(problem("acute_uncomplicated", act("observation")),
                                        data=ordered("mother", kind="historian")), "99213"),
    ("18 melanoma history, clear", p_of(problem("chronic_stable", act("surveillance"))), "99212"),
    ("20 BCC, Mohs planned, apixaban", p_of(problem("chronic_not_at_goal", act("treatment_choice")),
                                            surgery_decision=yes("minor_risk")), "99214"),
    ("21 42 minutes", p_of(problem("chronic_stable", act("observation")), minutes=yes(Decimal(42))), "99215"),
    ("22 29 minutes", p_of(problem("chronic_stable", act("observation")), minutes=yes(Decimal(29))), "99213"),
    ("28 HS, adalimumab", p_of(problem("chronic_not_at_goal", act("rx_start", "adalimumab")),
                               data=ordered("quantiferon", "hepatitis_b", "hepatitis_c")), "99214"),
    ("29 three stable, nothing decided", p_of(problem("chronic_stable"), problem("chronic_stable"),
                                              problem("chronic_stable")), "99212"),
    ("30 scabies", p_of(problem("acute_uncomplicated", act("rx_start", "permethrin", "5"))), "99213"),
]  # fmt: skip


@pytest.mark.parametrize(("visit", "code"), [row[1:] for row in LEVELS], ids=[row[0] for row in LEVELS])
def test_level_is_that_of_the_worked_table(visit: Visit, code: str) -> None:
    assert claim(run(visit)) == [code]


NEW_LEVELS = [
    ("4 acne, drug", p_of(problem("acute_uncomplicated", act("rx_start", "clindamycin"))), "99203"),
    ("7 AD flare", p_of(problem("chronic_not_at_goal", act("rx_start", "triamcinolone"))), "99204"),
    ("15 pemphigoid suspected", p_of(problem("undiagnosed_uncertain", act("rx_start", "prednisone")),
                                     data=ordered("cbc", "cmp", "bp180")
                                     + ordered("outside records", kind="external_note")), "99204"),
]  # fmt: skip


@pytest.mark.parametrize(("visit", "code"), [row[1:] for row in NEW_LEVELS], ids=[row[0] for row in NEW_LEVELS])
def test_level_of_a_new_patient_is_that_of_the_worked_table(visit: Visit, code: str) -> None:
    assert claim(run(visit, status="new")) == [code]


@pytest.mark.parametrize(
    ("minutes", "payer", "status", "expected"),
    [
        (80, "medicare", "new", ["99205"]),
        (80, "commercial", "new", ["99205", "99417"]),
        (69, "medicare", "established", ["99215", "G2212"]),
        (69, "commercial", "established", ["99215", "99417"]),
        (70, "commercial", "established", ["99215", "99417 x2"]),
        (89, "medicare", "new", ["99205", "G2212"]),
    ],
)
def test_prolonged_units_follow_payer_and_minutes(minutes: int, payer: str, status: str, expected: list[str]) -> None:
    visit = p_of(problem("chronic_stable", act("observation")), minutes=yes(Decimal(minutes)))
    assert claim(run(visit, payer=payer, status=status)) == expected


def test_isotretinoin_is_flagged_only_where_the_level_depends_on_it() -> None:
    depends = p_of(problem("chronic_severe", act("rx_continue", "isotretinoin")), data=ordered("hcg"),
                   toxicity=(toxic("isotretinoin", "hcg"),))  # fmt: skip
    findings = run(depends)
    assert claim(findings) == ["99215"]
    assert [item.disposition for item in findings if isinstance(item, Concern)] == ["review"]
    settled = p_of(problem("chronic_stable", act("rx_continue", "isotretinoin")), data=ordered("hcg"),
                   toxicity=(toxic("isotretinoin", "hcg"),))  # fmt: skip
    assert not [item for item in run(settled) if isinstance(item, Concern)]


def test_staff_visit_is_99211_but_never_beside_an_injection() -> None:
    visit = p_of(problem("chronic_stable"), staff_only=yes())
    assert claim(run(visit)) == ["99211"]
    shot = injection()
    assert claim(run(visit, shot)) == []


def test_status_gap_is_raised_only_when_it_would_change_the_level() -> None:
    open_status = problem("chronic_stable", act("rx_continue", "fluticasone"), status_words=())
    assert gaps(run(p_of(open_status))) == ["em.mdm"]
    untreated = problem("chronic_stable", act("observation"), status_words=())
    assert gaps(run(p_of(untreated))) == []


def test_nothing_decided_for_stable_problems_asks_for_the_drug_decision() -> None:
    visit = p_of(*(problem("chronic_stable") for _ in range(3)))
    assert gaps(run(visit)) == ["em.mdm"]


def test_two_stable_problems_are_moderate_but_three_acute_ones_stay_low() -> None:
    stable = p_of(problem("chronic_stable", act("rx_continue", "tretinoin")), problem("chronic_stable"))
    acute = p_of(*(problem("acute_uncomplicated", act("rx_start", "mupirocin")) for _ in range(3)))
    assert (claim(run(stable)), claim(run(acute))) == (["99214"], ["99213"])


def test_ketoconazole_two_percent_is_a_prescription_and_one_percent_is_not() -> None:
    strong = p_of(problem("chronic_not_at_goal", act("rx_start", "ketoconazole", "2")))
    weak = p_of(problem("chronic_not_at_goal", act("rx_start", "ketoconazole", "1")))
    assert (claim(run(strong)), claim(run(weak))) == (["99214"], ["99213"])


def test_unknown_status_is_established_for_review_and_the_note_decides_when_it_speaks() -> None:
    visit = p_of(problem("acute_uncomplicated", act("rx_start", "mupirocin")))
    findings = run(visit, status=None)
    assert (claim(findings), gaps(findings)) == (["99213"], ["patient.status"])
    stated = visit.model_copy(update={"status": yes("new")})
    assert (claim(run(stated, status=None)), gaps(run(stated, status=None))) == (["99203"], [])


def test_encounter_data_win_over_the_note_but_the_contradiction_shows() -> None:
    visit = p_of(problem("chronic_not_at_goal", act("rx_change", "pimecrolimus")), status=yes("new"))
    findings = run(visit, status="established")
    assert (claim(findings), gaps(findings)) == (["99214"], ["note.conflict"])


# 2.7: modifier 25


def biopsied(target: str = "t1") -> Problem:
    return problem("undiagnosed_uncertain", act("procedure"), act("await_pathology"), targets=(target,),
                   differs_from_procedures=False)  # fmt: skip


def test_1_spot_biopsied_new_patient_has_no_visit() -> None:
    findings = run(p_of(biopsied()), shave_biopsy(), status="new")
    assert (claim(findings), considered(findings), gaps(findings)) == ([], ["99202"], [])


def test_2_melanoma_surveillance_beside_a_biopsy_is_99202_25() -> None:
    visit = p_of(problem("chronic_stable", act("surveillance"), own_exam=(said(),)), biopsied())
    assert claim(run(visit, shave_biopsy(), status="new")) == ["99202-25"]


@pytest.mark.parametrize(("kind", "code"), [("chronic_not_at_goal", "99214-25"), ("chronic_stable", "99213-25")])
def test_3_acne_beside_cryotherapy_is_levelled_on_the_acne(kind: str, code: str) -> None:
    acne = problem(kind, act("rx_change", "tretinoin"), act("rx_continue", "spironolactone"), term="acne_vulgaris")
    keratoses = problem("chronic_not_at_goal", act("procedure"), targets=("t1",), differs_from_procedures=False)
    assert claim(run(p_of(keratoses, acne, data=ordered("potassium", of=acne)), cryo())) == [code]


def test_4_field_therapy_with_its_reason_is_supported_and_flagged() -> None:
    field = problem("chronic_not_at_goal", act("procedure"), act("rx_start", "fluorouracil"), targets=("t1",),
                    differs_from_procedures=False, why_beyond_procedure=(said(),))  # fmt: skip
    findings = run(p_of(field), cryo())
    assert claim(findings) == ["99214-25"]
    assert [item.disposition for item in findings if isinstance(item, Concern)] == ["review"]


def test_5_sunscreen_and_return_visit_are_no_visit() -> None:
    visit = p_of(problem("chronic_stable", act("procedure"), act("generic_advice"), targets=("t1",),
                         differs_from_procedures=False))  # fmt: skip
    assert claim(run(visit, cryo())) == []


def test_6_a_full_second_problem_passes_on_a_day_booked_for_mohs() -> None:
    scalp = problem("acute_uncomplicated", act("rx_start", "ketoconazole", "2"), own_exam=(said(),))
    surgery = Mohs(act=Act(id="m1", evidence=(said(),)), target=Target(id="t1"))
    assert claim(run(p_of(scalp, procedure_only_visit=yes()), surgery)) == ["99213-25"]


def test_8_moles_reassured_in_passing_are_no_visit_and_a_worry_examined_goes_to_review() -> None:
    passing = problem("self_limited", act("reassurance"), own_complaint=())
    assert claim(run(p_of(passing), cryo())) == []
    worry = problem("self_limited", act("reassurance"), own_exam=(said(),))
    findings = run(p_of(worry), cryo())
    assert (claim(findings), considered(findings), gaps(findings)) == ([], ["99212"], ["em.separate_problem"])


def test_9_flap_planned_for_tomorrow_and_decided_today_takes_57() -> None:
    decision = problem("chronic_not_at_goal", act("future_procedure"))
    visit = p_of(decision, decision_for_major_today=yes(), major_next_day=yes(), surgery_decision=yes("major"))
    surgery = Mohs(act=Act(id="m1", evidence=(said(),)), target=Target(id="t9"))
    assert claim(run(visit, surgery)) == ["99214-25-57"]


def test_10_flap_decided_and_done_today_takes_57_alone() -> None:
    decision = problem("chronic_not_at_goal", act("procedure"), targets=("t1",), differs_from_procedures=False)
    flap = Flap(act=Act(id="f1", evidence=(said(),)), target=Target(id="t1"))
    visit = p_of(decision, decision_for_major_today=yes(), surgery_decision=yes("major"))
    assert claim(run(visit, flap, status="new")) == ["99204-57"]


def test_tests_ordered_for_another_problem_are_management_that_is_not_procedural() -> None:
    """2.5: an order of laboratory tests is a strong plan action; an over-the-counter drug alone is not."""
    shedding = problem("acute_uncomplicated", act("otc", "minoxidil topical"), own_exam=(said(),))
    assert claim(run(p_of(shedding, data=ordered("tsh", "ferritin", "cbc", of=shedding)), cryo())) == ["99213-25"]
    assert claim(run(p_of(shedding), cryo())) == []


def test_stitches_of_another_practice_are_taken_out_beside_a_visit_without_25() -> None:
    """10.7 and section 11: sutures placed by an unrelated provider are a visit with the add-on."""
    healing = problem(
        "self_limited", act("aftercare"), term="suture_removal", targets=("t1",), differs_from_procedures=False
    )
    removal = SutureRemoval(act=Act(id="s1", evidence=(said(),)), target=Target(id="t1"), placed_elsewhere=yes())
    assert claim(run(p_of(healing), removal, status="new")) == ["99202"]
    assert claim(run(p_of(healing), removal.model_copy(update={"placed_elsewhere": None}), status="new")) == []


def test_a_finding_in_passing_carries_no_pointer_of_the_visit() -> None:
    """4.2: the line points to what was treated or assessed, the treated condition first."""
    passing = problem("self_limited", act("reassurance"), term="seborrheic_keratosis", own_complaint=())
    acne = problem("chronic_not_at_goal", act("rx_start", "doxycycline"), term="acne_vulgaris")
    line = next(item for item in run(p_of(passing, acne)) if isinstance(item, LineDraft))
    assert [d.term for d in line.diagnoses] == ["acne_vulgaris"]


def test_a_service_for_appearance_that_is_billed_on_request_shares_the_day() -> None:
    """CO-01: an excluded service sent in at the patient's wish is on the claim, so the visit beside it takes 25."""
    flare = problem("chronic_not_at_goal", act("rx_start", "tacrolimus"))
    tags = cryo()
    asked = tags.model_copy(update={"act": tags.act.model_copy(update={"cosmetic": yes(), "claim_requested": yes()})})
    kept_off = tags.model_copy(update={"act": tags.act.model_copy(update={"cosmetic": yes()})})
    assert claim(run(p_of(flare), asked, payer="medicare")) == ["99214-25"]
    assert claim(run(p_of(flare), kept_off, payer="medicare")) == ["99214"]


def test_12_injection_by_the_nurse_beside_a_managed_flare_takes_25() -> None:
    flare = problem("chronic_not_at_goal", act("rx_continue", "dupilumab"), act("rx_start", "tacrolimus"))
    shot = injection()
    assert claim(run(p_of(flare), shot)) == ["99214-25"]


def test_13_shingles_five_days_after_an_excision_takes_24() -> None:
    prior = PriorProcedure(code="11602", date=date(2026, 6, 10), global_days=10)
    visit = p_of(problem("acute_uncomplicated", act("rx_start", "valacyclovir"), term="herpes_zoster"))
    assert claim(run(visit, prior=(prior,))) == ["99213-24"]
    over = PriorProcedure(code="11602", date=date(2026, 6, 4), global_days=10)
    assert claim(run(visit, prior=(over,))) == ["99213"]


def test_14_wound_infection_in_the_global_period_is_99024() -> None:
    prior = PriorProcedure(code="11602", date=date(2026, 6, 10), global_days=10)
    visit = p_of(problem("acute_uncomplicated", act("rx_start", "doxycycline"), of_earlier_procedure=yes()),
                 postoperative=yes())  # fmt: skip
    findings = run(visit, prior=(prior,), payer="medicare")
    assert (claim(findings), considered(findings)) == ([], ["99024"])


def test_postoperative_visit_without_a_date_asks_for_it() -> None:
    visit = p_of(problem("chronic_stable", act("observation")), postoperative=yes())
    assert "prior_procedure.date" in gaps(run(visit))


def test_visit_typed_into_a_procedure_note_is_queried_and_not_proposed() -> None:
    findings = run(p_of(biopsied(), levelled=(said(),)), shave_biopsy())
    assert (claim(findings), gaps(findings)) == ([], ["em.separate_problem"])


def test_words_of_the_procedure_never_carry_the_visit() -> None:
    span = said()
    shared = problem("chronic_not_at_goal", PlanAction(action="rx_start", detail="imiquimod", evidence=(span,)),
                     own_assessment=(span,), evidence=(span,))  # fmt: skip
    assert claim(run(p_of(shared), cryo("t1", evidence=(span,)))) == []


def test_judge_decides_the_open_band_only_with_a_wide_margin() -> None:
    def open_case(judged: Judgement | None) -> list[Finding]:
        rash = problem("acute_uncomplicated", act("procedure"), act("rx_start", "triamcinolone"), targets=("t1",),
                       differs_from_procedures=False, judged=judged)  # fmt: skip
        return run(p_of(rash), shave_biopsy())

    wide = open_case(Judgement(label="separate", margin=Decimal("0.80")))
    thin = open_case(Judgement(label="separate", margin=Decimal("0.10")))
    against = open_case(Judgement(label="procedure", margin=Decimal("0.80")))
    assert (claim(wide), claim(thin), claim(against)) == (["99213-25"], [], [])
    assert (gaps(thin), gaps(against)) == (["em.separate_problem"], [])


def test_time_beside_a_procedure_is_used_only_when_it_leaves_the_procedure_out() -> None:
    acne = problem("acute_uncomplicated", act("rx_start", "tretinoin"))
    silent = run(p_of(acne, minutes=yes(Decimal(42))), cryo())
    clear = run(p_of(acne, minutes=yes(Decimal(42)), minutes_exclude_procedure=yes()), cryo())
    assert (claim(silent), gaps(silent)) == (["99213-25"], ["em.time"])
    assert (claim(clear), gaps(clear)) == (["99215-25"], [])


def test_emergency_encounter_has_no_office_visit() -> None:
    visit = p_of(problem("acute_uncomplicated", act("rx_start", "cephalexin")))
    assert claim(run(visit, pos="23")) == []
    assert claim(run(visit, setting=yes("emergency"))) == []


# G2211 (HC-13) and consultations (HC-14)


def test_complexity_add_on_needs_medicare_a_lasting_condition_and_no_25() -> None:
    flare = problem("chronic_not_at_goal", act("rx_change", "secukinumab"))
    visit = p_of(flare, longitudinal=yes())
    assert claim(run(visit, payer="medicare")) == ["99214", "G2211"]
    assert claim(run(visit)) == ["99214"]
    beside = run(visit, cryo(), payer="medicare")
    assert (claim(beside), considered(beside)) == (["99214-25"], ["G2211"])
    cover = run(p_of(flare, longitudinal=yes(), covering=yes()), payer="medicare")
    assert (claim(cover), considered(cover)) == (["99214"], ["G2211"])


def test_consultation_is_considered_only() -> None:
    visit = p_of(problem("chronic_not_at_goal", act("rx_start", "triamcinolone")), consult_requested=yes(),
                 consult_report=yes())  # fmt: skip
    findings = run(visit, status="new")
    assert (claim(findings), considered(findings)) == (["99204"], ["99244"])


# 3.6: telehealth


def remote(modality: str, minutes: int | None = None, kind: str = "chronic_not_at_goal", drug: str = "tretinoin",
           **more: Any) -> Visit:  # fmt: skip
    fields: dict[str, Any] = {"modality": yes(modality), "patient_location": yes("home"), "telehealth_consent": yes()}
    if minutes is not None:
        fields["minutes"] = yes(Decimal(minutes))
    return p_of(problem(kind, act("rx_change", drug)), **(fields | more))


@pytest.mark.parametrize(
    ("visit", "payer", "expected"),
    [
        (remote("audio_video"), "medicare", ["99214"]),
        (remote("audio_video"), "commercial", ["98006"]),
        (remote("audio_only", 12, "acute_uncomplicated", audio_only_reason=yes()), "medicare", ["99213-93"]),
        (remote("audio_only", 12, "acute_uncomplicated"), "commercial", ["98013"]),
        (remote("audio_only", 7, patient_initiated=yes()), "commercial", ["98016"]),
        (remote("image", patient_initiated=yes()), "medicare", ["G2010"]),
        (remote("portal", 13), "commercial", ["99422"]),
        (remote("econsult_written", 12), "commercial", ["99451"]),
        (remote("econsult_verbal", 12), "commercial", ["99447"]),
        (remote("image", related_visit_within_7_days=yes()), "medicare", []),
    ],
)
def test_distance_picks_the_family(visit: Visit, payer: str, expected: list[str]) -> None:
    assert claim(run(visit, payer=payer, pos="10")) == expected


def test_distance_asks_for_what_is_missing() -> None:
    unplaced = remote("audio_video", patient_location=None)
    assert gaps(run(unplaced, payer="medicare", pos="10")) == ["telehealth.location"]
    assert gaps(run(remote("portal"), pos="10")) == ["telehealth.time"]
    silent = p_of(problem("chronic_not_at_goal", act("rx_change", "tretinoin")))
    assert gaps(run(silent, pos="10")) == ["telehealth.modality", "telehealth.location", "telehealth.consent"]


def test_every_line_cites_words_and_shows_both_methods() -> None:
    visit = p_of(problem("chronic_not_at_goal", act("rx_start", "adalimumab")), minutes=yes(Decimal(22)))
    line = next(item for item in run(visit) if isinstance(item, LineDraft))
    assert line.evidence
    rules = {rule for rule, _, _ in line.steps}
    assert {"EM-P", "EM-D", "EM-R", "EM-MDM", "EM-T"} <= rules
