"""Mohs surgery: the tumors, their stages and the blocks of each stage, in prose, in tables and in summary lines.

Blocks belong to a stage and never pool (MO-01). Stages of an earlier day are not today's (MO-06). Who read the slides
is a fact of its own (MO-03).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from notecoder.evidence import Evidence, Stated
from notecoder.facts import Mohs, MohsStage, MohsStain, Procedure
from notecoder.reading.events import Event, act_fact
from notecoder.reading.families.desk import Desk
from notecoder.reading.families.mohs_short import blocks_each, in_full, value_of
from notecoder.reading.measures import number
from notecoder.reading.nodes import Node
from notecoder.reading.page import Mark

_N = r"(?:\d|v?i{1,3}|iv|v|one|two|three|four|five|six)"
_STAGE = re.compile(rf"\b(?:mohs\s+)?(?:stages?|stg|st\.?(?=\s+(?:v?i|\d\b))|layers?|level)\s*(?:no\.?|number|#)?\s*(?P<a>{_N})\b(?!\s*(?:of|mm)|-(?:0|oh))(?!(?<=one)\s+block\b)|\b(?P<b>first|second|third|fourth|fifth|initial|1st|2nd|3rd|4th|5th)\s+(?:mohs\s+)?(?:stage|layer|specimen|pass)\b", re.IGNORECASE)
_LINE_STAGE = re.compile(rf"\s*(?:#\s*)?(?P<a>{_N}|1st|2nd|3rd|4th|5th|first|second|third)(?:\s*[:=)\-–]\s*|\s{{2,}})(?=[^.;]{{0,40}}\b(?:blocks?|blks?|bl|pieces?|pcs?|sections?)\b)", re.IGNORECASE)
_FURTHER = re.compile(r"\b(?:an?\s+)?(?:additional|another|further|next|subsequent|second)\s+(?:mohs\s+)?(?:stage|layer)\b", re.IGNORECASE)
_BLOCKS = re.compile(r"\bblocks?,? (?:in |of )?(?:the )?(?:layer|stage) \w+\s*[:=]?\s*(?P<g>\d{1,2})(?=\s*(?:\(|$|;|,))|\b(?P<n>\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|a single|single)\s*(?:tissue\s+|frozen\s+|separate\s+|mapped\s+|total\s+)?(?:blocks?|cassettes?|pieces?|pcs?\b|sections?|blks?\b|bl\b|specimens)(?!\s*(?:on|of|in|with)?\s*(?:total|altogether))|\b(?:blocks?|pieces?|sections?)\s+(?:embedded|cut|frozen|processed|made|mapped)\s*[:=]?\s*(?P<e>\d{1,2}|one|two|three|four|five|six|seven|eight)\b|(?<!in )(?<!at )(?<!from )\bblocks?\s*(?:=|:|x|\(|were|was)?\s*(?P<m>\d{1,2}|one|two|three|four|five|six|seven|eight)\b|\bdivided (?:(?:in|into)\s+)?(?P<d>\d{1,2}|two|three|four|five|six|seven|eight|nine)\b|\b(?:cut|sectioned|processed|bisected|split|submitted)\s+(?:in|into|as)\s+(?P<c>\d{1,2}|two|three|four|five|six|seven|eight|nine)\b|\b(?P<bi>bisected|halved)\b|\b(?P<qu>quartered|quadrisected)\b", re.IGNORECASE)
_PER_STAGE = re.compile(rf"\b(?:stage\s*)?(?P<s>{_N})\s*(?:=|:|\s[-–]\s)\s*(?P<b>\d{{1,2}})(?=\s*(?:blocks?|[;,.)]|and\b|$|\())", re.IGNORECASE)
_PER_STAGE_CUE = re.compile(r"\bblocks?\b", re.IGNORECASE)
_TOTAL = re.compile(r"\b(?:(?:total(?: of)?|number of|cleared (?:in|after)|clear (?:in|after)|completed in|required|took|after|in|with|total stages|stages?|stages (?:taken|required|needed|performed))\s*[:=]?\s*(?P<a>\d|one|two|three|four|five|six|i{1,3}|iv|v)\s*(?:mohs )?(?:stages?|layers?)|stages?(?: (?:taken|required|performed|needed|total))?\s*[:=]\s*(?P<b>\d|one|two|three|four|five|six|i{1,3}|iv|v)\b|(?P<c>one|two|three|four|five|six|\d|single)\s+(?:mohs\s+)?(?:stages?|layers?)\b|clear(?:ed)? (?:after|in|on) (?:stage )?(?P<d>i{1,3}|iv|v|\d|one|two|three|four)\b)", re.IGNORECASE)
_NOT_DONE = re.compile(r"\bn/?a\b|[:|]\s*[-–—]\s*$|not (?:needed|required|performed|taken|necessary)|none\b", re.IGNORECASE)
_OTHER_STAGES = re.compile(r"\b(?:flaps?|pedicles?|grafts?|reconstruct\w*|division|divided(?!\s+(?:\d|in\b|into\b|two\b|three\b|four\b|five\b|six\b))|inset|delay|takedown|consent|expander|melanoma|ulcers?|pressure|kidney|ckd|lymphedema|disease)\b", re.IGNORECASE)
_EARLIER = re.compile(r"\b(?:(?:done|performed|taken|completed|excised|finished) (?:yesterday|earlier this week|on day (?:1|one)|last (?:week|time|visit)|at the (?:first|previous) (?:visit|session))|yesterday(?:'s)? (?:stages?|we|i)|previous(?:ly)? (?:stages?|excised|done)|were done|on (?:the )?first day|prior (?:day|session|stages?))\b", re.IGNORECASE)
_READ = re.compile(
    r"\b(?:i (?:alone |personally |then |also )*(?:read|interpreted|examined|reviewed|evaluated)|i (?:served|acted) as (?:both )?(?:the )?(?:surgeon and|pathologist)|(?:read|interpreted|reviewed|examined|evaluated)(?: \w+){0,3} by (?:me|myself|the (?:mohs |operating |same )?surgeon|mohs surgeon|the same physician|dr\.? \w+,? (?:the )?(?:mohs )?surgeon)|surgeon (?:\w+ ){0,6}(?:read|interpret\w+|examined|reviewed)|surgeon[ /&+-]+(?:and |as |also |functioned |served |acted |was |is )*(?:as )?(?:the )?(?:pathologist|reader)|(?:also )?(?:functioned|served|acted) as (?:the )?pathologist|reader\s*[:=]\s*(?:me|self|surgeon)|i cut and read|personally interpreted|interpreted (?:all|every)|both (?:the )?surgeon and (?:the )?pathologist|"
    r"(?:own|my) (?:slides|sections|frozens?)|same (?:md|physician|person|doctor)|slides? (?:were |was )?read by (?:me|mohs|the mohs|surgeon|self)|pathologist\s*[:=]\s*(?:same|self|surgeon|me)|(?:surgeon|mohs surgeon)\s*(?:=|/|is)\s*pathologist|read (?:the |all |my |these )?(?:slides|sections|frozens?)|read (?:all|both|each|every one) (?:of )?(?:them|these|the layers?)|microscop\w+ (?:exam\w* )?by (?:me|the surgeon)|(?:histology|slides|sections|frozen sections) (?:read|interpreted) (?:personally|myself)|myself\b[^.;]{0,40}(?:slides|sections|histolog\w+)|margins \(read by me\)|read:? ?(?:me|self|surgeon)|by me microscopically|the surgeon performed (?:both )?the (?:surgery and|histolog))\b",
    re.IGNORECASE,
)
_OTHER_READER = re.compile(r"\b(?:slides?|sections?|histolog\w+|pathology|margins?|frozens?)\b[^.;]{0,60}\b(?:read|interpreted|reported|reviewed|examined)\b[^.;]{0,20}\bby\b[^.;]{0,10}\b(?:dr\.?|the (?:dermato)?pathologist|pathologist|a (?:dermato)?pathologist|dermatopatholog\w+|pathology|outside|an outside|hospital|consult\w*)\b|\b(?:dermato)?pathologist\b[^.;]{0,40}\b(?:reads?|interprets?|interpreted|reported|called)\b|sent to (?:the )?(?:hospital |outside )?patholog\w+ for (?:margin|frozen|reading|interpretation)|permanent sections? by|(?:to be|will be|were) read by the (?:dermato)?pathologist|no slide was (?:examined|read)", re.IGNORECASE)
_DEEP = re.compile(r"\b(?:into|through|invad\w+|involv\w+|to|including|excised|removed|resected|taken|with|included)\b[^.;]{0,50}\b(muscle|cartilage|bone|tendon(?: sheath)?|periosteum|major (?:nerve|vessel)|nerve|artery)\b|\b(muscle|cartilage|bone|tendon(?: sheath)?)\b[^.;]{0,40}\b(?:was|were|is)?\s*(?:involved|invaded|excised|removed|resected|taken|shaved)", re.IGNORECASE)
_DEEP_DENIED = re.compile(r"\b(?:not|no|without|intact|spared|uninvolved|left|above|over|down to but)\b", re.IGNORECASE)
_IMMUNO = re.compile(r"\b(?:mart-?1|melan-?a|sox-?10|hmb-?45|mitf|cytokeratin|ck-?(?:7|20|ae)?|ae1/ae3|ber-?ep4|immuno(?:stain\w*|histochem\w*|peroxidase)?|ihc|prame|s-?100)\b", re.IGNORECASE)
_STAIN_DENIED = re.compile(r"\b(?:no|not|none|without|n/a|declined|unnecessary)\b", re.IGNORECASE)
_CONTINUED = re.compile(r"\b(?:continu(?:ed|ation|ing|es)|day 2|day two|second day|began (?:mohs )?(?:surgery )?yesterday|started yesterday|resum\w+|returns? (?:today )?(?:for|to) (?:continu|complet|finish)\w*|stopped (?:yesterday|at the end))\b", re.IGNORECASE)


@dataclass(slots=True)
class _Tally:
    """The stages found for one tumor."""

    node: Node | None = None
    stages: dict[int, list[Mark]] = field(default_factory=dict)
    blocks: dict[int, tuple[int, Mark]] = field(default_factory=dict)
    total: tuple[int, Mark] | None = None
    earlier: int = 0
    listing: int = -1
    """The paragraph in which blocks are listed by stage ("I = 6; II = 5")."""


def mohs_nodes(desk: Desk) -> list[Node]:
    """The tumors operated on, in reading order."""
    return [tally.node for tally in tallies(desk) if tally.node is not None]


def has_stages(desk: Desk) -> bool:
    """Today's text tells of Mohs stages done: the word Mohs and a stage that is not merely planned."""
    live = list(desk.page.live())
    if desk.page.saying(_REPAIR_ONLY):
        return False
    if desk.page.saying(_TAKEN_ELSEWHERE) and not any(_row_stage(m) or _block_value(m.clause.text) for m in live):
        return False  # surgery of another practice, unless stages are told block by block
    titles = [s.title for s in desk.page.layout.sections if s.kind not in {"past", "followup", "boilerplate"} and not s.pasted]
    if not desk.page.saying(_MOHS) and not any(_MOHS.search(title) for title in titles):
        named = any(_stage_number(m) for m in live) and any(_block_value(m.clause.text) for m in live)
        return named and any(_READ.search(m.clause.text) or _SLIDES.search(m.clause.text) or any("stage" in h for h in m.clause.header or ()) for m in live)
    said = [a.status for m in live for a in m.acts if a.family == "mohs"]
    if said and "performed" not in said and not any(_MOHS.search(title) for title in titles):
        if "elsewhere" in said or not any(_row_stage(m) or _stage_number(m) and _block_value(m.clause.text) for m in live):
            return False
    reader = bool(_reads(desk))
    if not reader and not desk.context.provider_is_pathologist and desk.page.saying(_OTHER_READER):
        return False
    return any(
        (_stage_number(m) or _row_stage(m) or _FURTHER.search(m.clause.text) or _total(m)) and not _future(m)
        for m in live if m.kind not in {"followup", "reason", "history"}
    )


