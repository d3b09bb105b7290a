"""Drugs given in the office: which, how much, out of what container, and what was thrown away (8.3).

A coder looks for the amount that went into the patient. "Given 20 mg" says it; else it is concentration times volume, and
after a dilution the diluted concentration counts. A figure on a vial, a dose that was only ordered, what was discarded and
what is taken at home are other figures, told apart by the words beside each of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Literal

from notecoder.evidence import Evidence, Stated
from notecoder.facts import Drug
from notecoder.reading.families.desk import Desk
from notecoder.reading.families.scene import stated
from notecoder.reading.groups import inside
from notecoder.reading.measures import SPELLED, number
from notecoder.reading.nodes import lesion_item
from notecoder.reading.page import Mark
from notecoder.reading.targets import span_of

DRUGS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(rf"\b(?:{words})", re.IGNORECASE))
    for name, words in (
        ("triamcinolone acetonide", r"triamcinolone|triam\b|kenalog|\bil-?tac\b|\btac\b|\btmc\b|\bt\.?a\.?c\.?(?= ?\d)|\bilk\b|\bil[- ]?k\b|\bk-?(?:2\.5|5|10|20|40|80)\b|aristo(?:cort|span)|\bil-?tmc\b"),
        ("methylprednisolone acetate", r"depo-?medrol|methylprednisolone acetate"),
        ("methylprednisolone sodium succinate", r"solu-?medrol|methylprednisolone sodium"),
        ("dexamethasone sodium phosphate", r"dexamethasone|decadron"),
        ("betamethasone", r"celestone|betamethasone (?:acetate|sodium|sod)"),
        ("ceftriaxone", r"ceftriaxone|rocephin"),
        ("bleomycin", r"bleomycin|\bbleo\b"),
        ("fluorouracil", r"5-?fu\b|fluorouracil"),
        ("methotrexate", r"methotrexate|\bmtx\b"),
        ("candida antigen", r"candida(?: albicans)?(?: skin test)?(?: antigen)?|candin"),
        ("onabotulinumtoxina", r"onabotulinum\w*|botox"),
        ("abobotulinumtoxina", r"abobotulinum\w*|dysport"),
        ("incobotulinumtoxina", r"incobotulinum\w*|xeomin"),
        ("rimabotulinumtoxinb", r"rimabotulinum\w*|myobloc"),
        ("daxibotulinumtoxina", r"daxibotulinum\w*|daxxify"),
        ("poly-l-lactic acid", r"poly-?l-?lactic acid|sculptra|\bplla\b"),
        ("omalizumab", r"omalizumab|xolair"),
        ("ustekinumab", r"ustekinumab|stelara"),
        ("tildrakizumab", r"tildrakizumab|ilumya"),
        ("penicillin g benzathine", r"bicillin|benzathine penicillin|penicillin g benzathine"),
        ("dupilumab", r"dupilumab|dupixent"),
        ("infliximab", r"infliximab|remicade|inflectra"),
        ("adalimumab", r"adalimumab|humira"),
        ("etanercept", r"etanercept|enbrel"),
        ("talimogene laherparepvec", r"talimogene|t-?vec\b|imlygic"),
        ("diphenhydramine", r"diphenhydramine|benadryl"),
    )
)  # fmt: skip
_N = r"(?:\d{1,4}(?:,\d{3})?(?:\.\d{1,3})?|\.\d{1,3})"
_CONCENTRATION = re.compile(rf"(?<![\w.])(?P<c>{_N})\s*(?:mg)?\s*(?:/|per\s)\s*(?:1 ?)?(?:ml|cc)\b|\b(?:kenalog|k|ilk|tac|tmc|il-?tac|triamcinolone(?: acetonide)?|il kenalog)[\s-]*(?P<k>2\.5|3\.3|5|7\.5|10|15|20|40|80)(?!\s*(?:mg(?!/|\s*per)|ml\b|cc\b|%|\d|\.\d))\b", re.IGNORECASE)
_MASS = re.compile(rf"(?<![\w./-])(?P<m>{_N})\s*(?:mg|milligrams?)\b(?!\s*(?:/|per\b))", re.IGNORECASE)
_UNITS = re.compile(rf"(?<![\w./-])(?P<m>{_N})[\s-]*(?:units?|u|iu)\b(?!\s*(?:/\s*(?:ml|cc|0\.)|per (?:ml|point|cc|0)))", re.IGNORECASE)
_VOLUME = re.compile(rf"(?<![\w./-])(?P<m>{_N})\s*(?:ml|cc|milliliters?)\b", re.IGNORECASE)
_WASTED = re.compile(r"\b(?:wast\w+|discard\w*|thrown (?:away|out)|destroyed|leftover|left over|remain(?:der|ing)|unused|residual)\b", re.IGNORECASE)
_NO_WASTE = re.compile(r"\b(?:no (?:drug |product |medication )?(?:wast\w+|discard\w*)|none (?:was )?(?:wasted|discarded|left)|nothing (?:was )?(?:wasted|discarded|left(?: over)?)|(?:waste|wastage|discarded|wasted)\s*(?:[:=]|\.{2,}|was|is|\s{2,})?\s*(?:none|nil|0(?![.\d]))|0 (?:mg |ml |units? |u )?(?:wasted|discarded)|(?:entire|whole|full|complete) (?:vial|contents?|syringe)|full contents|(?:vials?|all) (?:fully used|used up|emptied|used in full)|both vials (?:used|emptied)|vial emptied)\b", re.IGNORECASE)
_CONTAINER_BEFORE = re.compile(r"\b(?:vials?|sdv|mdv|stock|bottle|container|syringe of|opened|supplied as)\b[\s:=(]*(?:of|size|:|=)?\s*(?:\w+\s)?$", re.IGNORECASE)
_CONTAINER_AFTER = re.compile(r"^[\s-]*(?:\w+[\s-]+){0,2}?(?:vials?|sdv|mdv|/vial|bottle|/\s*vial|pre-?filled|kit)\b|^\s*/\s*vial", re.IGNORECASE)
_OTHER_FLUID = re.compile(r"\b(?:saline|ns\b|lido\w*|xylocaine|marcaine|bupivacaine|ropivacaine|epi\b|epinephrine|anesthe\w*|water|swfi|diluent|dilut\w+|reconstitut\w+|pus|blood|recon\w*)\b", re.IGNORECASE)
_HOME = re.compile(r"^\s*(?:bid|tid|qid|qd|q\d|daily|nightly|po\b|by mouth|tablets?|tabs?|caps?(?:ules?)?|orally|x ?\d+ ?d|once (?:daily|weekly)|weekly|twice|a day|/\s*day|every|at home)", re.IGNORECASE)
_ORDERED = re.compile(r"\b(?:order(?:ed)?|prescrib\w+|planned|goal|max(?:imum)?|last (?:dose|visit|time)|previous\w*|prior)\b[^.;]{0,24}$", re.IGNORECASE)
_GIVEN = re.compile(r"\b(?:given|gave|administered|injected|infiltrat\w+|total(?:led|ling)?|used|in all|altogether|placed|delivered|dose|received|sum|overall)\b", re.IGNORECASE)
_TOTAL = re.compile(r"\btotal(?:led|ling)?\b|\bin all\b|\baltogether\b|\btotaling\b|\boverall\b", re.IGNORECASE)
_EACH = re.compile(r"^\s*(?:(?:in(?:to)?|to|for) )?(?:each|per\b|/\s*(?:site|lesion|point|injection|side|puncture|axilla)|apiece|a (?:side|site|lesion)|to each|into each)", re.IGNORECASE)
_SINGLE = r"\b(?:single[- ]?(?:dose|use)|sdv|sd vial|one-time vial|unit-?dose vial)\b"
_MULTI = r"\b(?:multi(?:ple)?[- ]?(?:dose|use)|mdv|multidose|md vial)\b"
_OWN = r"\b(?:patient(?:'s)? (?:own|supplied|brought)|brought (?:in )?(?:by|from)|own supply|pharmacy[- ]supplied|specialty pharmacy|brought h(?:er|is)|patient-supplied|white[- ]bagged|from home)\b"
_COMPOUNDED = r"\bcompound(?:ed|ing)\b"
_SHELF = re.compile(r"\b(?:lot|exp|ndc|vials?|dilut\w+|discard\w*|wast\w+|given|injected|administered|reconstitut\w+)\b", re.IGNORECASE)


def names_drug(text: str) -> str | None:
    """The drug a text names first, or None."""
    found = [(m.start(), name) for name, pattern in DRUGS for m in [pattern.search(text)] if m]
    return min(found)[1] if found else None


def drug_marks(desk: Desk, acting: Sequence[Mark], marks: Sequence[Mark] = ()) -> list[Mark]:
    """The clauses that may hold the drug: the act's item; without items its neighborhood, or the whole of a record."""
    found: dict[int, Mark] = {m.clause.index: m for m in [*acting, *marks]}
    for mark in acting:
        item = lesion_item(mark.clause.item)
        for other in desk.page.marks:
            if other.clause.ignored:
                continue
            if item is not None:
                near = inside(other.clause.item, item)
            else:
                near = other.live and lesion_item(other.clause.item) is None and (other.clause.section.index == mark.clause.section.index or other.clause.paragraph == mark.clause.paragraph) and abs(other.clause.index - mark.clause.index) <= 6
            if near:
                found.setdefault(other.clause.index, other)
    if _record(desk):
        for other in desk.page.marks:
            if not other.clause.ignored and (other.live or other.kind == "medication") and (_SHELF.search(other.clause.text) or names_drug(other.clause.text) or _MASS.search(other.clause.text) or _UNITS.search(other.clause.text)):
                found.setdefault(other.clause.index, other)
    return [found[i] for i in sorted(found)]


