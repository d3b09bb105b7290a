"""Whether a visit beside a procedure is separate work (modifier 25): subtract, then test what is left.

A coder first strikes every problem whose whole plan is today's procedure, its consent, its wound care or its pathology
(EM-P-SUB). What remains is tested criterion by criterion (M25): separate from the lesions treated, an assessment of its
own, management that is not procedural, and a complaint or an examination of its own. The same diagnosis is no obstacle
and a new patient is no reason. Evidence for and against is kept; where the wording leaves the answer open, the learned
judge's opinion on the problem's sentences is taken if its margin is wide, else a person decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from notecoder.codebook import Codebook
from notecoder.evidence import Evidence, merged
from notecoder.facts import Procedure
from notecoder.facts.visit import DataItem, Problem, Visit
from notecoder.rules.visit_level import strength

Answer = Literal["supported", "not supported", "review"]
WIDE_MARGIN = Decimal("0.40")
"""The judge decides in the review band only at this margin or above; below it a person does."""
PART_OF_PROCEDURE = frozenset({"procedure", "aftercare", "await_pathology"})
DECISION_FOR_IT = frozenset({"future_procedure", "treatment_choice", "surveillance", "photoprotection", "observation"})
"""On a lesion treated today these belong to the decision for its treatment (2.3, C11)."""
WEAK_BESIDE_PROCEDURE = frozenset({"generic_advice", "other"})


@dataclass(frozen=True, slots=True)
class Criterion:
    """One test of 2.4 on one problem, with the words for or against."""

    id: str
    met: bool
    says: str
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer, the problems it rests on (what the level is computed from), and the tests."""

    answer: Answer
    kept: tuple[Problem, ...]
    says: str
    rule: str = "M25"
    criteria: tuple[Criterion, ...] = ()
    flagged: bool = False
    """Supported, but a person should look (M25-SAMEDX, 2.7 example 4)."""
    propose: bool = True
    """In the review band: propose the visit (with a query) rather than only consider it."""


def consumed(problem: Problem) -> bool:
    """EM-P-SUB: the whole plan of the problem is today's procedure and what belongs to it."""
    actions = {action.action for action in problem.actions}
    if actions & PART_OF_PROCEDURE or problem.targets:
        decision = DECISION_FOR_IT if problem.targets else frozenset()
        return actions <= PART_OF_PROCEDURE | WEAK_BESIDE_PROCEDURE | decision
    return False


