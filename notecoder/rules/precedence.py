"""One lesion, one definitive service (0.4, BX-08, 13.1).

A coder asks of every lesion what finally became of it: sampled, destroyed or shaved off, excised, taken by Mohs. The
lesser steps on the same lesion are parts of the greater one. Three things turn this round: an actinic keratosis that
was sampled is not counted as destroyed (DS-03); a growth sampled and then curetted before anyone knows what it is
stays a biopsy until the report (DS-10); and a biopsy read at once, whose reading decided the surgery, stands beside it
(MO-15, BX-08).
"""

from __future__ import annotations

from notecoder.codebook import Codebook
from notecoder.facts import Biopsy, Destruction, Encounter, Excision, Mohs, Shave, TagRemoval
from notecoder.rules.acts import done, said
from notecoder.rules.diagnoses import established

MALIGNANT = frozenset({"malignant", "in_situ", "lymphoma"})


def nature_of(fact: Biopsy | Shave | Excision | Destruction | Mohs | TagRemoval, codebook: Codebook) -> str | None:
    """Nature of the established condition of a lesion; None while nobody has said what it is."""
    diagnosis = established(fact.target.diagnoses, codebook)
    row = codebook.term(diagnosis.term) if diagnosis else None
    return row["nature"] if row else None


def decided_surgery(biopsy: Biopsy) -> bool:
    """All three facts of MO-15: not biopsied before, read first, and the reading decided the surgery."""
    frozen = biopsy.frozen
    return (
        frozen is not None and said(frozen.never_biopsied) and said(frozen.read_first) and said(frozen.decided_surgery)
    )


def same_lesion(biopsy: Biopsy, encounter: Encounter) -> Mohs | Excision | Shave | Destruction | TagRemoval | None:
    """The greater service done on the lesion of a biopsy today, the greatest first."""
    facts: list[Mohs | Excision | Shave | Destruction | TagRemoval] = [
        *done(encounter, Mohs),
        *done(encounter, Excision),
        *done(encounter, Shave),
        *done(encounter, Destruction),
        *done(encounter, TagRemoval),
    ]
    return next((fact for fact in facts if fact.target.id == biopsy.target.id), None)


def biopsy_stays(biopsy: Biopsy, encounter: Encounter, codebook: Codebook) -> bool:
    """The biopsy is the service to report, alone or beside the surgery that its reading decided."""
    greater = same_lesion(biopsy, encounter)
    if greater is None:
        return True
    if isinstance(greater, Destruction):
        return nature_of(greater, codebook) in {"premalignant", "unspecified", "sign", None}
    return isinstance(greater, (Mohs, Excision)) and decided_surgery(biopsy)


def sampled_instead(destruction: Destruction, encounter: Encounter, codebook: Codebook) -> Biopsy | None:
    """The biopsy that takes the place of a destruction of the same lesion (DS-03, DS-10)."""
    for biopsy in done(encounter, Biopsy):
        if biopsy.target.id == destruction.target.id and biopsy_stays(biopsy, encounter, codebook):
            return biopsy
    return None
