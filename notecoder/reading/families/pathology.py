"""Pathology work of the practice itself: only words that show the group prepared or read the slides make it a fact (HC-7)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from notecoder.evidence import Stated
from notecoder.facts import Act, Pathology, PathologySpecimen, Procedure, Target
from notecoder.reading.families.desk import Desk
from notecoder.reading.page import Mark

_READ = re.compile(r"\b(?:slides?|sections?|h&e|histolog\w+|microscopic\w*|specimens?|parts?|path(?:ology)?|frozens?|biops\w+)\b[^.;]{0,80}\b(?:read|interpreted|reviewed|examined|signed out|reported|diagnosed)\b[^.;]{0,24}\b(?:by (?:me|myself|our|us|the undersigned|this practice|dr\.? \w+ \(our)|in[- ]house|personally|our (?:own )?(?:dermatopatholog\w+|lab\w*))|\b(?:i|we) (?:personally |myself |also )*(?:read|interpreted|reviewed|examined|signed out)\b[^.;]{0,50}\b(?:slides?|sections?|histolog\w+|specimens?|parts?|biops\w+|h&e|frozens?)|\bread (?:here|in[- ]house|by me|by our)\b|\bour (?:own )?dermatopathologist (?:read|interpret\w+|reads)|\binterpretation (?:by me|in[- ]house|performed here)|\bread by me\b", re.IGNORECASE)
_PREPARED = re.compile(r"\b(?:prepared|processed|cut|stained|grossed|embedded)\b[^.;]{0,50}\b(?:in (?:our|the in-house|this practice'?s?)|in[- ]house|here|own (?:lab\w*|histology))|\b(?:our|own|in[- ]house) (?:clia[- ]certified )?(?:histology |dermatopathology |path(?:ology)? )?lab\w*|in-house histology|own lab", re.IGNORECASE)
_OUTSIDE_PREP = re.compile(r"\b(?:technical|slides?|processing|prepared|stained|cut)\b[^.;]{0,60}\b(?:outside|reference|contracted|elsewhere|send[- ]?out|commercial|by (?:the )?(?:\w+ )?(?:reference|outside|hospital) lab\w*)", re.IGNORECASE)
_OUTSIDE_READ = re.compile(r"\b(?:sent (?:out|to)|send out|outside lab\w*|reference lab\w*|outside path\w*|path to \w+|to (?:an )?(?:outside|reference)|dermatopathology (?:at|associates)|read (?:by|at) (?:an )?(?:outside|another|the hospital))\b", re.IGNORECASE)
_STAIN_ORGANISM = re.compile(r"\b(?:pas-?(?:d|f)?(?: stain)?(?: for fung\w+)?|gms|grocott|afb|fite|ziehl|gram stain|giemsa|brown[- ]brenn|warthin)\b", re.IGNORECASE)
_STAIN_OTHER = re.compile(r"\b(?:colloidal iron|alcian blue|mucin|elastic|vvg|trichrome|congo red|iron stain|prussian|fontana|toluidine|von kossa)\b", re.IGNORECASE)
_ANTIBODY = re.compile(r"\b(?:melan-?a|mart-?1|sox-?10|hmb-?45|prame|ki-?67|s-?100|p16|ck-?\d+|cytokeratin(?: \d+)?|ae1/ae3|cd\d+a?|ber-?ep4|p63|p40|mitf|bcl-?\d|desmin|ema|cea|factor xiiia)\b", re.IGNORECASE)
_DIF = re.compile(r"\b(?:dif|direct immunofluorescence)\b", re.IGNORECASE)
_DIF_ANTIBODY = re.compile(r"\b(?:igg|iga|igm|c3|c5b-?9|fibrin(?:ogen)?)\b", re.IGNORECASE)
_PART = re.compile(r"\b(?:part|specimen|jar|container)?\s*\(?(?P<label>[A-H])\s*[.):,-]\s*", re.IGNORECASE)
_PARTS = re.compile(r"\b(?P<n>\d|one|two|three|four|five|six|seven|eight)\s+(?:separate\s+|formalin\s+)?(?:parts|specimens|jars|containers|bottles)\b", re.IGNORECASE)
_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8}
_DECAL = re.compile(r"\bdecalcif\w+", re.IGNORECASE)
_NOT = re.compile(r"\b(?:no|not|without|none|deferred|declined|will)\b", re.IGNORECASE)
_FROZEN = re.compile(r"\bfrozen section", re.IGNORECASE)


def build(desk: Desk, procedures: Sequence[Procedure]) -> Iterator[Procedure]:
    """Pathology of today's specimens by the group, when the note proves it."""
    marks = [m for m in desk.page.marks if not m.clause.ignored or m.kind == "pathology"]
    read = [m for m in marks if _READ.search(m.clause.text) and not _later(m)]
    prepared = [m for m in marks if _PREPARED.search(m.clause.text) and not _later(m)]
    if desk.is_mohs_note and not any(p.kind == "biopsy" and p.act.status == "performed" for p in procedures):
        return
    if desk.is_mohs_note:
        yield from _frozen_biopsy(desk, procedures)
        return
    if not read and not prepared:
        return
    outside_read = any(_OUTSIDE_READ.search(m.clause.text) for m in marks)
    if not read and (outside_read or not desk.context.provider_is_pathologist):
        if not any(re.search(r"technical|tc only|stain\w* here", m.clause.lower) for m in prepared):
            return
    outside_prepared = [m for m in marks if _OUTSIDE_PREP.search(m.clause.text)]
    sources = [p for p in procedures if p.kind in {"biopsy", "shave", "excision", "nail", "tag_removal"} and p.act.status == "performed" and p.act.cosmetic is None]
    specimens = tuple(_specimens(desk, sources, marks))
    if not specimens:
        return
    first = (read or prepared)[0]
    spans = [desk.page.quote_clause(m) for m in dict.fromkeys([first.clause.index])for m in [desk.page.marks[m]]]
    count_marks = [m for m in marks if _PARTS.search(m.clause.text)]
    spans += [desk.page.quote_clause(m) for m in count_marks[:1]]
    diagnoses = tuple(d for p in sources for d in p.target.diagnoses[:1])
    yield Pathology(
        act=Act(id=f"pathology-{desk.number()}", evidence=tuple(dict.fromkeys(spans))),
        target=Target(id=f"P{desk.number()}", diagnoses=diagnoses, site=sources[0].target.site if sources else None),
        prepared=Stated(value=False, evidence=(desk.page.quote_clause(outside_prepared[0]),)) if outside_prepared
        else Stated(value=True, evidence=(desk.page.quote_clause(prepared[0]),)) if prepared else None,
        read=Stated(value=True, evidence=(desk.page.quote_clause(read[0]),)) if read
        else Stated(value=bool(desk.context.provider_is_pathologist) and not outside_read),
        specimens=specimens,
    )  # fmt: skip


