"""Whatever the facts, a claim comes out, and it keeps the promises of the contract."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, get_args, get_origin

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notecoder.codebook import TABLES, Codebook, _file
from notecoder.context import EncounterContext
from notecoder.evidence import Evidence, Stated
from notecoder.facts import Act, Conflict, Diagnosis, Encounter, Procedure, Site, Target
from notecoder.facts.common import Digit
from notecoder.rules import propose
from notecoder.rules.kinds import is_addon, kind_of

KINDS = get_args(get_args(Procedure)[0])
SITES = [row["key"] for row in _file(TABLES / "sites.csv")]
TERMS = [row["key"] for row in _file(TABLES / "icd10cm" / "terms.csv")]
DAY = date(2026, 11, 10)


@st.composite
def evidence(draw: st.DrawFn) -> tuple[Evidence, ...]:
    start = draw(st.integers(0, 5000))
    return (Evidence(start=start, end=start + 5, text="words"),)


@st.composite
def sites(draw: st.DrawFn) -> Site:
    digit = draw(
        st.none()
        | st.builds(
            Digit,
            limb=st.sampled_from(["hand", "foot"]),
            side=st.sampled_from(["left", "right", None]),
            number=st.integers(1, 5),
        )
    )
    return Site(
        key=draw(st.sampled_from(SITES)),
        side=draw(st.sampled_from([None, "left", "right", "bilateral", "midline"])),
        part=draw(st.sampled_from([None, "upper", "lower"])),
        digit=digit,
        evidence=draw(evidence()),
    )


@st.composite
def targets(draw: st.DrawFn) -> Target:
    certainty = st.sampled_from(["stated", "pathology", "uncertain", "history", "negated"])
    diagnosis = st.builds(Diagnosis, term=st.sampled_from(TERMS), certainty=certainty, evidence=evidence())
    sizes = st.none() | st.builds(Stated, value=SMALL, evidence=evidence())
    return Target(
        id=draw(st.sampled_from(["a", "b", "c", "d"])),
        site=draw(st.none() | sites()),
        more_sites=tuple(draw(st.lists(sites(), max_size=1))),
        diagnoses=tuple(draw(st.lists(diagnosis, max_size=2))),
        noun=draw(st.sampled_from([None, "lesion", "rash", "nodule", "laceration", "subcutaneous mass"])),
        diameter=draw(sizes),
    )


SMALL = st.decimals(Decimal("0.1"), Decimal("60"), places=2)


def value_of(annotation: Any) -> st.SearchStrategy[Any]:
    """A strategy for what stands inside Stated[...] or in a plain field."""
    if annotation is Decimal:
        return SMALL
    if annotation is int:
        return st.integers(0, 40)
    if annotation is bool:
        return st.booleans()
    if annotation is str:
        return st.sampled_from(["muscle", "apligraf", "positive", "other"])
    choices = get_args(annotation)
    if choices and all(isinstance(choice, str) for choice in choices):
        return st.sampled_from(choices)
    return st.from_type(annotation)


@st.composite
def procedures(draw: st.DrawFn) -> Any:
    kind = draw(st.sampled_from(KINDS))
    values: dict[str, Any] = {
        "act": Act(
            id="act",
            status=draw(st.sampled_from(["performed"] * 6 + ["planned", "declined", "historical", "negated"])),
            evidence=draw(evidence()),
            cosmetic=draw(st.sampled_from([None, None, None, Stated(value=True)])),
            doubtful=draw(st.booleans()),
        ),
        "target": draw(targets()),
    }
    for name, field in kind.model_fields.items():
        if name in values or name == "kind":
            continue
        inside = [arg for arg in get_args(field.annotation) if arg is not type(None)] or [field.annotation]
        stated = next((arg for arg in inside if isinstance(arg, type) and issubclass(arg, Stated)), None)
        required = field.is_required()
        if stated is not None:
            if required or draw(st.booleans()):
                inner = stated.__pydantic_generic_metadata__["args"][0]
                values[name] = Stated(value=draw(value_of(inner)), evidence=draw(evidence()))
        elif get_origin(field.annotation) is not tuple and (required or draw(st.booleans())):
            if field.annotation in (bool, int, str) or all(isinstance(arg, str) for arg in get_args(field.annotation)):
                values[name] = draw(value_of(field.annotation))
    return kind(**values)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(procedures(), max_size=7),
    st.sampled_from(["medicare", "commercial"]),
    st.lists(
        st.builds(
            Conflict,
            about=st.just("side of the lesion"),
            subject=st.sampled_from(["side", "size"]),
            target=st.sampled_from(["a", None]),
            affects=st.sampled_from(["code", "nothing"]),
            evidence=evidence(),
        ),
        max_size=1,
    ),
)
def test_any_encounter_gives_a_sound_claim(facts: list[Any], payer: Any, conflicts: list[Conflict]) -> None:
    encounter = Encounter(procedures=tuple(facts), conflicts=tuple(conflicts))
    context = EncounterContext(date_of_service=DAY, payer=payer)
    book = Codebook.on(DAY, payer)
    claim = propose(encounter, context, book)
    codes = {line.code for line in claim.lines}
    for line in claim.lines:
        assert line.evidence and line.units >= 1 and line.label
        assert len(line.diagnoses) <= 4
        assert all(0 <= index < len(line.evidence) for step in line.trace for index in step.evidence)
        assert set(line.diagnoses) <= {coded.code for coded in claim.diagnoses}
        primaries = book.addon_primaries(line.code)
        assert not primaries or codes & set(primaries), line.code
        limit = book.mue(line.code)
        if limit is not None and limit[1] == "2" and limit[0] > 0:
            assert sum(other.units for other in claim.lines if other.code == line.code) <= limit[0], line.code
    assert not codes & {refused.code for refused in claim.considered}
    assert len(claim.diagnoses) <= 12
    assert claim.disposition == "hold" or not any(gap.severity == "blocker" for gap in claim.gaps)
    sorts = [kind_of(line.code) for line in claim.lines if not is_addon(line.code, book)]
    assert sorts == sorted(sorts, key=["visit", "procedure", "laboratory", "drug"].index)
    assert propose(encounter, context, book).model_dump_json() == claim.model_dump_json()
