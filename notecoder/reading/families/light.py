"""Treatment with light: photodynamic therapy, ultraviolet light, excimer.

A coder looks for the treatment record: who put the drug on, who lit it, what was debrided before, how many sticks or tubes
were used (10.1); what was on the skin under the ultraviolet light and how much of the skin an excimer covered (10.2).
A lamp that is only talked of, ordered or asked about treats nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Literal

from notecoder.evidence import Stated
from notecoder.facts import Drug, Photodynamic, Phototherapy, Procedure, Target
from notecoder.reading.events import Event
from notecoder.reading.families.desk import Desk
from notecoder.reading.families.scene import as_status, conditions, one_event, stated, total_area
from notecoder.reading.groups import inside
from notecoder.reading.measures import number
from notecoder.reading.nodes import lesion_item
from notecoder.reading.page import Mark, SeenDiagnosis

Performer = Literal["staff", "clinician"]
_STAFF = r"(?:m\.?a\.?|rn|r\.n\.|lpn|lvn|cma|rma|nurse|staff|technicians?|techs?|medical assistants?|assistant|esthetician)"
_CLINICIAN = r"(?:pa-?c|p\.?a\.?|np|n\.p\.|arnp|aprn|md|m\.d\.|do|dr\.?|physician(?: assistant)?|provider|clinician|dermatologist|doctor|practitioner)"
_BY = re.compile(rf"\bby:?[\s.]{{0,30}}(?:\[[xX✓]\]\s*|\([xX]\)\s*)?(?:the |our |a |this )?(?:\w+, )?(?P<who>{_STAFF}|{_CLINICIAN}|me|myself|i|undersigned)(?![\w])", re.IGNORECASE)
_SUBJECT = re.compile(rf"(?:^|[\s(,:;])(?P<who>{_STAFF}|{_CLINICIAN})\s+(?:\w+[\s,]+){{0,2}}?(?=appl|paint|spread|put|plac|start|lit|illumin|activ|turn|dabb|brush|saturat|posit|supervis|administ)", re.IGNORECASE)
_SELF = re.compile(r"\b(?:I|We)\b(?=\s+(?:\w+\s+){0,2}(?:appl|paint|spread|put|plac|set|posit|start|lit|illumin|activ|turn|dabb|brush|curet|debrid|abrad|exposed|saturat))|\bby (?:me|myself)\b")
_STAFF_NOTE = re.compile(r"(?:^|\n)[^\n]*\b(?:nursing (?:record|note|sheet)|nurse'?s? (?:record|note|visit|sheet)|ma (?:procedure|record|note|visit|sheet))\b|(?:^|[\s/|])(?:MA|RN|LPN|CMA|Nurse|Tech(?:nician)?)\s*[:=]\s*[A-Z]|[-–]\s*[A-Z][\w. ]{2,24},\s*(?:RN|LPN|MA|CMA)\s*$|\bby (?:\w+ )?\w+,? (?:RN|LPN|MA|CMA)\s*$")
_CLINICIAN_NOTE = re.compile(r"(?:^|[\s/|])(?:PA|PA-C|NP|MD|DO|Provider|Physician|Dermatologist)\s*[:=]\s*(?!no\b|none\b|not\b)[A-Z]")
_ABSENT = re.compile(r"\b(?:provider|md|physician|dr\.?|doctor|clinician|dermatologist)\b[^.;\n]{0,40}\b(?:did not|didn'?t|not (?:in|present|enter)|never|no)\b[^.;\n]{0,30}\b(?:enter|room|chairside|present|see|seen|participate)|at chairside:? no|(?:provider|md|physician|doctor) not (?:in (?:the )?room|present)", re.IGNORECASE)

_APPLIED = r"\b(?:appl(?:ied|y|ication)|paint\w*|spread|dabbed|brushed|saturat\w+|put on|time on|film on|drug on|gel on)\b"
_LIT = r"\b(?:illuminat\w+|activat\w+|light|lamp|exposure|lit|blu-?u|rhodoled|started|irradiat\w+)\b"
_ALL_STEPS = r"\b(?:entire|all steps|all of it|whole (?:treatment|procedure)|treatment|procedure|pdt|application and illumination|both steps)\b[^.;]{0,24}\b(?:performed|done|administered|carried out|given)\b"
_DONE = r"appl(?:ied|ication)|incubat\w+|illuminat\w+|activat\w+|light (?:source|dose|exposure|on)|blue light|red light|j/cm|blu-?u|\d+ ?min\w*[^.;]{0,20}(?:light|lamp)|lamp"
_DEBRIDED = r"\b(?:debrid\w+|curett?\w*|abrad\w+|abrasion|scraped|dermasand\w*|(?:thick|hyperkeratotic|scale)[^.;]{0,30}(?:pared|removed|lifted))\b"
_NOT_DEBRIDED = r"\b(?:no|not|without|none|nor|never)\b[^.;]{0,30}\b(?:debrid|curet|abra)|(?:debrid\w+|curett?\w*|abrasion)\b[\s:=.]*(?:was |were )?(?:no\b|not\b|none|n/a|deferred|unnecessary)|\bed ?& ?c|\bc ?& ?d\b|c-?curet"
_OUT_OF_DAYLIGHT = r"\b(?:avoid\w*|no|out of|away from|keep (?:out of|from)|stay (?:out of|in)|protect\w*|without)\b[^.;]{0,24}\bdaylight|\bdaylight (?:avoid\w*|protect\w*|precaution\w*)"
_GEL = re.compile(r"ameluz|\b10 ?% (?:\w+ )?(?:gel|ala)|bf-?rhodo|ala (?:hcl )?gel|\bgel\b[^.;]{0,12}10 ?%", re.IGNORECASE)
_NAMED = re.compile(r"levulan|kerastick|ameluz|aminolevulinic|\bala\b(?!\s*/)|\bala-pdt\b", re.IGNORECASE)
_N = r"\d|one|two|three|four"
_STICKS = re.compile(rf"\b(?P<n>{_N}|a single|single|a)\s*(?:x\s*|×\s*)?(?:full |whole |unit-?dose |levulan |new |20% )*(?:kera)?(?:sticks?|applicators?)\b|(?:kera)?sticks?\s*(?:used|opened|applied|count|qty|#|no\.?)*\s*(?:[x×:=#(]|\.{{2,}})\s*(?P<m>{_N})(?!\s*(?:%|:\d|/))|#\s*(?:of )?(?:kera)?sticks?\s*(?:[:=]|\.{{2,}})?\s*(?P<k>{_N})", re.IGNORECASE)
_TUBES = re.compile(rf"\b(?P<n>{_N}|a|single|half(?: a)?|whole|entire|full)\s*(?:x\s*|×\s*)?(?:new |full |whole |\(?2[- ]?g(?:ram)?s?\)? )*tubes?\b|tubes?\s*(?:used|opened|applied|count|qty|#)*\s*(?:[x×:=#(]|\.{{2,}})\s*(?P<m>{_N})(?!\s*(?:g\b|gram|%))|\btube (?:was )?(?P<w>empt(?:y|ied)|used up|used in full)", re.IGNORECASE)
_WORDS = {"a": "one", "a single": "one", "single": "one", "whole": "one", "entire": "one", "full": "one"}
_PREMALIGNANT = frozenset({"premalignant", "malignant", "in_situ"})


def build(desk: Desk) -> Iterator[Procedure]:
    """Photodynamic therapy and phototherapy of the note."""
    yield from _photodynamic(desk)
    yield from _phototherapy(desk)


def _scope(desk: Desk, event: Event) -> list[Mark]:
    """The item the treatment is told in, else all of today's clauses that are in no other numbered problem with acts."""
    items = [lesion_item(m.clause.item) for m in event.marks()]
    outer = items[0]
    if outer is not None and all(item is outer for item in items):
        own = [m for m in desk.page.live() if inside(m.clause.item, outer)]
        if len(own) > 1:
            return own
    return [m for m in desk.page.live() if m.kind != "followup"]


