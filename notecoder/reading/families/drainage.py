"""Opening, emptying and taking out: abscesses, inflamed cysts, hematomas, comedones, foreign bodies.

A coder looks for three things told of one place: what it was (abscess, cyst, hematoma, thorn), what it was opened with (a
blade, a needle, nothing) and what came out (8.1). They seldom stand in one phrase, so besides the phrases of the lexicon
every item or paragraph that tells all three is a drainage, an aspiration or a removal of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from notecoder.evidence import Stated
from notecoder.facts import AcneSurgery, Aspiration, ForeignBodyRemoval, IncisionDrainage, Procedure
from notecoder.reading.counts import total_of
from notecoder.reading.events import Event
from notecoder.reading.families.desk import Desk
from notecoder.reading.families.scene import around, one_event, stated
from notecoder.reading.nodes import Node, lesion_item
from notecoder.reading.page import Mark

_OF = (
    ("pilonidal", r"pilonidal"), ("paronychia", r"paronychia"), ("hematoma", r"ha?ematoma|seroma|clot\b|old blood|lymphocele"),
    ("furuncle", r"furuncle|boil|carbuncle"), ("abscess", r"abscess|pus\b|purul|fluctuan"), ("cyst", r"cyst|\beic\b|\bic\b"),
)  # fmt: skip
_SUBJECT = re.compile(r"\b(?:abscess\w*|boils?|furunc\w+|carbunc\w+|paronychia|(?:e|i)ic\b|cysts?|pilonidal|h(?:a)?ematomas?|seromas?|fluctuan\w+|bruise-?blood|blood collection|fluid collection|lymphocele|infected|purulen\w+|pus)\b", re.IGNORECASE)
_FLUID = re.compile(r"\b(?:abscess\w*|cysts?|h(?:a)?ematomas?|seromas?|bulla[e]?|blisters?|fluctuan\w+|blood collection|fluid collection|lymphocele|ganglion|mucocele|bursa)\b", re.IGNORECASE)
_CUT = re.compile(r"\b(?:incis\w+|cut (?:was )?(?:made )?(?:over|across|above)|inc\b(?!l)|i ?& ?d\w*|i and d|(?:#|no\.? ?)?\s?1[15][ -]?blade|#\s?1[15]\b|blade|lanced|lancet|stab(?:bed)?|nicked|opened|scalpel|(?:punch|trephine) (?:opening|hole|drainage)|cruciate|cut down)\b|#\s?1[15]\b", re.IGNORECASE)
_CAME_OUT = re.compile(r"\b(?:drain (?:left|placed|sewn)|broken up|lysed|packed with|iodoform|wick|pus|purulen\w+|expressed|drained|drainage|evacuat\w+|pressed out|squeezed|milked|clots?|came|cheesy|keratin\w*|contents|sebaceous material|decompress\w+|scooped|released|let out|came out|foul)\b", re.IGNORECASE)
_NEEDLE = re.compile(r"\b(?:\d\d[\s-]?(?:g|ga|gauge)\b|needle|syringe|angiocath)|\baspirat\w+", re.IGNORECASE)
_DRAWN = re.compile(r"\b(?:asp\b|aspirat\w+|drawn (?:off|out)|withdr[ae]wn?|drew (?:off|out|back)|removed by needle|tapped|sucked out|punctured and drained|drained)", re.IGNORECASE)
_BODY = re.compile(r"\b(?:foreign (?:body|bodies|material|object)|fb|splinters?|slivers?|thorns?|(?<!of )(?<!of the )spines?|glass|metal|shards?|fragments?|bullet|pellet|bb|graphite|pencil (?:lead|tip)|needle tip|fish ?hook|wood(?:en)?|gravel|sea urchin|cactus|quill|tick (?:head|mouth ?parts?)|wire|staple fragment|retained suture|earring|stinger)\b", re.IGNORECASE)
_TAKEN = re.compile(r"\b(?:remov\w+|excision of|extract\w+|retriev\w+|lifted|pulled|teased|grasped|out\b|delivered|came (?:out|free)|taken out|worked out|plucked|expressed)\b", re.IGNORECASE)
_NOT_TODAY = re.compile(r"\b(?:will|plan(?:ned)?|consider\w*|declin\w+|discuss\w*|offered|recommend\w*|would(?![^.;]*\b(?:so|but) (?:i|we)\b)|schedul\w+|if\b|return|last (?:week|month|year)|ago|previous\w*|history of|s/p|status post|urgent care|(?:the )?er\b|ed\b|at home|himself|herself|on its own|spontaneous\w*|deferred|refus\w+|not (?:drained|opened|incised|lanced|aspirated|done)|no (?:i ?& ?d|drainage|aspiration))\b", re.IGNORECASE)
_BY_ITSELF = re.compile(r"\b(?:on its own|by itself|spontaneous\w*|ruptured|at home|popped|burst)\b", re.IGNORECASE)
_TAKEN_OUT_WHOLE = re.compile(r"\b(?:sac|wall|lining|capsule|cyst)\b[^.;]{0,60}\b(?:removed|excised|deliver\w+|dissect\w+|intact|enucleat\w+|shelled|freed)\b|\b(?:excised|ellipse|elliptical|fusiform)\b", re.IGNORECASE)
_LEFT = re.compile(r"\b(?:did not|didn'?t|not|no attempt|without|too (?:hot|inflamed)|later|once|when|interval|weeks|months|eventual)\b", re.IGNORECASE)
_ABOUT = r"abscess|\bcysts?\b|\beic\b|\bboils?\b|furunc|carbunc|\bpus\b|purul|paronych|h(?:a)?ematoma|fluctu|pilonidal|\binfected\b|seroma|\bclots?\b|lymphocele"
_DEEP = re.compile(r"\b(?:mediastin\w*|pleura\w*|chest tubes?|thorac\w+|periton\w*|laparo\w*|crani\w+|intracranial|subdural|epidural|retroperiton\w*|pelvic|perirectal|peritonsillar|intubat\w*|appendic\w*|appendectomy|bowel|ovar\w+|fallopian|uter\w+|gallbladder|joint capsule|tendon sheath|scrotal|testic\w+|dental|tooth|sinus surgery|trocar|bladder|kidney|liver|lung|breast abscess)\b", re.IGNORECASE)
"""A cavity of the body or the mouth: no drainage of the skin."""


def build(desk: Desk) -> Iterator[Procedure]:
    """Drainages, aspirations, acne surgery and foreign bodies of the note."""
    taken: set[int] = set()
    yield from _drainages(desk, taken)
    yield from _aspirations(desk, taken)
    event = one_event(desk, "acne_surgery")
    if event is not None:
        count, _ = total_of(desk.page, event.marks())
        yield AcneSurgery(act=desk.act(event), target=desk.target(event),
                          count=Stated(value=count.value, evidence=(desk.page.quote(count.start, count.end),)) if count else None)  # fmt: skip
    yield from _foreign_bodies(desk, taken)


def scenes(desk: Desk) -> list[list[Mark]]:
    """The pieces of the note that tell of one place each: an item, else the clauses of one lesion in one paragraph."""
    if "scenes" in desk.cache:
        return desk.cache["scenes"]  # type: ignore[no-any-return]
    found: dict[tuple[object, ...], list[Mark]] = {}
    for mark in desk.page.live():
        if mark.kind in {"followup", "history", "reason", "pathology"}:
            continue
        item = lesion_item(mark.clause.item)
        nodes = [n for n in desk.registry.of_mark.get(mark.clause.index, []) if n.seen]
        key: tuple[object, ...] = ("item", item.index) if item is not None else (mark.clause.section.index, mark.clause.paragraph, nodes[0].id if nodes else "")
        found.setdefault(key, []).append(mark)
    made = list(found.values())
    desk.cache["scenes"] = made
    return made


def _node(desk: Desk, marks: Sequence[Mark]) -> Node | None:
    return next((n for m in marks for n in desk.registry.of_mark.get(m.clause.index, []) if n.seen), None)


_HEALING = re.compile(r"\b(?:sutures?|stitches|staples) (?:are |were |still )?(?:intact|in\b|in place)|\bpod\s*#?\d|\bpost-?op(?:erative)? day|\b(?:incision|suture) line\b", re.IGNORECASE)
_DRAINED = re.compile(r"\b(?:drained|expressed|evacuated|lanced|opened|incised|i ?& ?d|released|decompressed)\b", re.IGNORECASE)
"""Pus at the incision of an earlier operation is a finding; only these verbs drain it."""


def _implied(desk: Desk, family: str, subject: re.Pattern[str], tool: re.Pattern[str], outcome: re.Pattern[str], taken: set[int]) -> Iterator[Event]:
    """Scenes that tell what it was, what it was opened with and what came out, in any order."""
    later = {m.clause.index for m in desk.page.saying(_NOT_TODAY)}
    tooled = {m.clause.index for m in desk.page.saying(tool)} - later
    ended = {m.clause.index for m in desk.page.saying(outcome)} - later
    for marks in scenes(desk) if tooled and ended else ():
        if any(m.clause.index in taken for m in marks):
            continue
        today = [m for m in marks if not any(a.family == family and a.status != "performed" for a in m.acts)]
        tools = [m for m in today if m.clause.index in tooled and _positive(tool, m.clause.text)]
        out = [m for m in today if m.clause.index in ended and _positive(outcome, m.clause.text)]
        whole = " ".join(m.clause.text for m in marks)
        if _HEALING.search(whole) and not _DRAINED.search(whole):
            continue
        if not tools or not out or not any(subject.search(m.clause.text) for m in marks):
            continue
        if abs(tools[0].clause.index - out[0].clause.index) > 3:
            continue
        chosen = list(dict.fromkeys(m.clause.index for m in (tools[0], out[0])))
        acts = [(desk.page.marks[i], desk.silent_act(family, desk.page.marks[i])) for i in chosen]
        yield Event(family, _node(desk, [*tools[:1], *marks]), acts)


def _positive(pattern: re.Pattern[str], text: str) -> bool:
    return any(not re.search(r"\b(?:no|not|without|never|nor)\s+(?:\w+\s+){0,2}$", text[: m.start()], re.IGNORECASE) for m in pattern.finditer(text))


def _excised_here(desk: Desk, event: Event, marks: Sequence[Mark]) -> bool:
    """The wall was taken out today, so the drainage was a step of the excision (CY-03)."""
    excised = {e.node.id for e in desk.events.of("excision") if e.node is not None and e.performed}
    if event.node is not None and event.node.id in excised:
        return True
    own = [m for m in marks if not _LEFT.search(m.clause.text) and _TAKEN_OUT_WHOLE.search(m.clause.text)]
    return any(a.family == "excision" and a.status == "performed" for m in own for a in m.acts)


def _drainages(desk: Desk, taken: set[int]) -> Iterator[Procedure]:
    events = [e for e in desk.events.of("incision_drainage") if e.status != "historical" and not all(_BY_ITSELF.search(m.clause.text) for m in e.marks())]
    performed = [e for e in events if e.performed]
    events = performed or events
    for event in events:
        taken.update(m.clause.index for m in event.marks() if event.performed)
    if not performed or any(lesion_item(m.clause.item) for m in desk.page.live()):
        covered = {e.node.id for e in performed if e.node}
        extra = [e for e in _implied(desk, "incision_drainage", _SUBJECT, _CUT, _CAME_OUT, taken) if e.node is None or e.node.id not in covered]
        events = [*events, *extra] if performed else [*extra, *([] if extra else events)]
    for event in events:
        marks = around(desk, event)
        text = " ".join(m.clause.text for m in marks)
        if not re.search(_ABOUT, text, re.IGNORECASE) or _DEEP.search(text) or _excised_here(desk, event, marks):
            continue
        what = next((name for name, pattern in _OF if re.search(pattern, text, re.IGNORECASE)), "other")
        if what == "hematoma" and re.search(r"\bnail|subungual", text, re.IGNORECASE) or _only_foreign_body(text):
            continue
        taken.update(m.clause.index for m in marks if event.performed and lesion_item(m.clause.item))
        taken.update(m.clause.index for m in event.marks() if event.performed)
        yield IncisionDrainage(
            act=desk.act(event), target=desk.target(event), of=what,  # type: ignore[arg-type]
            count=Stated(value=_number(text), evidence=(desk.first_quote(event),)),
            incised=stated(desk, marks, _CUT.pattern, denied=r"\b(?:no incision|not incised|without (?:an )?incision|no cut)\b"),
            loculations=stated(desk, marks, r"\bloculat\w+|\bsept(?:a|ae|ation\w*)\b|\bpockets?\b", denied=r"\b(?:one|single|1|sole) (?:\w+ )?pocket|\b(?:no|not|without|nor)\b[^.;]{0,30}(?:loculat|septa|pocket)"),
            packed=stated(desk, marks, r"\bpack(?:ed|ing)\b|iodoform|nu ?gauze|wick", denied=r"\b(?:no (?:packing|pack|wick)|not packed|without packing|(?:wick|packing) (?:was )?not)\b"),
            drain=stated(desk, marks, r"\b(?:penrose|(?:drain|seton) (?:was )?(?:placed|left|sewn|inserted)|loop drain|vessel loop)\b", denied=r"\bno (?:\w+,? (?:or|nor|and) )?(?:penrose|drain)|\b(?:nor|or) (?:a )?drain\b|drain (?:was )?not"),
            multiple_incisions=stated(desk, marks, r"\b(?:multiple|two|three|several|counter)[- ]?(?:separate )?incisions?\b"),
            complicated=stated(desk, marks, r"\bcomplicated\b", denied=r"\buncomplicated\b") or _simple(desk, marks),
        )  # fmt: skip


def _only_foreign_body(text: str) -> bool:
    """An incision to reach a splinter is no drainage unless pus came out."""
    return bool(_BODY.search(text)) and not re.search(r"\b(?:abscess|pus|purul\w+|cyst|boil|furunc\w+|h(?:a)?ematoma|paronychia)\b", text, re.IGNORECASE)


def _number(text: str) -> int:
    if re.search(r"\bboth\b[^.;]{0,30}\b(?:incised|drained|opened|lanced|i ?& ?d)|\bsame (?:again|thing)\b", text, re.IGNORECASE):
        return 2
    match = re.search(r"\b(two|three|2|3|both)\s+(?:\w+\s+){0,2}(?:abscesses|boils|furuncles|cysts)\b", text, re.IGNORECASE)
    return {"three": 3, "3": 3}.get(match[1].lower(), 2) if match else 1


def _simple(desk: Desk, marks: list[Mark]) -> Stated[bool] | None:
    found = stated(desk, marks, r"\b(?:uncomplicated|simple i ?& ?d|simple (?:incision|abscess|drainage))\b")
    return Stated(value=False, evidence=found.evidence) if found else None


def _aspirations(desk: Desk, taken: set[int]) -> Iterator[Procedure]:
    events = [e for e in desk.events.of("aspiration") if e.status != "historical"]
    done = {m.clause.index for e in events if e.performed for m in e.marks()}
    nodes = {e.node.id for e in events if e.node is not None}
    implied = [e for e in _implied(desk, "aspiration", _FLUID, _NEEDLE, _DRAWN, taken | done) if e.node is None or e.node.id not in nodes]
    for event in [*events, *implied]:
        marks = around(desk, event)
        text = " ".join(m.clause.text for m in marks)
        if event.performed and any(m.clause.index in taken for m in event.marks()) and not re.search(r"no incision|without (?:an )?incision", text, re.IGNORECASE):
            continue
        own = " ".join(m.clause.text for m in event.marks())
        what = next((n for n, p in (("seroma", "seroma"), ("hematoma", "h(?:a)?ematoma|old blood|clot"), ("bulla", "bulla|blister"), ("abscess", "abscess|pus\\b"), ("cyst", "cyst|ganglion")) if re.search(p, text, re.IGNORECASE)), "other")
        if what == "other" or re.search(r"\baspirat\w+ (?:prior|before|negative|to (?:confirm|avoid|ensure))|(?:negative|prior to|before|after|with) aspirat|pneumonia|\baspirat\w+ (?:of )?(?:marrow|joint|fluid from the (?:knee|joint))", own, re.IGNORECASE):
            continue
        taken.update(m.clause.index for m in event.marks() if event.performed)
        yield Aspiration(act=desk.act(event), target=desk.target(event), of=what)  # type: ignore[arg-type]


def _foreign_bodies(desk: Desk, taken: set[int]) -> Iterator[Procedure]:
    events = [e for e in desk.events.of("foreign_body") if e.status != "historical"]
    nodes = {e.node.id for e in events if e.node is not None and e.performed}
    done = {m.clause.index for e in events if e.performed for m in e.marks()}
    opened = _CUT.pattern + r"|\b(?:re-?opened|dissect\w+|scar (?:was )?(?:opened|entered)|(?:small|tiny|short|stab|skin) (?:cut|nick|slit))\b"
    cut = re.compile(opened + r"|\b(?:hemostat|forceps|tweezers|mosquito|splinter forceps|needle)\b", re.IGNORECASE)
    implied = [e for e in _implied(desk, "foreign_body", _BODY, cut, _TAKEN, taken | done) if e.node is None or e.node.id not in nodes]
    for event in [*events, *implied]:
        marks = around(desk, event)
        text = " ".join(m.clause.text for m in marks)
        if not _BODY.search(text) or not any(_BODY.search(m.clause.text) and _TAKEN.search(m.clause.text) and not _NOT_TODAY.search(m.clause.text) for m in marks):
            continue
        yield ForeignBodyRemoval(
            act=desk.act(event), target=desk.target(event),
            incised=stated(desk, marks, opened, denied=r"\b(?:no (?:skin )?incision|without (?:an |any )?incision|not incised|no cut|no blade)\b"),
            complicated=stated(desk, marks, r"\bcomplicated\b", denied=r"uncomplicated"),
        )  # fmt: skip