_REPAIR_ONLY = re.compile(r"^\W*(?:for |visit for |seen for )?(?:reconstruction|repair|closure) only\b|\bour (?:role|part|task) (?:is|was) (?:the )?(?:reconstruction|closure|repair)", re.IGNORECASE)
""" "Our role is reconstruction only": the tumor was taken by another practice (RP-12)."""
_TAKEN_ELSEWHERE = re.compile(r"\b(?:mohs|micrographic)\b[^.;]{0,60}\b(?:across town|not our (?:group|practice)|at (?:her|his|their|the referring) [^.;]{0,20}office|by (?:her|his) (?:own )?dermatologist|at another (?:practice|office|clinic|hospital))\b", re.IGNORECASE)
_MOHS = re.compile(r"\b(?:mohs|moh's|moes surgery|mose surgery|micrographic|mms|chemosurgery)\b", re.IGNORECASE)


_SLIDES = re.compile(r"\b(?:slides?|frozens?|under the (?:micro)?scope|microscop\w*|margins? (?:read|on my)|cleared|no tumou?r (?:left|remain\w*|seen)|free of tumou?r|residual (?:tumou?r|bcc|scc|melanoma|carcinoma)|(?:on|by) my (?:own )?(?:reading|review|read)|to clear|clear(?:ed)? (?:after|in)|tumou?r[- ](?:free|positive)|to clear|clear(?:ed)? (?:on|after|in|at)|chemosurgery)\b", re.IGNORECASE)
""" "First layer, three cassettes. Slides came back positive": Mohs surgery told by what is done, without its name (MO-01)."""