def _photodynamic(desk: Desk) -> Iterator[Procedure]:
    event = one_event(desk, "photodynamic")
    if event is None:
        return
    if event.performed and not desk.says(_DONE):
        as_status(event, "discussed")
    marks = _scope(desk, event)
    whole = [m for m in desk.page.live() if m.kind != "followup"]
    yield Photodynamic(
        act=desk.act(event), target=_target(desk, event, conditions([*marks, *whole], _PREMALIGNANT)),
        applied_by=performer(desk, marks, _APPLIED), lit_by=performer(desk, marks, _LIT),
        debrided=stated(desk, [m for m in marks if not _another(m)], _DEBRIDED, denied=_NOT_DEBRIDED),
        drug=_photosensitizer(desk, marks), daylight=stated(desk, marks, r"\bdaylight\b", denied=_OUT_OF_DAYLIGHT),
    )  # fmt: skip


def _another(mark: Mark) -> bool:
    """The clause treats or samples another lesion: its curette prepares nothing for light."""
    return any(d.group in {"malignant", "in_situ", "viral"} for d in mark.diagnoses) or any(a.family in {"biopsy", "shave", "excision"} and a.status == "performed" for a in mark.acts)


def _target(desk: Desk, event: Event, found: Sequence[SeenDiagnosis]) -> Target:
    target = desk.target(event, found[:1])
    if found and not any(d.term == found[0].term for d in target.diagnoses):
        target = target.model_copy(update={"diagnoses": (found[0].fact(desk.page.text),)})
    return target