def _record(desk: Desk) -> bool:
    """A drug record or a single-injection note: all its drug lines speak of one drug."""
    if "drug_record" not in desk.cache:
        named = {names_drug(m.clause.text) for m in desk.page.marks if not m.clause.ignored and m.kind not in {"past", "history", "family"}} - {None}
        numbered = any(i.kind in {"number", "letter"} for i in desk.page.layout.items)
        desk.cache["drug_record"] = len(named) == 1 and not numbered
    return bool(desk.cache["drug_record"])


def read_drug(desk: Desk, marks: Sequence[Mark], wanted: str | None = None) -> Drug | None:
    """The drug of these clauses with amount, concentration, volume, container and waste."""
    name, holder = None, None
    for mark in marks:
        name = names_drug(mark.clause.text)
        if name and (wanted is None or name == wanted):
            holder = mark
            break
    if name is None or holder is None:
        return None
    toxin = "toxin" in name or name in {"bleomycin", "talimogene laherparepvec"}
    concentration = _concentration(desk, marks)
    volume = _given(desk, marks, _VOLUME, holder)
    amount = _given(desk, marks, _UNITS if toxin else _MASS, holder)
    if amount is None and not toxin:
        amount = _of_strengths(desk, marks, holder)
    if amount is None and concentration is not None and volume is not None and not toxin:
        evidence = tuple(dict.fromkeys([*concentration.evidence, *volume.evidence]))
        amount = Stated(value=concentration.value * volume.value, evidence=evidence)
    opened = _opened(desk, marks, toxin)
    if amount is None and opened is not None and _all_used(marks):
        amount = opened
    waste = _waste(desk, marks, concentration, toxin)
    container = _container(desk, marks)
    spans: list[Evidence] = [desk.page.quote_clause(holder)]
    spans += [e for s in (amount, volume, concentration) if s for e in s.evidence]
    return Drug(
        name=name, amount=amount, concentration=concentration, volume=volume, wasted=waste, container=container,
        supplied_by_patient=stated(desk, marks, _OWN), compounded=stated(desk, marks, _COMPOUNDED), evidence=tuple(dict.fromkeys(spans))[:4],
    )  # fmt: skip