def _titled(node: Node) -> bool:
    """A clause about this place names Mohs surgery as done."""
    return any(_MOHS.search(m.clause.text) and not _future(m) and any(a.family == "mohs" and a.status == "performed" for a in m.acts) for m in node.marks if m.live)


def tumors_of(desk: Desk) -> list[Node]:
    """Lesions with an established malignancy, and places that a Mohs title names."""
    found = []
    for node in desk.registry.nodes:
        if not node.seen:
            continue
        cancer = any(
            d.group in {"malignant", "in_situ"} and d.certainty in {"stated", "pathology"} and desk.targets.nearest(m, d) is node
            for m in node.marks if m.live for d in m.diagnoses
        )
        if cancer or _titled(node):
            found.append(node)
    return found


def tallies(desk: Desk) -> list[_Tally]:
    """The tumors with their stages. A stage belongs to the tumor of its item, else to the one last spoken of."""
    cached = desk.cache.get("mohs")
    if cached is None:
        cached = desk.cache["mohs"] = _tallies(desk) if has_stages(desk) else []
    return cached


def _tallies(desk: Desk) -> list[_Tally]:
    tumors = tumors_of(desk)
    staged = [m for m in desk.page.live() if _stage_number(m) or _row_stage(m)]
    if len(tumors) > 1:
        tumors = _operated(tumors, staged)
    if len(tumors) <= 1:
        tally = _Tally(tumors[0] if tumors else _only_place(desk))
        _count(list(desk.page.live()), tally)
        return [tally]
    result = {n.id: _Tally(n) for n in tumors}
    owned: dict[str, list[Mark]] = {n.id: [] for n in tumors}
    owner: Node | None = None
    for mark in desk.page.live():
        here = [n for n in desk.registry.of_mark.get(mark.clause.index, []) if n.id in result]
        if here:
            owner = here[0]
        if len(here) > 1 and _EACH_TUMOR.search(mark.clause.text):
            for shared in here:
                owned[shared.id].append(mark)
        elif owner is not None:
            owned[owner.id].append(mark)
    for node in tumors:
        _count(owned[node.id], result[node.id])
    return [t for t in result.values() if t.stages or t.total] or [next(iter(result.values()))]


