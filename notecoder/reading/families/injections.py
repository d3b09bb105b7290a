"""Injections: into lesions, and under the skin or into muscle.

A coder counts lesions and not sticks (IL-01), and takes the needle that numbs before another act for no injection at all.
An injection under the skin or into muscle is one when a drug was given here today (AD-01); what the patient injects at home
or is to start is a plan.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from notecoder.evidence import Stated
from notecoder.facts import Drug, DrugInjection, IntralesionalInjection, Procedure
from notecoder.reading.counts import Count, counts_in, total_of
from notecoder.reading.events import Event
from notecoder.reading.families.desk import Desk
from notecoder.reading.families.destruction import group_act, group_target
from notecoder.reading.families.drugs import drug_marks, names_drug, read_drug
from notecoder.reading.families.scene import live_acts
from notecoder.reading.groups import Group, condition_for, gather
from notecoder.reading.lesions import LESION_GROUPS
from notecoder.reading.page import Mark, SeenAct, SeenDiagnosis
from notecoder.reading.places import merged_sites
from notecoder.reading.targets import span_of

INJECTED = frozenset(LESION_GROUPS | {"disease", "infection", "nail", "sign"})
_PLURAL = re.compile(r"\b(?:multiple|several|numerous|many|keloids|cysts|patches|plaques|nodules|lesions|scars|areas|spots|bumps|warts)\b", re.IGNORECASE)
_AGENTS = {"fluorouracil": "antineoplastic", "methotrexate": "antineoplastic", "talimogene laherparepvec": "antineoplastic", "candida antigen": "antigen", "bleomycin": "other"}
_NUMBING = re.compile(r"\b(?:ana?esthe\w+|lido\w*|xylocaine|numb\w*|bupivacaine|ropivacaine|block(?:ed)?|saline|tumescent|epinephrine)\b", re.IGNORECASE)
_SELF_GIVEN = re.compile(r"\bplan would be\b|\bself[- ]?(?:inject|admin)\w*|\bat home\b|\bq\d+w|\bevery (?:\d+|two|four|other) weeks?\b|\bpens?\b|\bstart(?:ed|ing)?\b|\bcontinu\w+|\bprescri\w+|\bdaily\b|\bbid\b|\bq\d+h\b|\bmaintain\w*|\bprophylaxis\b|\bper week\b|\bweekly\b|\bon discharge\b|\bswitch\w* to\b|\bPA (?:submitted|started|sent|pending)|\bprior auth\w*|\bat (?:weeks? )?0,|\bloading\b|\bthen every\b|\be-?prescrib\w+|\bordered (?:for|from|to|through)\b", re.IGNORECASE)
_HERE = re.compile(r"\b(?:given|administered|injected|today|lot|vial|deltoid|glut\w+|ventroglut\w+|vastus|tolerated|in (?:the )?(?:office|clinic))\b", re.IGNORECASE)


def build(desk: Desk) -> Iterator[Procedure]:
    """The injections of the note."""
    yield from _intralesional(desk)
    yield from _systemic(desk)


_UNDER_SKIN_ONLY = frozenset({"adalimumab", "infliximab", "dupilumab", "omalizumab", "ustekinumab", "guselkumab", "risankizumab", "secukinumab", "ixekizumab", "tralokinumab", "tildrakizumab", "etanercept", "certolizumab", "rituximab", "lebrikizumab", "nemolizumab"})
"""Drugs for the whole body: never put into a lesion."""


def _intralesional(desk: Desk) -> Iterator[Procedure]:
    acts = [(m, a) for m, a in desk.page.acts("intralesional", status=None) if not m.clause.ignored and not _numbing(m)]
    acts = [(m, a) for m, a in acts if m.kind not in {"past", "history", "reason"} or a.status == "performed"]
    acts = acts or list(_filled(desk))
    performed_any = any(a.status == "performed" for _, a in acts)
    for group in gather(desk.page, acts, INJECTED):
        if not group.performed and performed_any:
            continue
        marks = [m for m in drug_marks(desk, [m for m, _ in group.acts], group.marks) if (names_drug(m.clause.text) or "") not in _UNDER_SKIN_ONLY]
        drug = read_drug(desk, marks)
        if drug is None and group.performed and (group.seen is None or not _told(group)):
            continue
        yield _injection(desk, group, drug)


def _filled(desk: Desk) -> Iterator[tuple[Mark, SeenAct]]:
    """ "Shoulder keloid: 16 mg triamcinolone": steroid by the mg or mL beside what it is put into is an injection without a verb."""
    for mark in desk.page.live():
        if mark.kind in {"history", "reason", "plan", "followup", "pathology", "codes"} or not mark.sites or not any(d.group in {"keloid", "scar"} or d.term == "alopecia_areata" for d in mark.diagnoses):
            continue
        if _AMOUNT.search(mark.clause.text) and not _LATER.search(mark.clause.text) and (names_drug(mark.clause.text) or any(names_drug(m.clause.text) == "triamcinolone acetonide" and _AMOUNT.search(m.clause.text) for m in desk.page.live())):
            yield mark, desk.silent_act("intralesional", mark)


_AMOUNT = re.compile(r"\d\s*(?:mg|ml|cc)\b", re.IGNORECASE)
_LATER = re.compile(r"\b(?:last|previous\w*|prior|next|plan\w*|will|consider\w*|discuss\w*|declin\w*|if|cream|ointment|po|oral\w*|daily|twice|bid)\b", re.IGNORECASE)


def _told(group: Group) -> bool:
    """Without any drug an injection needs its own name: "injected" alone beside a lesion may be the anesthetic."""
    return any(re.search(r"intra-?lesional|\bil\b|\bilk\b|steroid|inject", m.clause.text, re.IGNORECASE) and not _NUMBING.search(m.clause.text) for m, a in group.acts if a.status == "performed")


def _numbing(mark: Mark) -> bool:
    """The needle that numbs, or one into muscle: no injection into a lesion."""
    if re.search(r"\b(?:im|i\.m\.|intramuscular\w*|deltoid|glut\w+)\b", mark.clause.text, re.IGNORECASE) and not re.search(r"keloid|lesion|patch|cyst|intralesional", mark.clause.text, re.IGNORECASE):
        return True
    return bool(_NUMBING.search(mark.clause.text)) and names_drug(mark.clause.text) in {None, "diphenhydramine"}


def _injection(desk: Desk, group: Group, drug: Drug | None) -> IntralesionalInjection:
    count, other = _count(desk, group)
    if other is not None and count is not None and group.performed:
        desk.note_conflict("number of lesions injected", "count", "code", count, other)
    agent = _AGENTS.get(drug.name, "steroid") if drug else "steroid"
    text = " ".join(m.clause.text for m in group.marks)
    acting = " ".join(m.clause.text for m, a in group.acts if a.status == "performed")
    plural = count is None and bool(_PLURAL.search(text)) and not re.search(r"\b(?:keloid|cyst|patch|plaque|nodule|lesion|scar|wart)\b(?!s)", acting, re.IGNORECASE)
    act = group_act(desk, group, count)
    if drug is not None:
        act = act.model_copy(update={"evidence": tuple(dict.fromkeys([*act.evidence, *drug.evidence[:2]]))[:7]})
    value: Stated[int] | None = None
    if count is not None:
        mark = desk.page.marks[desk.page.layout.clause_at(count.start).index]
        value = Stated(value=count.value, evidence=(desk.page.quote(*span_of(mark, count.start, count.end)),))
    elif not plural:
        value = Stated(value=max(1, _places(desk, group)), evidence=(desk.page.quote_clause(group.acts[0][0]),))
    target = group_target(desk, group, desk.number())
    if agent == "steroid" and not any(d.term in STEROID_FOR and d.certainty != "uncertain" for d in target.diagnoses):
        named = _what_steroid_is_for(desk, group)
        target = target.model_copy(update={"diagnoses": (named.fact(desk.page.text),)}) if named is not None else target
    return IntralesionalInjection(act=act, target=target, count=value, plural=plural, agent=agent, drug=drug)  # type: ignore[arg-type]


STEROID_FOR = frozenset({
    "keloid", "alopecia_areata", "alopecia_totalis", "alopecia_universalis", "hidradenitis_suppurativa", "acne_vulgaris", "acne_unspecified",
    "acne_conglobata", "acne_keloidalis_nuchae", "lichen_planus", "hypertrophic_lichen_planus", "lichen_planopilaris", "frontal_fibrosing_alopecia",
    "central_centrifugal_cicatricial_alopecia", "lichen_simplex_chronicus", "prurigo_nodularis", "plaque_psoriasis", "psoriasis_unspecified",
    "granuloma_annulare", "necrobiosis_lipoidica", "discoid_lupus_erythematosus", "cutaneous_sarcoidosis", "epidermal_inclusion_cyst",
    "cyst_of_skin_unspecified", "digital_mucous_cyst", "morphea", "dissecting_cellulitis_of_scalp", "folliculitis_decalvans", "lipoma",
})  # fmt: skip
"""What steroid is put into (IL-01, 10.2); another word near the needle (an itch, a risk, a scar) is not what was injected."""


def _what_steroid_is_for(desk: Desk, group: Group) -> SeenDiagnosis | None:
    """The condition named nearest that steroid is put into: under the same item or section, else the last one named before."""
    acting = [m for m, _ in group.acts]
    found = [(m, d) for m in desk.page.live() for d in m.diagnoses if d.term in STEROID_FOR and d.certainty in {"stated", "pathology"}]
    items = {id(m.clause.item) for m in acting if m.clause.item is not None}
    near = [d for m, d in found if id(m.clause.item) in items] or [d for m, d in found if m.clause.section.index in {a.clause.section.index for a in acting}]
    chosen = near or [d for _, d in found]
    before = [d for d in chosen if d.clause <= acting[0].clause.index]
    return chosen[0] if len({d.term for d in chosen}) == 1 else before[-1] if before else None


def _places(desk: Desk, group: Group) -> int:
    marks = [m for m, a in group.acts if a.status == "performed"]
    return max((len(merged_sites(m.sites, desk.page.text)) for m in marks), default=1)


def _count(desk: Desk, group: Group) -> tuple[Count | None, Count | None]:
    acting = [m for m, a in group.acts if a.status == "performed"]
    acting = [m for i, m in enumerate(acting) if m not in acting[:i]]
    count, other = total_of(desk.page, acting)
    if count is None or count.kind == "count":
        wide, against = total_of(desk.page, group.marks)
        if wide is not None:
            count, other = wide, against
    if count is None:
        count = _rows_filled(desk)
    if count is None:
        listed = [c for m in desk.page.live() for c in counts_in(desk.page, m) if re.search(r"\b(?:patch|plaque|lesion|keloid|site|nodule)s?\s*(?:count|injected|treated|no\.?|number)", m.clause.text, re.IGNORECASE)]
        totals = [c for c in listed if c.kind == "total"] or listed
        count = totals[0] if totals else None
    return count, other


def _rows_filled(desk: Desk) -> Count | None:
    """ "# | where | size | mL": each row with an amount is a lesion injected; a row with none was left out."""
    rows: list[Mark] = []
    for mark in desk.page.live():
        at = next((i for i, title in enumerate(mark.clause.header) if _AMOUNT_COLUMN.fullmatch(title.strip())), None)
        if at is not None and mark.sites and at < len(mark.clause.cells) and re.fullmatch(r"[\d.]*[1-9][\d.]*\s*(?:ml|cc|mg)?", mark.clause.cells[at].strip(), re.IGNORECASE):
            rows.append(mark)
    return Count(len(rows), rows[0].clause.start, rows[0].clause.end) if len(rows) > 1 else None


_AMOUNT_COLUMN = re.compile(r"(?:ml|cc|mg|amount|volume|vol|dose)(?: \(?(?:ml|cc|mg)\)?)?", re.IGNORECASE)
_VACCINE = re.compile(r"\b(?:tetanus|toxoid|tdap|dtap|vaccin\w+|immuni[sz]ation|flu shot|gardasil|shingrix|boosters?)\b", re.IGNORECASE)
"""A vaccine has administration codes of its own, outside this book."""


def _systemic(desk: Desk) -> Iterator[Procedure]:
    seen: set[str] = set()
    acts = live_acts(desk, "drug_injection")
    given = [(m, a) for m, a in acts if _status(m, a) == "performed"]
    for mark, act in given or acts:
        if mark.kind in {"medication", "allergy", "past"} or _VACCINE.search(mark.clause.text):
            continue
        drug = read_drug(desk, drug_marks(desk, [mark]))
        name = drug.name if drug else "?"
        if name in seen:
            continue
        seen.add(name)
        route: Literal["im", "sc"] = "im" if _says_im(mark) or any(_says_im(m) for m in desk.page.live()) and not re.search(r"\b(?:sc|sq|subq|subcut\w*)\b", mark.clause.lower) else "sc"
        fact = SeenAct(act.family, act.detail, act.start, act.end, _status(mark, act), act.clause)  # type: ignore[arg-type]
        event = Event("drug_injection", None, [(mark, fact)])
        yield DrugInjection(act=desk.act(event, *(drug.evidence if drug else ())), target=desk.target(event, condition_of(desk, mark)), route=route, drug=drug, count=_times_given(desk, mark))


_GIVEN_TWICE = re.compile(r"\b(?:two|2) (?:separate )?(?:injections|syringes|shots)\b|\binjections?\s*[x×]\s*2\b|\bone in each\b", re.IGNORECASE)


def _times_given(desk: Desk, mark: Mark) -> Stated[int] | None:
    """Two injections of one drug: said so, or a dose in each of two sites (AD-01)."""
    sided = {(s.key, s.side) for s in mark.sites if s.side in {"left", "right"}}
    doses = re.findall(r"\b\d+(?:\.\d+)?\s*(?:mg|mcg|units?)\b", mark.clause.text)
    if _GIVEN_TWICE.search(mark.clause.text) or len(sided) == 2 and len(doses) >= 2:
        return Stated(value=2, evidence=(desk.page.quote_clause(mark),))
    return None


def _says_im(mark: Mark) -> bool:
    return bool(re.search(r"\b(?:im|i\.m\.|intramuscular\w*|ventroglut\w+|glute\w+|deltoid)(?!\w)", mark.clause.text, re.IGNORECASE))


def _status(mark: Mark, act: SeenAct) -> str:
    if act.status == "performed" and _SELF_GIVEN.search(mark.clause.text) and not _HERE.search(mark.clause.text):
        return "planned"
    return act.status


def condition_of(desk: Desk, mark: Mark) -> list[SeenDiagnosis]:
    """The disease an injection of this clause is for."""
    seen = condition_for(desk.page, mark, SeenAct("drug_injection", None, mark.clause.start, mark.clause.end, "performed", mark.clause.index),
                         frozenset({"disease", "infection", "keloid", "sign", "pigment", "hair"}))  # fmt: skip
    if seen is None:
        diseases = [d for m in desk.page.live() for d in m.diagnoses if d.group == "disease" and d.certainty in {"stated", "pathology"}]
        seen = diseases[0] if diseases else None
    return [seen] if seen else []