def _quote(desk: Desk, mark: Mark, start: int, end: int) -> Evidence:
    return desk.page.quote(*span_of(mark, mark.clause.start + start, mark.clause.start + end))


def _decimal(raw: str) -> Decimal:
    plain = raw.replace(",", "")
    return Decimal("0" + plain if plain.startswith(".") else plain)


def _concentration(desk: Desk, marks: Sequence[Mark]) -> Stated[Decimal] | None:
    """mg in a mL; of several the diluted one."""
    found: list[Stated[Decimal]] = []
    for mark in marks:
        for match in _CONCENTRATION.finditer(mark.clause.text):
            value = _decimal(match["c"] or match["k"])
            if 0 < value <= 200 and not re.search(r"\blido|xylo|marcaine|bupiv", mark.clause.text[max(0, match.start() - 22) : match.start()], re.IGNORECASE):
                found.append(Stated(value=value, evidence=(_quote(desk, mark, match.start(), match.end()),)))
    diluted = any(_DILUTED.search(m.clause.text) for m in marks)
    if not found:
        return None
    return min(found, key=lambda s: s.value) if diluted else found[0]


def _of_strengths(desk: Desk, marks: Sequence[Mark], holder: Mark) -> Stated[Decimal] | None:
    """Two strengths in one sitting ("Kenalog-40 0.5 mL ... Kenalog-10, 0.5 mL each"): each volume at its own strength."""
    sums: list[Decimal] = []
    spans: list[Evidence] = []
    strengths: set[Decimal] = set()
    current: Decimal | None = None
    for mark in marks:
        text = mark.clause.text
        if _DILUTED.search(text):
            return None
        told = [(m.start(), m.end(), _decimal(m["c"] or m["k"])) for m in _CONCENTRATION.finditer(text)]
        for low, high in _segments(text):
            for match in _VOLUME.finditer(text, low, high):
                grade = _grade(mark, text, low, high, match, _VOLUME, holder)
                if grade is None or grade == 0:
                    continue
                behind = next((c for start, _, c in told if 0 <= start - match.end() <= 20 and re.fullmatch(r"[\s\w]{0,10}\b(?:of|at)\s+", text[match.end() : start])), None)
                before = [c for _, end, c in told if end <= match.start()]
                strength = behind or (before[-1] if before else current)
                if strength is None:
                    return None
                strengths.add(strength)
                sums.append(strength * _decimal(match["m"]) * _times(mark, text, match))
                spans.append(_quote(desk, mark, match.start(), match.end()))
        current = told[-1][2] if told else current
    if len(strengths) < 2:
        return None
    return Stated(value=sum(sums, Decimal(0)), evidence=tuple(dict.fromkeys(spans))[:4])