_EACH_TUMOR = re.compile(r"\b(?:each|apiece|both|either|all)\b", re.IGNORECASE)
""" "Cheek and lip, one stage and two blocks each"."""


def _operated(tumors: list[Node], staged: list[Mark]) -> list[Node]:
    """Of several tumors, those whose own clauses tell of a stage; else those a Mohs title names; else the first."""
    return [n for n in tumors if any(m in staged for m in n.marks)] or [n for n in tumors if _titled(n)][:1] or tumors[:1]


def _only_place(desk: Desk) -> Node | None:
    placed = [n for n in desk.registry.nodes if n.seen]
    return placed[0] if placed else None


def _future(mark: Mark) -> bool:
    return bool(re.search(r"\b(?:will|may|might|if|plan(?:s|ned|ning)?|scheduled|could)\b", mark.clause.lower))


def _stage_number(mark: Mark) -> int | None:
    text = in_full(mark.clause.text)
    match = _STAGE.search(text) or _LINE_STAGE.match(text)
    if match is None or mark.clause.ignored or _future(mark):
        return None
    if _OTHER_STAGES.search(mark.clause.text) and not _block_value(text) and not _MOHS.search(mark.clause.text):
        return None
    word = next(g for g in match.groups() if g).lower()
    value = value_of(word)
    return value if value and value < 12 else None


