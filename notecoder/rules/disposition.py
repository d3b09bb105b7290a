"""Ready, review or hold, and the reasons (CONTRACT).

A coder holds a claim that must not go out yet: an excision whose nature is open, a question without whose answer no
code stands, a contradiction on which a code, its units or a modifier depends. A person looks at a claim with a major
question, an uncertain reading, a rule marked for review or a contradiction that leaves only the diagnosis open.
Everything else is ready, small questions and all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from notecoder.claim import Disposition, Gap
from notecoder.facts import Encounter
from notecoder.rules.draft import Concern

RANK: dict[Disposition, int] = {"hold": 0, "review": 1, "ready": 2}
BY_SEVERITY: dict[str, Disposition] = {"blocker": "hold", "major": "review"}


def judge(
    gaps: Iterable[Gap], concerns: Iterable[Concern], encounter: Encounter, warning: str | None
) -> tuple[Disposition, tuple[str, ...]]:
    """Disposition and its reasons, the gravest first, each once."""
    found = sorted(_reasons(gaps, concerns, encounter, warning), key=lambda pair: RANK[pair[0]])
    if not found:
        return "ready", ()
    return found[0][0], tuple(dict.fromkeys(reason for _, reason in found))


def _reasons(
    gaps: Iterable[Gap], concerns: Iterable[Concern], encounter: Encounter, warning: str | None
) -> Iterator[tuple[Disposition, str]]:
    for gap in gaps:
        if gap.severity in BY_SEVERITY:
            words = "the note contradicts itself" if gap.element == "note.conflict" else f"{gap.element} is missing"
            yield BY_SEVERITY[gap.severity], f"{gap.about}: {words}"
    for concern in concerns:
        yield concern.disposition, concern.reason
    for fact in encounter.procedures:
        if fact.act.status == "performed" and fact.act.doubtful:
            yield "review", f"{fact.kind.replace('_', ' ')}: the reading was not sure"
    if warning:
        yield "review", warning
