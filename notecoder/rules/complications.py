"""Complications of one's own surgery, treated without a return to the operating room.

A coder does not bill the hematoma, the fluid, the infection or the open wound that one's own surgery left, while that
surgery's postoperative period runs: its care is included, unless the patient had to go back to the operating room,
which is reported with 78 (ID-04, 4.4, 13.1).
"""

from __future__ import annotations

from collections.abc import Callable

from notecoder.codebook import Codebook
from notecoder.context import EncounterContext
from notecoder.facts import Encounter, Target
from notecoder.rules.acts import said
from notecoder.rules.global_period import running, same_place

Included = Callable[[Target], str]
"""Why the treatment of a target is part of an earlier surgery; empty when it is not."""


def included_in_surgery(encounter: Encounter, context: EncounterContext, codebook: Codebook) -> Included:
    """Answers for one encounter; a complication at a place known to be another one is not that surgery's."""
    earlier_ones = [] if said(encounter.complication_return) else list(running(encounter, context, codebook))

    def why(target: Target) -> str:
        for earlier in earlier_ones:
            elsewhere = earlier.site and target.site and not same_place(earlier.site, target.site)
            if not elsewhere:
                period = f"day {earlier.day} of the {earlier.length}-day period of {earlier.name}"
                return f"a complication on {period}: included"
        return ""

    return why