def _row_stage(mark: Mark) -> int | None:
    header = mark.clause.header
    if not mark.clause.cells or not header:
        return None
    blocks = any(re.search(r"block|piece|section|blk", h) for h in header)
    position = next((i for i, h in enumerate(header) if "stage" in h or "layer" in h), 0 if blocks and header[0].strip() in {"#", "no", "no.", "st", ""} else None)
    if position is None:
        return None
    if position >= len(mark.clause.cells):
        return None
    word = re.sub(r"(?:stage|layer)\s*", "", mark.clause.cells[position].lower()).strip(" #.")
    return value_of(word) or None


def build(desk: Desk) -> Iterator[Procedure]:
    """One Mohs fact for each tumor; planned or past Mohs as such."""
    for mark, act in desk.page.acts("mohs", status=None):
        if act.status not in {"performed", "historical"} and not mark.clause.ignored and not desk.is_mohs_note:
            event = Event("mohs", desk.registry.for_act(mark, act), [(mark, act)])
            yield Mohs(act=act_fact(desk.page, event, desk.number()), target=desk.target(event))
    for tally in tallies(desk):
        yield _mohs(desk, tally)


def _mohs(desk: Desk, tally: _Tally) -> Mohs:
    marks = list(desk.page.live()) if len(tallies(desk)) == 1 or tally.node is None else [m for m in tally.node.marks if m.live]
    spans = [desk.page.quote_clause(m) for s in sorted(tally.stages) for m in tally.stages[s][:1]]
    if tally.total:
        spans.append(desk.page.quote_clause(tally.total[1]))
    told = [m for s in sorted(tally.stages) for m in tally.stages[s][:1]] or ([tally.total[1]] if tally.total else [])
    event = Event("mohs", tally.node, [(m, desk.silent_act("mohs", m)) for m in told])
    if not event.acts:
        event.acts = [(m, a) for m, a in desk.page.acts("mohs")][:2]
    continued = [m for m in desk.page.live() if _CONTINUED.search(m.clause.text) and _OF_SURGERY.search(m.clause.text)]
    return Mohs(
        act=desk.act(event, *spans), target=desk.target(event), stages=_stages(desk, tally), surgeon_reads=_reader(desk),
        deep_structure=_deep(desk, tally), stains=tuple(_stains(desk, marks, tally)),
        continued=Stated(value=True, evidence=(desk.page.quote_clause(continued[0]),)) if continued and tally.earlier else None,
    )  # fmt: skip


def _total(mark: Mark) -> int | None:
    """The number of stages a summary phrase gives."""
    match = _TOTAL.search(mark.clause.text)
    if match is None or _future(mark) or _EARLIER.search(mark.clause.text):
        return None
    word = next(g for g in match.groups() if g).lower()
    value = value_of(word)
    return value if 0 < value < 12 else None