_DILUTED = re.compile(r"\bdilut\w+|\bmixed with|->|→|\b1:\d\b|final concentration|\bto (?:a )?(?:final )?\d[\d.]*\s*mg", re.IGNORECASE)


def _segments(text: str) -> Iterator[tuple[int, int]]:
    """The parts of a clause between semicolons, commas and wide gaps."""
    start = 0
    for cut in re.finditer(r"[;|]|,(?=\s)|\s{3,}|\s[-–]\s|\.\s", text):
        yield start, cut.start()
        start = cut.end()
    yield start, len(text)


def _given(desk: Desk, marks: Sequence[Mark], pattern: re.Pattern[str], holder: Mark) -> Stated[Decimal] | None:
    """The amount of one kind (mass, units, volume) that was given: a total, a "given", else parts added or the figure."""
    best: list[tuple[int, Decimal, Evidence, int]] = []
    for mark in marks:
        text = mark.clause.text
        for low, high in _segments(text):
            for match in pattern.finditer(text, low, high):
                grade = _grade(mark, text, low, high, match, pattern, holder)
                if grade is not None:
                    best.append((grade, _decimal(match["m"]) * _times(mark, text, match), _quote(desk, mark, match.start(), match.end()), mark.clause.index))
    if not best:
        return None
    top = min(grade for grade, *_ in best)
    chosen = [b for b in best if b[0] == top]
    if top == 1 and len(chosen) == 1:
        own = {s.side for s in desk.page.marks[chosen[0][3]].sites}
        others = [b for b in best if b[0] == 2 and len(own) == 1 and own < {"left", "right"} and {s.side for s in desk.page.marks[b[3]].sites} == {"left", "right"} - own]
        chosen += others[:1]  # "given: right 45 U; left 45 U"
    if pattern is _VOLUME and top == 1:
        row = [b for b in best if b[0] in {1, 2} and b[3] == chosen[0][3]]
        if 1 < len(row) <= len(desk.page.marks[chosen[0][3]].sites):
            return Stated(value=sum((b[1] for b in row), Decimal(0)), evidence=tuple(dict.fromkeys(b[2] for b in row))[:4])
    places = {(s.key, s.side) for b in chosen for s in desk.page.marks[b[3]].sites if s.side}
    if top == 1 and len(chosen) == len(places) > 1:
        return Stated(value=sum((b[1] for b in chosen), Decimal(0)), evidence=tuple(dict.fromkeys(b[2] for b in chosen)))
    if top <= 1 or len(chosen) == 1:
        return Stated(value=chosen[0][1], evidence=(chosen[0][2],))
    same = [b for b in chosen if b[3] == chosen[0][3]] if top > 2 else chosen
    parts = same if len(same) > 1 else chosen
    if pattern is _MASS and top > 2:
        parts = parts[:1]
    evidence = tuple(dict.fromkeys(e for _, _, e, _ in parts))[:4]
    return Stated(value=sum((v for _, v, _, _ in parts), Decimal(0)), evidence=evidence)