def _later(mark: Mark) -> bool:
    return bool(re.search(r"\b(?:will be|to be|not|previous|prior|last year|20[01]\d)\b", mark.clause.text, re.IGNORECASE)) and not re.search(r"\bby me\b", mark.clause.text, re.IGNORECASE)


Tissue = Literal["skin", "cyst", "tag", "lipoma", "soft_tissue", "nail"]


def _tissue(procedure: Procedure) -> Tissue:
    terms = [d for d in procedure.target.diagnoses if d.certainty in {"stated", "pathology"}]
    top = terms[0].term if terms else ""
    if procedure.kind == "excision" and procedure.structure == "cyst" or "cyst" in top:
        return "cyst"
    if procedure.kind == "tag_removal" or top == "skin_tag":
        return "tag"
    if top == "lipoma":
        return "lipoma"
    if procedure.kind == "excision" and procedure.structure == "soft_tissue":
        return "soft_tissue"
    return "skin"


def _specimens(desk: Desk, sources: Sequence[Procedure], marks: list[Mark]) -> Iterator[PathologySpecimen]:
    stated = next((int(_WORDS.get(m["n"].lower(), 0) or m["n"]) for k in marks for m in [_PARTS.search(k.clause.text)] if m), None)
    entries: list[tuple[str | None, str | None, Tissue]] = []
    for procedure in sources:
        times = procedure.count.value if procedure.kind == "biopsy" and procedure.count else 1
        entries += [(procedure.target.label, procedure.target.id, _tissue(procedure))] * times
    if stated and stated > len(entries):
        entries += [(None, None, "skin")] * (stated - len(entries))
    stains = _stains(desk, marks)
    for position, (label, target, tissue) in enumerate(entries):
        organism, other, antibodies, dif = 0, 0, 0, 0
        for part, kinds in stains:
            if part == label or (part is None and position == 0):
                organism += kinds[0]
                other += kinds[1]
                antibodies += kinds[2]
                dif += kinds[3]
        yield PathologySpecimen(label=label, tissue=tissue, target=target, organism_stains=organism, other_stains=other,
                                antibodies=antibodies, immunofluorescence=dif, routine=dif == 0)  # fmt: skip