def performer(desk: Desk, marks: Sequence[Mark], act: str) -> Stated[Performer] | None:
    """Who did it: named beside the act, "by me" of the author, or whoever did all of the treatment."""
    acting = [m for m in marks if re.search(act, m.clause.text, re.IGNORECASE)]
    every = [m for m in desk.page.live() if re.search(_ALL_STEPS, m.clause.text, re.IGNORECASE) or _BY_ME_THROUGHOUT.search(m.clause.text)]
    for mark in [*acting, *every]:
        who = _by_column(mark) or _who(desk, mark.clause.text)
        if who is not None:
            return Stated(value=who, evidence=(desk.page.quote_clause(mark),))
    absent = next((m for m in marks if _ABSENT.search(m.clause.text)), None)
    if absent is not None:
        return Stated(value="staff", evidence=(desk.page.quote_clause(absent),))
    present = next((m for m in desk.page.live() if re.search(rf"\b{_CLINICIAN}\b[^.;\n]{{0,20}}present (?:throughout|for (?:the )?(?:entire|whole))", m.clause.text, re.IGNORECASE)), None)
    if present is not None:
        return Stated(value="clinician", evidence=(desk.page.quote_clause(present),))
    return None


_BY_ME_THROUGHOUT = re.compile(r"\bby (?:me|myself)\b[^.;]{0,24}\b(?:start to (?:end|finish)|throughout|from beginning|every step|all steps)|\b(?:i|we) did (?:all|every\w*|each)\b", re.IGNORECASE)


_WHO_COLUMN = re.compile(r"who|by|staff|performed by|done by|operator|person|initials")


def _by_column(mark: Mark) -> Performer | None:
    """ "Step | time | who | what": the row's own cell names who did it."""
    at = next((i for i, title in enumerate(mark.clause.header) if _WHO_COLUMN.fullmatch(title.strip())), None)
    if at is None or at >= len(mark.clause.cells):
        return None
    words = mark.clause.cells[at].lower()
    if re.search(rf"(?<!\w){_STAFF}(?!\w)", words):
        return "staff"
    return "clinician" if re.search(rf"(?<!\w){_CLINICIAN}(?!\w)", words) else None