def _count(marks: list[Mark], tally: _Tally) -> None:
    current: int | None = None
    where: int | None = None
    for mark in marks:
        text = in_full(mark.clause.text)
        if mark.kind in {"followup", "boilerplate", "reason"}:
            continue
        here = _row_stage(mark) or _stage_number(mark)
        if here and _NOT_DONE.search(text) and len(text) < 60 and not (mark.clause.cells and _cell_blocks(mark)):
            current = None
            continue
        if here and _EARLIER.search(text) and not re.search(r"\btoday\b", text, re.IGNORECASE):
            tally.earlier = max(tally.earlier, *(_all_stages(text) or [here]))
            current = None
            continue
        if here is None and _FURTHER.search(text) and not _future(mark) and not re.search(r"\bno\s+(?:further|additional|other|more)", text, re.IGNORECASE):
            here = max(tally.stages, default=1) + 1
        if here is None and current is not None and (going := _GOES_ON.match(text)) and value_of(going["a"]) == current + 1:
            here = current + 1  # "II   thin crescent there. neg."
        if here is not None:
            current, where = here, mark.clause.paragraph
            for stage in dict.fromkeys([here, *_all_stages(text)]):
                if mark not in tally.stages.setdefault(stage, []):
                    tally.stages[stage].append(mark)
        if current is not None and where is not None and mark.clause.paragraph > where + 1:
            current = None
        total = _total(mark)
        if total and (tally.total is None or total > tally.total[0]):
            tally.total = (total, mark)
        if tally.total and not tally.stages and _listed_blocks(mark, tally.total[0], tally):
            continue
        _blocks(mark, 1 if current is None and tally.total and tally.total[0] == 1 else current, tally)


_GOES_ON = re.compile(r"\s*(?P<a>II|III|IV|V)(?:\s{2,}|\s*[:=)-]\s*)(?=\w)")
_BLOCK_LIST = re.compile(r"\b(?:blocks?|sections|pieces)\b\D{0,24}(?P<a>\d{1,2}(?:(?:\s*(?:,|/|\+|;|&|then|and)\s*)+\d{1,2})+)|\(?(?P<b>\d{1,2}(?:(?:\s*(?:blocks?|sections|pieces)?\s*(?:,|/|\+|&|then|and)\s*)+\d{1,2})+)\s*(?:tissue )?(?:blocks?|sections|pieces)?\b", re.IGNORECASE)
_BLOCKS_EACH = re.compile(r"\b(?P<n>\d{1,2}|one|two|three|four|five|six)\s*(?:tissue )?(?:blocks?|sections|pieces)\s*(?:each|per (?:stage|layer)|in each|every (?:stage|layer))", re.IGNORECASE)


def _cell_blocks(mark: Mark) -> bool:
    """The row's own column of blocks holds a number: its stage was taken, though its tumor column says "none"."""
    column = next((i for i, h in enumerate(mark.clause.header) if re.search(r"block|piece|section|blks?", h)), None)
    return column is not None and column < len(mark.clause.cells) and bool(re.match(r"\s*[1-9]", mark.clause.cells[column]))


def _listed_blocks(mark: Mark, total: int, tally: _Tally) -> bool:
    """ "Two stages (4 blocks, then 2)", "3 stages, blocks 3/2/1", "2 stages of 2 blocks each": one number for each stage."""
    text = mark.clause.text
    if not re.search(r"\b(?:blocks?|sections|pieces)\b", text, re.IGNORECASE):
        return False
    each = _BLOCKS_EACH.search(text)
    counts = [int(number(each["n"]) or 0)] * total if each else []
    if not each and total > 1:
        for match in _BLOCK_LIST.finditer(text):
            counts = [int(n) for n in re.findall(r"\d{1,2}", match["a"] or match["b"])]
            if len(counts) == total:
                break
    if len(counts) != total or not all(counts):
        return False
    for stage, blocks in enumerate(counts, 1):
        tally.blocks.setdefault(stage, (blocks, mark))
    return True


def _all_stages(text: str) -> list[int]:
    """Every stage named in a clause ("Stages I and II", "stage I 3 blocks, stage II 1 block")."""
    found = []
    for match in re.finditer(rf"\bstages?\s+(?P<a>{_N})(?:\s*(?:,|and|&|-|to)\s*(?P<b>{_N})\b(?!\s*(?:\w+ )?(?:blocks?|blks?|pieces?|pcs?|sections?|slides?)\b))?", text, re.IGNORECASE):
        for word in (match["a"], match["b"]):
            if word:
                value = value_of(word)
                if value and value < 12:
                    found.append(value)
    segments = [stage for stage, part in _stage_segments(text) if _block_value(part)]
    return [*found, *(stage for stage in segments if stage not in found)]


