"""Class of a closure: rulebook 4.2 with RP-02, RP-06 to RP-09, HC-6."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from notecoder.evidence import Evidence, Stated
from notecoder.facts import Act, Repair, Target
from notecoder.rules.closure import grade

WORDS = (Evidence(start=0, end=5, text="words"),)


def closed(**facts: Any) -> Repair:
    exact = {key: Decimal(value) if key in SIZES else value for key, value in facts.items()}
    stated = {key: Stated(value=value, evidence=WORDS) for key, value in exact.items()}
    return Repair(act=Act(id="a", evidence=WORDS), target=Target(id="t"), **stated)


SIZES = {"undermining", "defect_width", "length"}
WIDE = {"undermining": "2.0", "defect_width": "1.8"}
NARROW = {"undermining": "1.0", "defect_width": "1.8"}


@pytest.mark.parametrize(
    ("facts", "expected", "rule", "unproven"),
    [
        ({}, "simple", "4.2", False),
        ({"layered": False}, "simple", "4.2", False),
        ({"layered": True}, "intermediate", "4.2", False),
        ({"strips_only": True}, "none", "4.2", False),
        ({"adhesive_only": True}, "adhesive", "4.2", False),
        ({"contaminated": True, "layered": False}, "intermediate", "4.2", False),
        ({"layered": True, "exposed_structure": "cartilage"}, "complex", "4.2", False),
        ({"layered": True, "free_margin": "nostril rim"}, "complex", "4.2", False),
        ({"layered": True, "edges_debrided": True}, "complex", "4.2", False),
        ({"layered": True, "retention": True}, "complex", "4.2", False),
        ({"layered": True, "whole_edge": True, **WIDE}, "complex", "4.2", False),
        ({"layered": True, "whole_edge": True, **NARROW}, "intermediate", "RP-07", False),
        ({"layered": True, "whole_edge": False, **WIDE}, "intermediate", "RP-07", False),
        ({"layered": True, **WIDE}, "intermediate", "RP-07", True),
        ({"layered": True, "undermined": True}, "intermediate", "RP-07", False),
        ({"layered": True, "claimed": "complex"}, "intermediate", "HC-6", True),
        ({"layered": False, "claimed": "complex"}, "simple", "RP-06", True),
        ({"claimed": "complex"}, "simple", "RP-06", True),
        ({"claimed": "intermediate"}, "intermediate", "RP-09", True),
        ({"claimed": "intermediate", "layered": False}, "simple", "RP-06", True),
        ({"retention": True, "layered": False}, "simple", "RP-06", False),
        ({"layered": True, "flap_claimed": "advancement flap"}, "intermediate", "4.2", True),
    ],
)  # fmt: skip
def test_class_follows_what_was_done(facts: dict[str, Any], expected: str, rule: str, unproven: bool) -> None:
    closure = grade(closed(**facts))
    assert (closure.grade, closure.rule, closure.unproven) == (expected, rule, unproven)
