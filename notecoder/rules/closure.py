"""Which class a closure is, from what was done, not from what it is called (4.2).

A coder looks for layers first: deeper tissue closed and then the skin is intermediate; one layer is simple, unless a
heavily contaminated wound was cleaned at length. Complex is everything intermediate needs and one criterion more:
an exposed structure, a free margin, debrided edges, retention sutures, or undermining at least as far as the defect is
wide along a whole edge. A feature of complex repair without layers is simple (RP-06); undermining nobody measured is
intermediate at most (RP-07); the words "complex closure", tension or a flap in the title raise nothing (RP-08, HC-6).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from notecoder.evidence import Evidence, merged
from notecoder.facts import Repair
from notecoder.rules.acts import denied, said, spans

Class = Literal["none", "adhesive", "simple", "intermediate", "complex"]


@dataclass(frozen=True, slots=True)
class Closure:
    """The class of one closure, why, and whether the note claims more than it shows."""

    grade: Class
    rule: str
    says: str
    evidence: tuple[Evidence, ...]
    unproven: bool = False
    """The note claims a class or a flap, or describes a feature, that its facts do not carry (closure.criteria)."""


def grade(repair: Repair) -> Closure:
    """Class of one wound's closure."""
    claimed = repair.claimed.value if repair.claimed else None
    overstated = repair.flap_claimed is not None
    if said(repair.strips_only):
        return Closure("none", "4.2", "adhesive strips alone are no repair", spans(repair.strips_only))
    if said(repair.adhesive_only):
        return Closure("adhesive", "4.2", "closed with tissue adhesive alone", spans(repair.adhesive_only))
    features = _criteria(repair)
    if said(repair.layered):
        if features:
            says = f"layered, with {', '.join(name for name, _ in features)}"
            evidence = merged(spans(repair.layered), *(shown for _, shown in features))
            return Closure("complex", "4.2", says, evidence, unproven=overstated)
        unproven = overstated or claimed == "complex" or _edge_unknown(repair)
        evidence = merged(spans(repair.layered), _claims(repair))
        return Closure("intermediate", _why(repair), _intermediate_words(repair), evidence, unproven)
    if said(repair.contaminated):
        says = "one layer in a heavily contaminated wound cleaned at length"
        return Closure("intermediate", "4.2", says, spans(repair.contaminated, repair.layered), overstated)
    if claimed == "intermediate" and not denied(repair.layered):
        says = "called intermediate; the layers closed are not described"
        return Closure("intermediate", "RP-09", says, spans(repair.claimed), unproven=True)
    unproven = overstated or claimed in {"intermediate", "complex"}
    rule = "RP-06" if features or unproven else "4.2"
    return Closure("simple", rule, "no layered closure is described", merged(spans(repair.layered), _claims(repair)),
                   unproven)  # fmt: skip


def _claims(repair: Repair) -> tuple[Evidence, ...]:
    return spans(repair.claimed, repair.flap_claimed)


def _why(repair: Repair) -> str:
    undermined = repair.undermining is not None or said(repair.undermined)
    return "RP-07" if undermined else "HC-6" if repair.claimed and repair.claimed.value == "complex" else "4.2"


def _intermediate_words(repair: Repair) -> str:
    if repair.undermining is not None and repair.defect_width is not None:
        return (
            f"layered; undermined {repair.undermining.value} cm, defect {repair.defect_width.value} cm wide: "
            "not shown to reach its width along a whole edge"
        )
    if said(repair.undermined) or repair.undermining is not None:
        return "layered; undermined, without the distance and width that complex repair needs"
    return "layered: deeper tissue and skin closed"


def _criteria(repair: Repair) -> list[tuple[str, tuple[Evidence, ...]]]:
    """The criteria of complex repair that the note shows."""
    found = []
    if repair.exposed_structure is not None:
        found.append((f"exposed {repair.exposed_structure.value}", spans(repair.exposed_structure)))
    if repair.free_margin is not None:
        found.append((f"free margin: {repair.free_margin.value}", spans(repair.free_margin)))
    if said(repair.edges_debrided):
        found.append(("debrided wound edges", spans(repair.edges_debrided)))
    if said(repair.retention):
        found.append(("retention sutures", spans(repair.retention)))
    if _far_enough(repair) and said(repair.whole_edge):
        shown = spans(repair.undermining, repair.defect_width, repair.whole_edge)
        found.append(("undermining at least the defect's width along a whole edge", shown))
    return found


def _far_enough(repair: Repair) -> bool:
    if repair.undermining is None or repair.defect_width is None:
        return False
    return repair.undermining.value >= repair.defect_width.value


def _edge_unknown(repair: Repair) -> bool:
    """Far enough, but the note does not say along which edge: the answer would change the class."""
    return _far_enough(repair) and repair.whole_edge is None