def _grade(mark: Mark, text: str, low: int, high: int, match: re.Match[str], pattern: re.Pattern[str], holder: Mark) -> int | None:
    """0 a total, 1 a figure said to be given, 2 a part beside a site, 3 beside the drug; None: another figure."""
    before, after = text[max(low, match.start() - 44) : match.start()], text[match.end() : min(len(text), match.end() + 40)]
    segment = text[low:high]
    if _WASTED.search(segment) or _HOME.match(after) or _ORDERED.search(text[max(0, match.start() - 40) : match.start()]):
        return None
    if mark.clause.key and _WASTED.search(mark.clause.key):
        return None
    if _CONTAINER_BEFORE.search(before) or _CONTAINER_AFTER.match(after) or not _TOTAL.search(segment) and re.match(r"^[\s,]*(?:single|multi)[- ]?(?:dose|use)|^\s*/\s*vial", after, re.IGNORECASE):
        return None
    if pattern is _VOLUME and (_OTHER_FLUID.search(segment) and not names_drug(segment) or re.search(r"\bper (?:puncture|point)|~", segment)):
        return None
    if pattern is _UNITS and _decimal(match["m"]) == 0 or re.match(r"\s*(?:deferred|not given|held)", after, re.IGNORECASE):
        return None
    if (_TOTAL.search(segment) or mark.clause.key and _TOTAL.search(mark.clause.key)) and not _EACH.match(after):
        return 0
    if pattern is _VOLUME and len(mark.sites) > 1 and re.match(r"\s*(?:in)?to\b|\s*(?:in|at) the\b", after, re.IGNORECASE):
        return 2
    if _GIVEN.search(segment) or (mark.clause.key and _GIVEN.search(mark.clause.key)):
        return 1 if not mark.sites or not _EACH.match(after) else 2
    if mark.sites:
        return 2
    return 3 if mark is holder or names_drug(text) or _EACH.match(after) or abs(mark.clause.index - holder.clause.index) <= 2 else 4 if pattern is _VOLUME else None