def eligible(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Q: the problems that are left after subtraction."""
    return tuple(problem for problem in problems if not consumed(problem))


def left_alone(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Q on a day without a procedure: plain ointment and dressings are then treatment, not care of a wound made today."""
    return tuple(
        p
        for p in problems
        if not consumed(p) or (not p.targets and {a.action for a in p.actions} <= _DRESSED and p.own_assessment)
    )


_DRESSED = WEAK_BESIDE_PROCEDURE | {"aftercare", "observation", "reassurance"}


def criteria_of(problem: Problem, data: Sequence[DataItem], codebook: Codebook) -> dict[str, Criterion]:
    """SEP and E1 to E7 for one problem (2.4)."""
    acts = [action for action in problem.actions if action.action not in PART_OF_PROCEDURE]
    if problem.targets:
        acts = [action for action in acts if action.action not in DECISION_FOR_IT]
    strong = [action for action in acts if strength(action, codebook) == "strong"]
    weak = [action for action in acts if strength(action, codebook) == "weak"]
    drugs = [action for action in strong if action.action.startswith("rx_")]
    own_data = [item for item in data if item.problem == problem.id]
    tests_of_its_own = [item for item in own_data if item.kind in ("test_ordered", "test_reviewed")]
    separate = not problem.targets or bool(strong)
    tests = (
        Criterion("SEP", separate, "apart from the lesions treated today" if separate else "only the treated lesions"),
        Criterion("E1", bool(problem.own_complaint), "a complaint of its own", problem.own_complaint[:1]),
        Criterion("E2", bool(problem.own_assessment), "an assessment of its own", problem.own_assessment[:1]),
        Criterion("E3", bool(problem.own_exam), "an examination of its own", problem.own_exam[:1]),
        Criterion("E4", bool(strong or tests_of_its_own), "management that is not procedural",
                  merged(*(a.evidence for a in strong), *(item.evidence for item in tests_of_its_own))[:2]),
        Criterion("E4-weak", bool(weak), "advice or reassurance only", merged(*(a.evidence for a in weak))[:1]),
        Criterion("E5", bool(drugs), "drug management", merged(*(a.evidence for a in drugs))[:2]),
        Criterion("E6", problem.differs_from_procedures, "a diagnosis other than those treated"),
        Criterion("E7", bool(own_data), "tests, records or discussion of its own",
                  merged(*(item.evidence for item in own_data))[:2]),
    )  # fmt: skip
    return {test.id: test for test in tests}


def judge(visit: Visit, procedures: Sequence[Procedure], codebook: Codebook) -> Verdict:
    """The verdict on a visit that shares its day with ``procedures`` (2.4: YES row, NO row, then review)."""
    left = eligible(visit.problems)
    if not left:
        return Verdict("not supported", (), "every problem is part of the procedures done today", rule="EM-P-SUB")
    tests = {problem.id: criteria_of(problem, visit.data, codebook) for problem in left}
    shown = tuple(test for problem in left for test in tests[problem.id].values() if test.met)
    yes = [problem for problem in left if _plainly_separate(problem, tests[problem.id])]
    if yes:
        says = "a problem apart from the treated lesions was assessed and managed, with its own complaint or exam"
        if visit.copied is not None and visit.copied.value:
            return Verdict("review", left, "the evaluation repeats an earlier note", rule="M25-C8", criteria=shown)
        return Verdict("supported", _with_managed(left, yes), says, criteria=shown)
    same = [problem for problem in left if _same_diagnosis_beyond(problem, tests[problem.id])]
    if same:
        says = "the treated condition was managed beyond the procedure, and the note says why"
        return Verdict("supported", _with_managed(left, same), says, rule="M25-SAMEDX", criteria=shown, flagged=True)
    return _open_band(visit, left, tests, shown)


def _plainly_separate(problem: Problem, tests: dict[str, Criterion]) -> bool:
    if problem.targets and not problem.differs_from_procedures:
        return False
    return tests["SEP"].met and tests["E2"].met and tests["E4"].met and (tests["E1"].met or tests["E3"].met)


def _same_diagnosis_beyond(problem: Problem, tests: dict[str, Criterion]) -> bool:
    managed = tests["E5"].met or tests["E7"].met
    return tests["E2"].met and managed and bool(problem.why_beyond_procedure)


def _with_managed(left: Sequence[Problem], chosen: Sequence[Problem]) -> tuple[Problem, ...]:
    """The level counts every problem that is left once one of them has carried the visit (2.4)."""
    return tuple(problem for problem in left if problem in chosen or _managed_here(problem))


def _managed_here(problem: Problem) -> bool:
    """Beside the chosen ones, a treated lesion's problem counts only when drugs, tests or records went beyond it."""
    beyond = any(action.action.startswith(("rx_", "test_", "referral")) for action in problem.actions)
    return beyond if problem.targets or problem.problem_class == "undiagnosed_uncertain" else True


def _open_band(
    visit: Visit, left: Sequence[Problem], tests: dict[str, dict[str, Criterion]], shown: tuple[Criterion, ...]
) -> Verdict:
    """What is neither plainly yes nor plainly no."""
    booked = visit.procedure_only_visit is not None and visit.procedure_only_visit.value
    managed = [p for p in left if tests[p.id]["SEP"].met and tests[p.id]["E2"].met and tests[p.id]["E4"].met]
    on_lesion = [p for p in managed if p.targets and tests[p.id]["E5"].met]
    worked_up = [p for p in on_lesion if tests[p.id]["E7"].met or _reworked(p)]
    apart = [p for p in managed if not p.targets or p.differs_from_procedures]
    decided = [p for p in apart if tests[p.id]["E5"].met or tests[p.id]["E7"].met]
    tied = [p for p in managed if p.targets and p not in worked_up]
    looked_at = [p for p in left if not p.targets and tests[p.id]["E2"].met and tests[p.id]["E4-weak"].met
                 and tests[p.id]["E1"].met and tests[p.id]["E3"].met]  # fmt: skip
    if booked:
        says = "the visit was booked for the procedure and nothing else was fully worked up"
        return Verdict("not supported", (), says, rule="M25-C1", criteria=shown)
    for band, says, propose in (
        (worked_up, "work-up and treatment of the condition that was also sampled", True),
        (decided, "management of another problem, without a complaint or examination of its own", True),
        (apart, "a plan for another problem, without a complaint or examination of its own", False),
        (tied, "drug management that may belong to the treated lesions", False),
        (looked_at, "a complaint that was examined and answered with advice", False),
    ):
        if band:
            return _with_opinion(tuple(band), says, propose=propose, shown=shown)
    return Verdict("not supported", (), "only findings in passing or advice apart from the procedures", criteria=shown)


def _reworked(problem: Problem) -> bool:
    """A lasting condition not at goal whose drugs were changed in more than one way."""
    drugs = {(action.action, action.detail) for action in problem.actions if action.action.startswith("rx_")}
    return problem.problem_class in ("chronic_not_at_goal", "chronic_severe") and len(drugs) >= 2


def _with_opinion(band: tuple[Problem, ...], says: str, *, propose: bool, shown: tuple[Criterion, ...]) -> Verdict:
    """Let the judge speak where it is sure; the note still goes to a person when it is not."""
    opinions = [problem.judged for problem in band if problem.judged is not None]
    sure = [opinion for opinion in opinions if opinion.margin >= WIDE_MARGIN]
    for opinion in sure:
        if opinion.label == "separate":
            test = Criterion("JUDGE", True, f"separate work, margin {opinion.margin}", opinion.evidence[:2])
            return Verdict("supported", band, f"{says}; the judge reads separate work", rule="M25-JUDGE",
                           criteria=(*shown, test), flagged=not propose)  # fmt: skip
    if sure and not propose and all(opinion.label != "separate" for opinion in sure):
        test = Criterion("JUDGE", True, f"{sure[0].label}, margin {sure[0].margin}", sure[0].evidence[:2])
        return Verdict("not supported", (), f"{says}; the judge reads {sure[0].label}", rule="M25-JUDGE",
                       criteria=(*shown, test))  # fmt: skip
    propose = propose and not (sure and all(opinion.label != "separate" for opinion in sure))
    return Verdict("review", band, says, criteria=shown, propose=propose)