def _who(desk: Desk, text: str) -> Performer | None:
    match = _BY.search(text) or _SUBJECT.search(text)
    if match is not None:
        word = match["who"].lower()
        if re.fullmatch(_STAFF, word):
            return "staff"
        if re.fullmatch(_CLINICIAN, word):
            return "clinician"
    if match is not None or _SELF.search(text):
        return "staff" if written_by_staff(desk) else "clinician"
    return None


def written_by_staff(desk: Desk) -> bool:
    """The note is a nurse's, an assistant's or a technician's own record."""
    text = desk.page.text
    return bool(_STAFF_NOTE.search(text)) and not _CLINICIAN_NOTE.search(text)


def _photosensitizer(desk: Desk, marks: Sequence[Mark]) -> Drug | None:
    named = [m for m in marks if _NAMED.search(m.clause.text)]
    if not named:
        return None
    gel = any(_GEL.search(m.clause.text) for m in marks)
    amount = None
    for mark in marks:
        numbered = [int(m[1]) for m in re.finditer(r"\bsticks?\s*#?([1-4])\b(?!\s*(?:%|:\d|/))", mark.clause.text, re.IGNORECASE)]
        if not gel and len(numbered) > 1 and sorted(numbered) == list(range(1, len(numbered) + 1)):
            amount = Stated(value=Decimal(len(numbered)), evidence=(desk.page.quote_clause(mark),))
            break
        match = (_TUBES if gel else _STICKS).search(mark.clause.text)
        if match is None or re.search(r"\b(?:no|not)\s*$", mark.clause.text[: match.start()], re.IGNORECASE):
            continue
        count = _count(match)
        if count is not None:
            amount = Stated(value=count * 2000 if gel else count, evidence=(desk.page.quote_clause(mark),))
            break
    name = "aminolevulinic acid 10%" if gel else "aminolevulinic acid 20%"
    return Drug(name=name, amount=amount, evidence=(desk.page.quote_clause(named[0]),))


def _count(match: re.Match[str]) -> Decimal | None:
    groups = match.groupdict()
    if groups.get("w"):
        return Decimal(1)
    word = next(groups[name] for name in ("n", "m", "k") if groups.get(name)).lower()
    return Decimal("0.5") if word.startswith("half") else number(_WORDS.get(word, word))


_GIVEN = r"j/cm|\d\s?j\b|cabinet|mj\b|joules?|treatment (?:#|no|number|\d)|session|seconds|min(?:utes)?\b|dose|increment|delivered|exposure|treated today|sq ?cm|cm2|given|goggles|booth"
_NO_DOSE = r"(?<![\d.])0 ?(?:mj|j/cm)|\blamps? (?:never|did not|would not)\b|\b(?:no|zero) (?:dose|light) (?:was )?(?:given|delivered)|\btreatment (?:was )?not (?:given|delivered)|\bnot (?:treated|exposed) today\b"
_MODALITIES = (
    ("excimer", r"excimer|xtrac|pharos|\b308\b|exsys|velas"), ("puva", r"\bpuva\b|psoralen|methoxsalen|8-?mop|oxsoralen|photochemotherapy"),
    ("tar", r"goeckerman|\b(?:coal )?tar\b"), ("petrolatum", r"petrolatum|white pet\b|emollient (?:oil|ointment)|baby oil|eucerin|vaseline|petroleum jelly|mineral oil|aquaphor"), ("uva", r"\buva-?1\b|\buva\b(?! ?/ ?uvb)"),
)  # fmt: skip
_NO_AGENT = re.compile(r"\b(?:no|not|without|none|nothing|never|held|instead of|hold)\b[^.;]{0,28}$|\b(?:after|post|home)\b[^.;]{0,20}$", re.IGNORECASE)
_AFTER_AGENT = re.compile(r"[^.;]{0,20}\b(?:not (?:used|applied|available)|none|was not|at home|after (?:treatment|exposure|light)|for (?:dry|home))", re.IGNORECASE)
_LIGHT_TREATS = re.compile(r"psoria|vitiligo|atopic|eczema|mycosis|lymphoma|lichen|prurigo|pruritus|alopecia|morphea|parapsoriasis|pityriasis|dermatitis_unspecified|granuloma_annulare")
_SKIN = frozenset({"disease", "malignant", "sign", "pigment", "premalignant"})