def _stains(desk: Desk, marks: list[Mark]) -> list[tuple[str | None, tuple[int, int, int, int]]]:
    """(part label, (organism, other, antibodies, immunofluorescence)) for each clause that tells of stains done."""
    found: list[tuple[str | None, tuple[int, int, int, int]]] = []
    seen: set[str] = set()
    for mark in marks:
        text = mark.clause.text
        if _NOT.search(text) and not re.search(r"\bno (?:organisms|fung\w+|hyphae|evidence)", text, re.IGNORECASE):
            continue
        organism = {m.group().lower()[:3] for m in _STAIN_ORGANISM.finditer(text)} if re.search(r"stain|pas|gms|afb", text, re.IGNORECASE) else set()
        other = {m.group().lower() for m in _STAIN_OTHER.finditer(text)}
        antibodies = {re.sub(r"[^a-z0-9]", "", m.group().lower()) for m in _ANTIBODY.finditer(text)}
        dif = {m.group().lower() for m in _DIF_ANTIBODY.finditer(text)} if _DIF.search(text) else set()
        fresh = {f"{kind}{name}" for kind, names in (("o", organism), ("x", other), ("a", antibodies), ("d", dif)) for name in names} - seen
        if not fresh:
            continue
        seen |= fresh
        label = re.search(r"\b(?:part|specimen|jar)\s+([A-H0-9])\b", text, re.IGNORECASE) or re.match(r"\s*\(?([A-H])[.):]", text)
        found.append((label[1].upper() if label else None, (len([f for f in fresh if f[0] == "o"]), len([f for f in fresh if f[0] == "x"]), len([f for f in fresh if f[0] == "a"]), len([f for f in fresh if f[0] == "d"]))))
    return found


def _frozen_biopsy(desk: Desk, procedures: Sequence[Procedure]) -> Iterator[Procedure]:
    """A frozen section that decided same-day Mohs surgery (MO-15), read by the surgeon."""
    for procedure in procedures:
        if procedure.kind != "biopsy" or procedure.act.status != "performed" or procedure.frozen is None or procedure.frozen.read_first is None:
            continue
        evidence = procedure.frozen.read_first.evidence
        yield Pathology(
            act=Act(id=f"pathology-{desk.number()}", evidence=evidence), target=procedure.target,
            prepared=Stated(value=True, evidence=evidence), read=Stated(value=True, evidence=evidence),
            specimens=(PathologySpecimen(target=procedure.target.id, frozen_blocks=1, routine=False, evidence=evidence),),
        )  # fmt: skip
