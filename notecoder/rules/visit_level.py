"""The level of a visit: by medical decision making and by time, both shown.

A coder scores three elements on what is left once the procedures are taken away: the problems addressed (P), the data
looked at or ordered (D), and the risk of what was decided (R). Each is straightforward, low, moderate or high, and the
second highest of the three is the level (EM-MDM). Then the total minutes, if the note states them and they leave the
procedures out, are looked up in the same grid (EM-T); the higher of the two supported levels is the one to propose.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from notecoder.codebook import Codebook, Row
from notecoder.evidence import Evidence, merged
from notecoder.facts.visit import DataItem, PlanAction, Problem, ToxicityMonitoring, Visit

LEVELS = ("none", "straightforward", "low", "moderate", "high")
SURGERY_RISK = {
    "minor": ("low", "decision about minor surgery"),
    "minor_risk": ("moderate", "decision about minor surgery with a risk factor"),
    "major": ("moderate", "decision about major surgery"),
    "major_risk": ("high", "decision about major surgery with a risk factor"),
}


@dataclass(frozen=True, slots=True)
class Element:
    """One of the three elements: its score (0 none to 4 high), why, and the words."""

    score: int
    says: str
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Level:
    """P, D and R, the level by decision making (0: none), and the level by time (0: time not usable)."""

    problems: Element
    data: Element
    risk: Element
    by_mdm: int
    by_time: int
    minutes: Decimal | None
    time_says: str
    time_evidence: tuple[Evidence, ...] = ()
    time_open: bool = False
    """Minutes would raise the level, but the note does not say whether they leave the procedures out (EM-T-03)."""
    review: tuple[str, ...] = field(default=())

    @property
    def score(self) -> int:
        """The higher of the two supported levels (EM-T-06)."""
        return max(self.by_mdm, self.by_time)

    @property
    def picked_by_time(self) -> bool:
        return self.by_time > self.by_mdm or (self.by_time == self.by_mdm == 4)


def name(score: int) -> str:
    """The word for a score."""
    return LEVELS[score]


def second_highest(*scores: int) -> int:
    """Two of three met or exceeded (EM-MDM)."""
    return sorted(scores, reverse=True)[1]


def problem_element(problems: Sequence[Problem], codebook: Codebook) -> Element:
    """P: the highest class; two self-limited are low, two stable chronic are moderate (EM-P)."""
    classes = {row["problem_class"]: row for row in codebook.table("visit/problem_classes")}
    best, says = 0, "no problem addressed apart from the procedures"
    spans: tuple[Evidence, ...] = ()
    for problem in problems:
        score = LEVELS.index(classes[problem.problem_class]["level"])
        if score > best:
            best, says = score, f"{_class_words(problem.problem_class)}: {name(score)}"
            spans = merged(problem.status_words, problem.own_assessment)[:3] or problem.evidence[:2]
    for key, row in classes.items():
        same = [problem for problem in problems if problem.problem_class == key]
        if row["two_or_more"] and len(same) >= 2 and LEVELS.index(row["two_or_more"]) > best:
            best = LEVELS.index(row["two_or_more"])
            says = f"{len(same)} problems, each {_class_words(key)}: {name(best)}"
            spans = merged(*(p.status_words[:1] or p.own_assessment[:1] or p.evidence[:1] for p in same))
    return Element(best, says, spans)


def counted_tests(data: Iterable[DataItem], codebook: Codebook) -> dict[str, DataItem]:
    """Unique tests and outside notes that count (EM-D): a panel once, none that is billed."""
    rows = {row["test"]: row for row in codebook.table("visit/tests")}
    found: dict[str, DataItem] = {}
    for item in data:
        row = rows.get(item.what)
        if item.kind in ("test_reviewed", "test_ordered"):
            if row is None or row["counts"] == "yes":
                key = (row["same_as"] if row else "") or item.what
                found.setdefault(key, item)
        elif item.kind == "external_note":
            found.setdefault(f"note:{item.what}", item)
    for name in [test for test, row in rows.items() if row["part_of"] in found]:
        found.pop(name, None)
    return found


def data_element(data: Sequence[DataItem], codebook: Codebook) -> Element:
    """D: category 1 counts unique items, category 2 is own interpretation, category 3 a discussion (EM-D)."""
    first = counted_tests(data, codebook)
    by_kind = {kind: [item for item in data if item.kind == kind] for kind in
               ("historian", "independent_interpretation", "discussion")}  # fmt: skip
    historian, own, talk = by_kind["historian"], by_kind["independent_interpretation"], by_kind["discussion"]
    one = len(first) + bool(historian) >= 3
    met = one + bool(own) + bool(talk)
    spans = merged(*(item.evidence for item in [*first.values(), *historian, *own, *talk]))[:4]
    parts = [f"{len(first)} unique test(s) or outside note(s)"] if first else []
    parts += ["independent historian"] * bool(historian) + ["own interpretation of an outside test"] * bool(own)
    parts += ["discussion with an outside clinician"] * bool(talk)
    if met >= 2:
        score = 4
    elif met == 1:
        score = 3
    elif len(first) >= 2 or historian:
        score = 2
    else:
        score = 1
    return Element(score, f"{', '.join(parts) or 'no data'}: {name(score)}", spans)


def sold_over_the_counter(action: PlanAction, codebook: Codebook) -> bool:
    """The drug in this strength needs no prescription (EM-R-RX); some count as drug management once prescribed."""
    for row in codebook.table("visit/otc"):
        if row["drug"] == action.detail:
            if row["prescribed"] and action.action != "otc":
                return False
            if not row["percent_at_most"]:
                return True
            return action.strength is not None and action.strength <= Decimal(row["percent_at_most"])
    return False


def action_risk(action: PlanAction, codebook: Codebook) -> int:
    """Risk score of one plan action; 0 for what belongs to a procedure."""
    row = _action_row(action, codebook)
    if row["drug"] and sold_over_the_counter(action, codebook):
        return LEVELS.index("low")
    return LEVELS.index(row["risk"]) if row["risk"] else 0


def strength(action: PlanAction, codebook: Codebook) -> Literal["strong", "weak", "none"]:
    """How much a plan action says about work apart from the procedure (2.5)."""
    row = _action_row(action, codebook)
    if row["drug"] and sold_over_the_counter(action, codebook):
        return "weak"
    value = row["strength"]
    return "strong" if value == "strong" else "weak" if value == "weak" else "none"


def toxicity_risk(item: ToxicityMonitoring, codebook: Codebook) -> tuple[int, bool]:
    """Risk score of a drug watched by laboratory tests, and whether an auditor may see it otherwise (EM-R-TOX)."""
    if not item.tests:
        return LEVELS.index("moderate"), False
    for row in codebook.table("visit/toxicity"):
        if row["drug"] == item.drug:
            planned = item.at_least_quarterly is not None and item.at_least_quarterly.value
            refused = item.at_least_quarterly is not None and not item.at_least_quarterly.value
            column = "with_quarterly_plan" if planned else "without_quarterly_plan"
            score = LEVELS.index(row[column])
            return (min(score, 3) if refused else score), row["review"] == "yes"
    return LEVELS.index("moderate"), False


def risk_element(visit: Visit, problems: Sequence[Problem], codebook: Codebook) -> tuple[Element, int]:
    """R, and what R would be if drugs an auditor may dispute counted as prescription management only."""
    best = Element(1 if problems else 0, "no treatment or observation: straightforward")
    ids = {problem.id for problem in problems}
    for problem in problems:
        for action in problem.actions:
            score = action_risk(action, codebook)
            if score > best.score:
                best = Element(score, f"{_action_words(action)}: {name(score)}", action.evidence[:2])
    for score, says, spans in _visit_risks(visit):
        if score > best.score:
            best = Element(score, f"{says}: {name(score)}", spans)
    undisputed = best.score
    for item in visit.toxicity:
        if item.problem is not None and item.problem not in ids:
            continue
        score, disputed = toxicity_risk(item, codebook)
        if not disputed:
            undisputed = max(undisputed, score)
        else:
            undisputed = max(undisputed, LEVELS.index("moderate"))
        if score > best.score:
            words = f"{item.drug} watched by laboratory tests ({', '.join(item.tests) or 'none named'})"
            best = Element(score, f"{words}: {name(score)}", item.evidence[:3])
    return best, undisputed


def time_score(visit: Visit, *, rows: Sequence[Row], with_procedures: bool) -> tuple[int, str, bool]:
    """Level by total minutes, what to say of it, and whether it is left open by a same-day procedure (EM-T)."""
    if visit.minutes is None:
        return 0, "no total time stated", False
    minutes = visit.minutes.value
    met = [LEVELS.index(row["level"]) for row in rows if minutes >= Decimal(row["minutes"])]
    score = max(met, default=0)
    says = f"{minutes} minutes: {name(score) if score else 'below the first threshold'}"
    excludes = visit.minutes_exclude_procedure
    if with_procedures and (excludes is None or not excludes.value):
        return 0, f"{says}, not used: the minutes are not said to leave the procedure out", score > 0
    return score, says, False


def level_of(
    visit: Visit, problems: Sequence[Problem], codebook: Codebook, *, rows: Sequence[Row], with_procedures: bool
) -> Level:
    """The level of ``problems`` (what is left after subtraction) with all three elements and the time."""
    kept = {problem.id for problem in problems}
    data = [item for item in visit.data if item.problem is None or item.problem in kept]
    p = problem_element(problems, codebook)
    d = data_element(data, codebook)
    r, undisputed = risk_element(visit, problems, codebook)
    mdm = second_highest(p.score, d.score, r.score) if problems else 0
    review = []
    if problems and second_highest(p.score, d.score, undisputed) != mdm:
        review.append("Some payers accept this drug as intensive monitoring only with tests scheduled or reviewed.")
    by_time, says, still_open = time_score(visit, rows=rows, with_procedures=with_procedures)
    would = time_score(visit, rows=rows, with_procedures=False)[0]
    return Level(
        problems=p,
        data=d,
        risk=r,
        by_mdm=mdm,
        by_time=by_time if problems else 0,
        minutes=visit.minutes.value if visit.minutes else None,
        time_says=says,
        time_evidence=visit.minutes.evidence if visit.minutes else (),
        time_open=still_open and would > mdm,
        review=tuple(review),
    )


def _visit_risks(visit: Visit) -> Iterator[tuple[int, str, tuple[Evidence, ...]]]:
    if visit.surgery_decision is not None:
        word, says = SURGERY_RISK[visit.surgery_decision.value]
        yield LEVELS.index(word), says, visit.surgery_decision.evidence[:2]
    if visit.social_limit is not None and visit.social_limit.value:
        yield LEVELS.index("moderate"), "treatment limited by social circumstances", visit.social_limit.evidence[:2]
    if visit.hospital_decision is not None and visit.hospital_decision.value:
        yield LEVELS.index("high"), "decision about hospital care", visit.hospital_decision.evidence[:2]


def _action_row(action: PlanAction, codebook: Codebook) -> Row:
    for row in codebook.table("visit/actions"):
        if row["action"] == action.action:
            return row
    raise KeyError(action.action)


def _class_words(problem_class: str) -> str:
    return problem_class.replace("_", " ")


ACTION_WORDS = {
    "rx_start": "prescription started", "rx_change": "prescription changed", "rx_stop": "prescription stopped",
    "rx_continue": "prescription continued", "rx_considered": "prescription weighed", "otc": "over-the-counter drug",
}  # fmt: skip


def _action_words(action: PlanAction) -> str:
    words = ACTION_WORDS.get(action.action, action.action.replace("_", " "))
    return f"{words} ({action.detail})" if action.detail else words