def _times(mark: Mark, text: str, match: re.Match[str]) -> Decimal:
    """ "50 units each axilla", "0.1 mL to each of 5 lesions": the figure times its places."""
    after = text[match.end() : match.end() + 60]
    if not _EACH.match(after):
        return Decimal(1)
    counted = re.search(r"(?:each|per)\s+of\s+(?:the\s+)?(\d{1,2}|two|three|four|five|six|seven|eight)\b(?!\s*mg)|[x×]\s*(\d{1,2})\b", after, re.IGNORECASE)
    if counted:
        value = number(counted[1] or counted[2])
        if value is not None and 1 < value < 40:
            return value
    if re.search(r"\b(?:side|axilla|palm|sole|hand|foot)\b|\bbilat|\bboth\b", after + text[: match.start()], re.IGNORECASE):
        return Decimal(2)
    before = text[: match.start()]
    before = before[max((m.end() for m in _VOLUME.finditer(before)), default=0) :]
    told = [number(m[1]) for m in _LESIONS.finditer(before)]
    if told and told[-1] is not None and 1 < told[-1] < 40:
        return told[-1]
    places = [s for s in mark.sites if match.start() - len(before) <= s.start - mark.clause.start < match.start()]
    return Decimal(max(1, len(places)))


_LESIONS = re.compile(rf"(?<![\w.])(\d{{1,2}}|{SPELLED})\s+(?:(?!and\b|or\b|mg\b|ml\b|cc\b|mm\b|cm\b)[\w-]+\s+){{0,3}}?(?:keloids?|patch(?:es)?|plaques?|nodules?|lesions?|cysts?|scars?|areas?|sites?|spots?|ones|warts?)\b", re.IGNORECASE)
""" "Three chest keloids, 0.4 mL apiece"."""


def _opened(desk: Desk, marks: Sequence[Mark], toxin: bool) -> Stated[Decimal] | None:
    """The content of the vial or vials, when it is written."""
    for mark in marks:
        text = mark.clause.text
        for match in (_UNITS if toxin else _MASS).finditer(text):
            if _CONTAINER_AFTER.match(text[match.end() :]) or _CONTAINER_BEFORE.search(text[: match.start()]):
                return Stated(value=_decimal(match["m"]), evidence=(_quote(desk, mark, match.start(), match.end()),))
    return None


def _all_used(marks: Sequence[Mark]) -> bool:
    return any(re.search(r"\b(?:entire|whole|full|all of the|complete) (?:vial|contents|syringe)|nothing (?:left|wasted|discarded)|vial emptied", m.clause.text, re.IGNORECASE) for m in marks)


def _waste(desk: Desk, marks: Sequence[Mark], concentration: Stated[Decimal] | None, toxin: bool) -> Stated[Decimal] | None:
    """What was discarded, in the unit of the amount; zero when the note says that nothing was."""
    none: Stated[Decimal] | None = None
    for mark in marks:
        text = mark.clause.text
        if _NO_WASTE.search(text):
            none = none or Stated(value=Decimal(0), evidence=(desk.page.quote_clause(mark),))
            continue
        for low, high in _segments(text):
            keyed = bool(mark.clause.key and _WASTED.search(mark.clause.key))
            if not (_WASTED.search(text, low, high) or keyed):
                continue
            exact = (_UNITS if toxin else _MASS).search(text, low, high) or (_UNITS if toxin else _MASS).search(text, low) if keyed else (_UNITS if toxin else _MASS).search(text, low, high)
            if exact:
                return Stated(value=_decimal(exact["m"]), evidence=(_quote(desk, mark, exact.start(), exact.end()),))
            volume = _VOLUME.search(text, low, high)
            if volume and concentration is not None and not toxin:
                return Stated(value=_decimal(volume["m"]) * concentration.value, evidence=(_quote(desk, mark, volume.start(), volume.end()),))
    return none


def _container(desk: Desk, marks: Sequence[Mark]) -> Stated[Literal["single_dose", "multi_dose"]] | None:
    for pattern, value in ((_MULTI, "multi_dose"), (_SINGLE, "single_dose")):
        found = stated(desk, marks, pattern)
        if found:
            return Stated(value=value, evidence=found.evidence)  # type: ignore[arg-type]
    return None