def _phototherapy(desk: Desk) -> Iterator[Procedure]:
    event = one_event(desk, "phototherapy")
    if event is None:
        return
    event.acts = [(m, a) for m, a in event.acts if not _asked(m)] or event.acts
    if event.performed and desk.says(_NO_DOSE):
        as_status(event, "aborted")
    if event.performed and (not desk.says(_GIVEN) or all(_asked(m) for m in event.marks())):
        as_status(event, "discussed")
    marks = [m for m in _scope(desk, event) if not (m.clause.cells and m.acts and all(a.status == "historical" for a in m.acts))]
    modality = _modality(event, marks)
    area = total_area(desk, marks) if modality.startswith("excimer") else None
    found = conditions(marks, _SKIN)
    first = [d for d in found if d.group == "disease" and d.term not in {"xerosis", "dry_skin"}] or found
    lit = [d for m in desk.page.live() for d in m.diagnoses if _LIGHT_TREATS.search(d.term) and d.certainty != "negated"]
    if lit and not any(_LIGHT_TREATS.search(d.term) for d in first):
        first = lit
    first.sort(key=lambda d: not _LIGHT_TREATS.search(d.term))
    yield Phototherapy(act=desk.act(event, *(area.evidence if area else ())), target=_target(desk, event, first), modality=modality, area=area)  # type: ignore[arg-type]


def _asked(mark: Mark) -> bool:
    return bool(re.search(r"\b(?:asked|ask|asks|wonder\w*|told|bring (?:it )?up|order(?:ed)? for|referr\w+|prior auth\w*|insurance|consider\w*|candidate|option|arranged?|not started|to (?:start|begin)|will (?:start|begin)|sister site|sessions? of|years? ago|in (?:19|20)\d\d|failed)\b", mark.clause.text, re.IGNORECASE))


def _modality(event: Event, marks: Sequence[Mark]) -> str:
    own = [m for m in marks if not _asked(m)]
    said = {name for name, pattern in _MODALITIES for m in own if _says(m, pattern)}
    acts = " ".join(m.clause.text[a.start - m.clause.start : a.end - m.clause.start] for m, a in event.acts).lower()
    if "excimer" in said and re.search(r"excimer|xtrac|pharos|308|exsys|velas", acts):
        text = " ".join(m.clause.text for m in own).lower()
        return "excimer_lamp" if re.search(r"excimer (?:lamp|light)|308 ?nm (?:lamp|light)|exsys", text) and not re.search(r"\blaser\b|xtrac|pharos|velas", text) else "excimer_laser"
    if "puva" in said:
        hours = any(re.search(r"\b[4-8]\s*(?:-\s*[4-8]\s*)?(?:hours?|hrs?)\b", m.clause.lower) and re.search(r"supervis|continuous|prolonged|in (?:the )?unit|stay", m.clause.lower) for m in own)
        return "prolonged" if hours else "puva"
    if "uva" in said and not re.search(r"uvb", " ".join(m.clause.text for m in own), re.IGNORECASE):
        return "uva"
    return "uvb_tar" if "tar" in said else "uvb_petrolatum" if "petrolatum" in said else "uvb"


_PSORALEN = re.compile(r"psoralen|methoxsalen|8-?mop|oxsoralen", re.IGNORECASE)
""" "Took 8-MOP at home": swallowed there, for the light here."""


def _says(mark: Mark, pattern: str) -> bool:
    """The agent is used under the light: not denied, not advised for afterwards."""
    for match in re.finditer(pattern, mark.clause.text, re.IGNORECASE):
        if not _NO_AGENT.search(mark.clause.text[max(0, match.start() - 40) : match.start()]) and (_PSORALEN.fullmatch(match.group()) or not _AFTER_AGENT.match(mark.clause.text[match.end() :])):
            return True
    return False
