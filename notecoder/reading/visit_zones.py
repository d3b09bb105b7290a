"""Where a clause stands: in the plan, the history, the examination, or a procedure that opened inside the plan.

A coder goes by headings first, and by what a line calls itself: "A:", "rx=", "Op:". A numbered problem goes on counting
even when a procedure heading opened inside the one before it.
"""

from __future__ import annotations

import re

from notecoder.reading.outline import Clause, Item
from notecoder.reading.page import Mark
from notecoder.reading.visit_control import told
from notecoder.reading.visit_heads import PLAN_KINDS
from notecoder.reading.visit_plan import Zone
from notecoder.reading.visit_words import condition_class

_ZONES: dict[str, Zone] = {
    "history": "history",
    "reason": "history",
    "exam": "exam",
    "procedure": "procedure",
    "pathology": "other",
}
_OPERATION = re.compile(
    r"^\W*(?:op|proc(?:edure)?s?|operation|operative|\.proc\w*|module|technique|anesthesia)\b\s*(?:note)?\s*[:\-=]",
    re.IGNORECASE,
)
_LABS = re.compile(r"\W*(?:labs?|laborator\w+|blood ?work|tests?|studies)\b", re.IGNORECASE)
"""A line of tests inside a plan is an order, not a report."""
_PREOP = re.compile(r"^\W*(?:pre|post)-?op", re.IGNORECASE)


def zone_of(mark: Mark, state: dict[str, object]) -> Zone:
    """Where a clause stands: plan, history, exam, procedure. ``state`` remembers an operation that opened in a plan."""
    clause = mark.clause
    key = (clause.section.index, clause.section.kind)
    top = outermost(clause.item)
    label = top.index if top is not None and top.label is not None else None
    keyed = _keyed_zone(clause, state)
    if keyed is not None:
        return keyed
    if clause.section.kind == "pathology" and state.get("planned") and _LABS.match(clause.section.title):
        return "plan"
    state["planned"] = clause.section.kind in PLAN_KINDS
    if state.get("section") != key:
        state.update(section=key, operation=None, letter=False)
    if _OPERATION.match(clause.text) and clause.section.kind != "procedure":
        state["operation"] = (label,)
    operation = state.get("operation")
    if isinstance(operation, tuple):
        if label is None or operation[0] == label:
            return "procedure"
        state["operation"] = None
    if clause.section.kind in ("exam", "history", "body") and re.match(r"(?:A|P|A/P)[:)]\s", clause.text):
        state["letter"] = True
    if state.get("letter") or _next_number(clause, top, state):
        return "plan"
    if clause.section.kind == "procedure" and _disease_told(mark):
        return "plan"
    if clause.section.kind in PLAN_KINDS:
        return "procedure" if _PREOP.match(clause.section.title) else "plan"
    return _ZONES.get(clause.section.kind, "other")


def _disease_told(mark: Mark) -> bool:
    """A line among the procedures that opens with a disease and says how it stands is the next problem."""
    opening = [d for d in mark.diagnoses[:1] if d.start - mark.clause.start <= 12 and d.certainty in ("stated", "pathology")]
    lasting = any(condition_class(d.term) in ("chronic", "acute") and d.group == "disease" for d in opening)
    lettered = re.match(r"(?:a|a/p|imp|dx|assessment|impression)\s*[:)]", mark.clause.lower) is not None
    return lasting and not mark.acts and (lettered or bool(told(mark.clause.lower)))


_KEY_ZONES: tuple[tuple[Zone, re.Pattern[str]], ...] = (
    (
        "plan",
        re.compile(
            r"(?:action|plan|rx|orders?|problem|prob|name|state|status|impression|assessment|dx|goal|trend|interpretation|advice|recommendation|reply|decision|conclusion|opinion)s?\Z"
        ),
    ),
    ("exam", re.compile(r"(?:exam|findings|o/e)\Z")),
    ("history", re.compile(r"(?:prior|tried|hx|history|tx|current|meds?|on)\Z")),
)
_BARE_KEY = re.compile(r"(?:dx|imp|rx|a/p)\s+(?!(?:was|is|were|of|on|for|per|codes?|refills?|by|in|at|to|from|given|\d)\b)[a-z]")
"""A line that opens with "dx" or "rx" in small letters, without a colon."""
_DECISION_KEY = re.compile(r"(?:decisions?|plan|assessment|impression|advice|recommendations?)\b")
"""Keys of a form line that place it, whatever section the form seems to be in."""


def _keyed_zone(clause: Clause, state: dict[str, object]) -> Zone | None:
    """The zone a "key: value" or "key=value" line gives itself; it holds to the end of the line."""
    if clause.key is None and _BARE_KEY.match(clause.text) and clause.section.kind not in PLAN_KINDS:
        state.update(key="plan", key_line=(clause.paragraph, clause.section.index), key_index=clause.index)
    elif clause.key is not None or "\n" in clause.text:
        word = (clause.key or "").replace("_", " ").split()[-1:] or [""]
        state["key"] = next((zone for zone, pattern in _KEY_ZONES if pattern.match(word[0])), None)
        if state["key"] is None and _DECISION_KEY.match(clause.key or ""):
            state["key"] = "plan"
        state["key_line"] = clause.paragraph, clause.section.index
        state["key_index"] = clause.index
    elif state.get("key_index") != clause.index - 1 or state.get("key_line") != (
        clause.paragraph,
        clause.section.index,
    ):
        state["key"] = None
    else:
        state["key_index"] = clause.index
    return state.get("key")  # type: ignore[return-value]


def _next_number(clause: Clause, top: Item | None, state: dict[str, object]) -> bool:
    """A numbered item that goes on counting the problems, though a procedure heading opened inside the one before."""
    number = int(top.label) if top is not None and top.label and top.label.isdigit() else None
    if clause.section.kind in ("assessment", "assessment_plan", "plan"):
        if number is not None:
            state["number"] = number
        return False
    last = state.get("number")
    if (
        clause.section.kind == "procedure"
        and isinstance(last, int)
        and number is not None
        and number in (last, last + 1)
    ):
        counted = number == last + 1 or bool(state.get("counting"))
        if counted:
            state.update(number=number, counting=True)
        return counted
    return False


def outermost(item: Item | None) -> Item | None:
    """The item of the first level that holds this one."""
    while item is not None and item.parent is not None and item.parent.kind != "row":
        item = item.parent
    return item
