"""Codes somebody typed into the note, or would be tempted to add, that the documentation does not support.

A coder never bills a code because it stands in the note. Each typed code that the claim does not carry gets a plain
reason: deleted, meant for something else, part of another line, or simply without the facts it needs (section 14).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from notecoder.codebook import Codebook
from notecoder.facts import Encounter, Mohs
from notecoder.rules.acts import act_spans, done
from notecoder.rules.draft import LineDraft, Refusal
from notecoder.rules.kinds import kind_of

MOHS_FIRST = frozenset({"17311", "17313"})
EXAMINED = "88305"


def typed_codes(
    encounter: Encounter, lines: Iterable[LineDraft], refused: Iterable[Refusal], codebook: Codebook
) -> Iterator[Refusal]:
    """Reasons for typed codes that are neither on the claim nor refused already."""
    known = {line.code for line in lines} | {refusal.code for refusal in refused}
    reasons = {row["typed"]: row for row in codebook.table("edits/refusals")}
    for typed in encounter.typed_codes:
        if typed.code in known:
            continue
        known.add(typed.code)
        row = reasons.get(typed.code)
        if row is not None:
            yield Refusal(typed.code, row["reason"], row["rule"], typed.evidence)
        else:
            yield Refusal(typed.code, _plain_reason(typed.code, codebook), "0.4", typed.evidence)


def _plain_reason(code: str, codebook: Codebook) -> str:
    if kind_of(code) == "visit":
        return "typed in the note; the documentation does not support a visit of this kind or level"
    if codebook.covers(code):
        return "typed in the note; the documentation does not show this service"
    return "typed in the note; not a code that these rules propose"


def reading_of_mohs_tissue(encounter: Encounter, lines: Iterable[LineDraft]) -> Iterator[Refusal]:
    """MO-12: the histology of Mohs tissue is inside the Mohs codes."""
    codes = {line.code for line in lines}
    if codes & MOHS_FIRST and EXAMINED not in codes:
        why = "examining the tissue removed by Mohs surgery is part of the Mohs codes"
        yield Refusal(EXAMINED, why, "MO-12", act_spans(done(encounter, Mohs)))