def _blocks(mark: Mark, current: int | None, tally: _Tally) -> None:
    text = in_full(mark.clause.text)
    if mark.clause.cells and mark.clause.header:
        column = next((i for i, h in enumerate(mark.clause.header) if re.search(r"block|piece|section|# of|blks?", h)), None)
        if column is not None and column < len(mark.clause.cells) and current is not None and len(_stage_segments(text)) < 2:
            digits = re.search(r"\d+", mark.clause.cells[column])
            if digits:
                tally.blocks[current] = (int(digits.group()), mark)
        if len(_stage_segments(text)) < 2:
            return
    if _PER_STAGE_CUE.search(text):
        pairs = list(_PER_STAGE.finditer(text))
        tally.listing = mark.clause.paragraph if pairs and re.search(r"by stage|per stage|each stage|block counts?", text, re.IGNORECASE) else tally.listing
        if len(pairs) >= 2 or (pairs and re.search(r"by stage|per stage", text, re.IGNORECASE)):
            for pair in pairs:
                word = pair["s"].lower()
                stage = value_of(word)
                if stage:
                    tally.blocks[stage] = (int(pair["b"]), mark)
                    tally.stages.setdefault(stage, []).append(mark)
            return
    if tally.listing == mark.clause.paragraph and (only := _PER_STAGE.match(text.strip() + ";")):
        word = only["s"].lower()
        stage = value_of(word)
        if stage:
            tally.blocks[stage] = (int(only["b"]), mark)
            return
    if (every := blocks_each(text)) and current is not None:
        for stage in tally.stages:
            tally.blocks.setdefault(stage, (every, mark))
    segments = _stage_segments(text)
    for stage, part in segments or ([(current, text)] if current is not None else []):
        value = _block_value(part)
        if stage is not None and value and stage not in tally.blocks:
            tally.blocks[stage] = (value, mark)


def _stage_segments(text: str) -> list[tuple[int, str]]:
    """A clause that names several stages, cut at each name."""
    found = []
    matches = [m for m in _STAGE.finditer(text)]
    if len(matches) < 2:
        return []
    for match, after in zip(matches, [*matches[1:], None], strict=True):
        word = (match["a"] or match["b"]).lower()
        stage = value_of(word)
        if stage:
            found.append((stage, text[match.end() : after.start() if after else len(text)]))
    return found


def _block_value(text: str) -> int | None:
    text = in_full(text)
    match = _BLOCKS.search(text)
    if match is None or re.search(r"\btotal\s+(?:of\s+)?(?:blocks|\d+\s+blocks)", text, re.IGNORECASE):
        return None
    if match["bi"]:
        return 2
    if match["qu"]:
        return 4
    word = next(match[name] for name in "gnmdce" if match[name]).lower()
    if "single" in word:
        return 1
    value = number(word)
    return int(value) if value is not None else None


def _stages(desk: Desk, tally: _Tally) -> tuple[MohsStage, ...]:
    if not tally.earlier and tally.stages and min(tally.stages) > 1 and _goes_on(desk):
        tally.earlier = min(tally.stages) - 1
    numbers = sorted(n for n in tally.stages if n > tally.earlier)
    if tally.total and tally.total[0] > len(numbers) and not tally.earlier:
        numbers = list(range(1, tally.total[0] + 1))
    if numbers and not tally.earlier and numbers[0] != 1 and len(numbers) < numbers[-1]:
        numbers = list(range(1, numbers[-1] + 1))
    result = []
    for n in numbers or [1]:
        spans: list[Evidence] = [desk.page.quote_clause(m) for m in tally.stages.get(n, [])[:2]]
        counted = tally.blocks.get(n)
        blocks = Stated(value=counted[0], evidence=(desk.page.quote_clause(counted[1]),)) if counted else None
        if blocks and blocks.evidence[0] not in spans:
            spans.append(blocks.evidence[0])
        if tally.total and (not spans or n == len(numbers)):
            spans.append(desk.page.quote_clause(tally.total[1]))
        result.append(MohsStage(number=n, blocks=blocks, evidence=tuple(spans)))
    return tuple(result)


_OF_SURGERY = re.compile(r"mohs|stage|layer|surger|tumou?r|yesterday|carcinoma", re.IGNORECASE)


def _goes_on(desk: Desk) -> bool:
    """Surgery begun on an earlier day: the note says so, pastes that day's stages, or the record has its code (MO-06)."""
    if any(code.code in {"17311", "17313"} and 0 < (desk.context.date_of_service - code.date).days <= 7 for code in desk.context.prior_procedures):
        return True
    return any(_CONTINUED.search(m.clause.text) and _OF_SURGERY.search(m.clause.text) for m in desk.page.live()) or any(m.clause.ignored and _STAGE.search(m.clause.text) for m in desk.page.marks)


_NOT_READ = re.compile(r"\b(?:not|never|n't)\s+(?:\w+\s+){0,2}(?:read|look|interpret|examine)", re.IGNORECASE)
_SURGEON_NAME = re.compile(r"(?:\b(?i:(?:mohs )?surgeon)\s*[:=-]?\s*(?:dr\.?\s*)?(?:[A-Z]\.\s*)*(?P<a>[A-Z][a-z]{2,})|\bDr\.?\s+(?:[A-Z]\.\s*)*(?P<b>[A-Z][\w'-]{2,}),?\s+(?i:(?:the )?(?:mohs |operating )?surgeon)\b)")


def _reads(desk: Desk) -> list[Evidence]:
    """Clauses that say the surgeon read the slides; the surgeon's own name counts, "I do not read these" does not."""
    names = {(m["a"] or m["b"]) for m in _SURGEON_NAME.finditer(desk.page.text)}
    found = []
    for mark in desk.page.live():
        text = mark.clause.text
        if _NOT_READ.search(text):
            continue
        named = bool(names) and re.search(r"\b(?:slides?|sections?|frozens?|histology|margins?|tissue)\b", text, re.IGNORECASE)
        if _READ.search(text) or named and any(re.search(rf"\b(?:by|read|reads|interpreted)\b[^;]{{0,16}}\b{name}\b", text) for name in names):
            found.append(desk.page.quote_clause(mark))
    return found


def _reader(desk: Desk) -> Stated[bool] | None:
    if "mohs_reads" not in desk.cache:
        desk.cache["mohs_reads"] = _reads(desk)
    mine: list[Evidence] = desk.cache["mohs_reads"]
    if mine:
        return Stated(value=True, evidence=tuple(mine[:1]))
    other = desk.find(_OTHER_READER)
    return Stated(value=False, evidence=tuple(other[:1])) if other else None


def _deep(desk: Desk, tally: _Tally) -> Stated[str] | None:
    for marks in tally.stages.values():
        for mark in marks:
            match = _DEEP.search(mark.clause.text)
            if match and not _DEEP_DENIED.search(mark.clause.text):
                return Stated(value=(match[1] or match[2]).lower(), evidence=(desk.page.quote_clause(mark),))
    return None


def _stains(desk: Desk, marks: list[Mark], tally: _Tally) -> Iterator[MohsStain]:
    names: dict[str, list[Mark]] = {}
    for mark in marks:
        for match in _IMMUNO.finditer(mark.clause.text):
            if _STAIN_DENIED.search(mark.clause.text) or _future(mark):
                continue
            name = re.sub(r"[^a-z0-9]", "", match.group().lower())
            names.setdefault(name, []).append(mark)
    specific = {n: m for n, m in names.items() if not n.startswith(("immuno", "ihc"))}
    for name, where in (specific or names).items():
        stages = {s for s, owned in tally.stages.items() for m in where if m in owned}
        counted = _stain_stages(where)
        yield MohsStain(stain="immuno", name=name, specimens=counted or max(1, len(stages)), evidence=tuple(desk.page.quote_clause(m) for m in where[:2]))


def _stain_stages(where: list[Mark]) -> int:
    for mark in where:
        match = re.search(r"\b(?:each|both|all|every)\b[^.;]{0,20}\bstages?\b|\bon stages?\s+(?:i|1)\s*(?:and|&|,)\s*(?:ii|2)\b", mark.clause.text, re.IGNORECASE)
        if match:
            return 2
    return 0
