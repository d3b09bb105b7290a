"""Pathology work of the practice itself: only words that show the group prepared or read the slides make it a fact (HC-7).

A coder asks who made the slides and who read them (PA-04), counts the specimens, says what each is made of, and counts the
stains of each specimen (PA-01 to PA-03). The specimens are those of a report, when there is one, else those of today's
sampling. A jar that is only sent away is nobody's pathology here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from notecoder.evidence import Evidence, Stated
from notecoder.facts import Act, Pathology, PathologySpecimen, Procedure, Site, Target
from notecoder.reading.families.desk import Desk
from notecoder.reading.page import Mark
from notecoder.reading.reports import Part, Report, is_report, lesion_of, read_report

_OURS = r"(?:by (?:me|myself|our|us|the undersigned|this practice|dr\.? \w+ \(our)|in[- ]house|personally|our (?:own )?(?:dermatopatholog\w+|lab\w*)|this practice'?s? (?:own )?(?:dermato)?patholog\w+)"
_SLIDES = r"(?:slides?|sections?|h&e|histolog\w+|microscopic\w*|specimens?|parts?|path(?:ology)?|frozens?|biops\w+|jars?)"
_READS = r"(?:read|interpreted|reviewed|examined|signed[- ]?out|reported|diagnosed|interpretation|sign-?out)"
_READ = re.compile(rf"\b{_SLIDES}\b[^.;]{{0,80}}\b{_READS}\b[^.;]{{0,24}}\b{_OURS}|\b(?:i|we) (?:personally |myself |also )*{_READS}\b[^.;]{{0,50}}\b{_SLIDES}\b|\bread (?:here|in[- ]house|by me|by our)\b|\bour (?:own )?dermatopathologist (?:read|interpret\w+|reads|signed)|\binterpret(?:ation|ed)\b[:\s]*(?:by me|in[- ]house|performed here|{_OURS})|\bread by me\b|\binterpretation\b[^.;:]{{0,24}}:\s*(?:this practice|signer|us\b|here\b|in[- ]house)|\b{_READS}\s+{_OURS}|\bpathologist\s*[=:]\s*(?:surgeon|self|me)\b|\ball (?:slides|parts) (?:read|interpreted) by me", re.IGNORECASE)
_MADE = r"(?:prepared|processed|cut|stained|grossed|embedded|sectioned)"
_PREPARED = re.compile(rf"\b{_MADE}\b[^.;]{{0,50}}\b(?:in (?:our|the in-house|this practice'?s?)|in[- ]house|here\b|own (?:lab\w*|histology)|by our)|\b(?:our|own|in[- ]house) (?:clia[- ]certified )?(?:histo(?:logy)?|dermatopathology|path(?:ology)?)? ?lab\w*|in-house histo(?:logy)?|own lab", re.IGNORECASE)
_MADE_WORD = re.compile(rf"\b{_MADE}\b|\bh&e\b|\btechnical\b|\btc only\b|stain\w* here", re.IGNORECASE)
_OUTSIDE = r"(?:outside|reference|contracted|elsewhere|send[- ]?out|commercial|another)"
_OUTSIDE_PREP = re.compile(rf"\b(?:sent|came|come|arrive\w*|received) as (?:stained )?(?:glass )?slides\b|\bbills? (?:its|their) own (?:part|component|share)\b|\b(?:technical(?: component)?|processing|prepared|stained|cut|embedded|processed)\b[^.;]{{0,60}}\b(?:{_OUTSIDE}|by (?:the )?(?:\w+ )?(?:reference|outside|hospital) lab\w*|at (?!our|this|the in)[A-Z]\w+)|\btechnical(?: component)?\s*:\s*(?!our|here|in[- ]house|this)[A-Z]", re.IGNORECASE)
_OUTSIDE_PREP_CASED = re.compile(r"\b(?:cut|stained|embedded|processed|prepared)\b[^.;]{0,40}\bat [A-Z]\w+|\b[Tt]echnical(?: component)?\s*:\s*[A-Z]\w+")
_OUTSIDE_READ = re.compile(r"\b(?:sent (?:out|to)|send out|outside lab\w*|reference lab\w*|outside path\w*|path to \w+|to (?:an )?(?:outside|reference)|dermatopathology (?:at|associates)|read (?:by|at) (?:an )?(?:outside|another|the hospital)|reads?\b[^.;]{0,40}\b(?:outside|bills?)\b|(?:outside|there)\b[^.;]{0,40}\b(?:reads?|report|interpret\w*)\b|(?:slides?|trays?|blocks?)\b[^.;]{0,20}\b(?:couriered|driven|sent|shipped|mailed|forwarded|go|went|delivered) (?:to|out)|bills? (?:own|the|their|his|her|for the)? ?(?:prof\w*|reading|interpretation))\b", re.IGNORECASE)
_STAIN_ORGANISM = re.compile(r"\b(?:pas-?(?:d|f)?(?: stain)?(?: for fung\w+)?|gms|grocott|afb|fite|ziehl|gram stain|giemsa|brown[- ]brenn|warthin)\b", re.IGNORECASE)
_STAIN_OTHER = re.compile(r"\b(?:colloidal iron|alcian blue|mucin|elastic|vvg|trichrome|congo red|iron stain|prussian|fontana|toluidine|von kossa)\b", re.IGNORECASE)
_ANTIBODY = re.compile(r"\b(?:melan-?a|mart-?1|sox-?10|hmb-?45|prame|ki-?67|s-?100|p16|ck-?\d+|cytokeratin(?: \d+)?|ae1/ae3|cd\d+a?|ber-?ep4|p63|p40|mitf|bcl-?\d|desmin|ema|cea|factor xiiia)\b", re.IGNORECASE)
_DIF = re.compile(r"\b(?:dif|direct immunofluorescence)\b", re.IGNORECASE)
_DIF_ANTIBODY = re.compile(r"\b(?:igg|iga|igm|c3|c5b-?9|fibrin(?:ogen)?)\b", re.IGNORECASE)
_PARTS = re.compile(r"\b(?P<n>\d|one|two|three|four|five|six|seven|eight)\s+(?:separate\s+|formalin\s+)?(?:parts|specimens|jars|containers|bottles)\b", re.IGNORECASE)
_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8}
_DECAL = re.compile(r"\bdecalcif\w+", re.IGNORECASE)
_NOT = re.compile(r"\b(?:no|not|without|none|deferred|declined|will|if)\b", re.IGNORECASE)
_BEDSIDE = re.compile(r"\b(?:koh|tzanck|scraping|scabies|mineral oil|wood'?s|culture|outside (?:path\w*|report|slides?)|report\b[^.;]{0,40}\breviewed)\b", re.IGNORECASE)
"""A bedside test read, or another laboratory's report gone over: no slides of today's tissue."""
_STILL = re.compile(r"\bno (?:organisms|fung\w+|hyphae|evidence|charge)", re.IGNORECASE)
_SOURCES = {"biopsy", "shave", "excision", "nail", "tag_removal"}
Kinds = tuple[int, int, int, int]
"""Organism stains, other stains, antibodies, immunofluorescence."""
Tissue = Literal["skin", "cyst", "tag", "lipoma", "soft_tissue", "nail"]


def build(desk: Desk, procedures: Sequence[Procedure], reports: Sequence[Report] = ()) -> Iterator[Procedure]:
    """Pathology of today's specimens by the group, when the note proves it."""
    own_report = read_report(desk.page, None) if is_report(desk.page) else None
    marks = [m for m in desk.page.marks if not m.clause.ignored or m.kind == "pathology"]
    read = [m for m in marks if desk.page.says(m, _READ) and not _later(m) and not _BEDSIDE.search(m.clause.text)]
    prepared = [m for m in marks if desk.page.says(m, _PREPARED) and not _later(m)]
    if desk.is_mohs_note:
        if any(p.kind == "biopsy" and p.act.status == "performed" for p in procedures):
            yield from _frozen_biopsy(desk, procedures)
        return
    outside_read = [m for m in marks if desk.page.says(m, _OUTSIDE_READ) and not desk.page.says(m, _READ)]
    ours = bool(desk.context.provider_is_pathologist)
    if not read and not (prepared and (outside_read and any(_MADE_WORD.search(m.clause.text) for m in prepared) or ours and not outside_read or any(re.search(r"technical|tc only|stain\w* here", m.clause.lower) for m in prepared))):
        return
    sources = [] if own_report else [p for p in procedures if p.kind in _SOURCES and p.act.status == "performed" and p.act.cosmetic is None]
    specimens = tuple(_specimens(desk, sources, marks, own_report, reports))
    if not specimens:
        return
    yield _pathology(desk, read, prepared, outside_read, marks, specimens, sources, own_report, reports)


def _pathology(
    desk: Desk, read: list[Mark], prepared: list[Mark], outside_read: list[Mark], marks: list[Mark], specimens: tuple[PathologySpecimen, ...],
    sources: Sequence[Procedure], own_report: Report | None, reports: Sequence[Report],
) -> Pathology:
    quote = desk.page.quote_clause
    outside_made = [quote(m) for m in marks if (_OUTSIDE_PREP.search(m.clause.text) or _OUTSIDE_PREP_CASED.search(m.clause.text)) and not _PREPARED.search(m.clause.text)]
    outside_made += [r.quote_clause(m.clause) for r in reports for m in r.page.marks if _OUTSIDE_PREP_CASED.search(m.clause.text)]
    spans: list[Evidence] = [quote((read or prepared)[0])]
    spans += [quote(m) for m in marks if _PARTS.search(m.clause.text)][:1]
    spans += [e for s in specimens for e in s.evidence[:1]][:4]
    diagnoses = tuple(d for p in sources for d in p.target.diagnoses[:1])
    site: Site | None = sources[0].target.site if sources else None
    if own_report is not None:
        diagnoses = tuple(d.fact(desk.page.text) for part in own_report.parts for d in _best(part)[:1])
        site = next((s.fact(desk.page.text) for part in own_report.parts for s in part.sites), None)
    made: Stated[bool] | None = None
    if outside_made:
        made = Stated(value=False, evidence=(outside_made[0],))
    elif prepared:
        made = Stated(value=True, evidence=(quote(prepared[0]),))
    interpreted = Stated(value=True, evidence=(quote(read[0]),)) if read else Stated(value=False, evidence=(quote(outside_read[0]),)) if outside_read else Stated(value=bool(desk.context.provider_is_pathologist))
    return Pathology(
        act=Act(id=f"pathology-{desk.number()}", evidence=tuple(dict.fromkeys(spans))[:7]),
        target=Target(id=f"P{desk.number()}", diagnoses=diagnoses, site=site), prepared=made, read=interpreted, specimens=specimens,
    )  # fmt: skip


def _best(part: Part) -> list:  # type: ignore[type-arg]
    sure = [d for d in part.diagnoses if d.certainty in {"stated", "pathology"}]
    return sorted(sure, key=lambda d: (d.group in {"noun", "sign"}, d.start))


def _later(mark: Mark) -> bool:
    return bool(re.search(r"\b(?:will be|to be|not|previous|prior|last year|20[01]\d|re-?read|no (?:frozen|slides?|sections?|path\w*)|(?:consult|review)\w* of outside)\b", mark.clause.text, re.IGNORECASE)) and not re.search(r"\bby me\b", mark.clause.text, re.IGNORECASE)


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


def _part_tissue(part: Part) -> Tissue:
    for tissue, pattern in (("cyst", r"\bcyst|\beic\b|pilar"), ("tag", r"\btag\b|acrochordon"), ("lipoma", r"lipoma"), ("nail", r"nail clipp\w+|nail plate")):
        if re.search(pattern, part.text, re.IGNORECASE):
            return tissue  # type: ignore[return-value]
    return "skin"


def _specimens(desk: Desk, sources: Sequence[Procedure], marks: list[Mark], own_report: Report | None, reports: Sequence[Report]) -> Iterator[PathologySpecimen]:
    """One for each part of a report, else one for each sample of today."""
    if own_report is not None:
        for part in own_report.parts:
            specimen = _specimen(part.label, None, _part_tissue(part), _kinds(part.text), part.text, (own_report.quote(part.start, part.end),))
            found = tuple(d.fact(desk.page.text) for d in _best(part)[:1])
            yield specimen.model_copy(update={"diagnoses": found, "site": next((s.fact(desk.page.text) for s in part.sites), None)})
        return
    targets = [p.target for p in sources]
    lettered = [(r, part) for r in reports for part in r.parts]
    if lettered and len(lettered) >= len(targets):
        for report, part in lettered:
            owner = lesion_of(part, targets, marks, alone=len(lettered) == 1)
            source = next((p for p in sources if owner is not None and p.target.id == owner.id), None)
            yield _specimen(part.label, owner.id if owner else None, _tissue(source) if source else _part_tissue(part), _kinds(part.text), part.text, (report.quote(part.start, part.end),))
        return
    yield from _sampled_today(desk, sources, marks)


def _specimen(label: str | None, target: str | None, tissue: Tissue, kinds: Kinds, text: str, evidence: tuple[Evidence, ...]) -> PathologySpecimen:
    return PathologySpecimen(label=label, tissue=tissue, target=target, organism_stains=kinds[0], other_stains=kinds[1], antibodies=kinds[2],
                             immunofluorescence=kinds[3], decalcified=bool(_DECAL.search(text)), routine=kinds[3] == 0, evidence=evidence)  # fmt: skip


def _sampled_today(desk: Desk, sources: Sequence[Procedure], marks: list[Mark]) -> Iterator[PathologySpecimen]:
    stated = next((int(_WORDS.get(m["n"].lower(), 0) or m["n"]) for k in marks for m in [_PARTS.search(k.clause.text)] if m), None)
    entries: list[tuple[str | None, str | None, Tissue]] = []
    for procedure in sources:
        times = procedure.count.value if procedure.kind == "biopsy" and procedure.count else 1
        entries += [(procedure.target.label, procedure.target.id, _tissue(procedure))] * times
    if stated and stated > len(entries):
        entries += [(None, None, "skin")] * (stated - len(entries))
    stains = _stains(marks)
    for position, (label, target, tissue) in enumerate(entries):
        own = [kinds for part, kinds in stains if part == label and part is not None or part is None and position == 0]
        total: Kinds = tuple(sum(column) for column in zip(*own, strict=True)) if own else (0, 0, 0, 0)
        yield _specimen(label, target, tissue, total, "", ())


def _names(text: str) -> tuple[set[str], set[str], set[str], set[str]]:
    """The stains a piece of text says were done, by kind."""
    organism: set[str] = set()
    other: set[str] = set()
    antibodies: set[str] = set()
    dif: set[str] = set()
    for piece in re.split(r"[.;\n]", text):
        if _NOT.search(piece) and not _STILL.search(piece) or re.match(r"\s*need for\b", piece, re.IGNORECASE):
            continue
        organism |= {m.group().lower()[:3] for m in _STAIN_ORGANISM.finditer(piece)}
        other |= {m.group().lower() for m in _STAIN_OTHER.finditer(piece)}
        antibodies |= {re.sub(r"[^a-z0-9]", "", m.group().lower()) for m in _ANTIBODY.finditer(piece)}
        dif |= {m.group().lower() for m in _DIF_ANTIBODY.finditer(piece)} if _DIF.search(text) else set()
    return organism, other, antibodies, dif


def _kinds(text: str) -> Kinds:
    organism, other, antibodies, dif = _names(text)
    return len(organism), len(other), len(antibodies), len(dif)


def _stains(marks: list[Mark]) -> list[tuple[str | None, Kinds]]:
    """(part label, stains) for each clause that tells of stains done; one named again without a letter counts once."""
    found: list[tuple[str | None, Kinds]] = []
    seen: set[str] = set()
    for mark in marks:
        names = _names(mark.clause.text)
        label = re.search(r"\b(?:part|specimen|jar)\s+([A-H0-9])\b", mark.clause.text, re.IGNORECASE) or re.match(r"\s*\(?([A-H])[.):]", mark.clause.text)
        part = label[1].upper() if label else None
        fresh = [{n for n in kind if f"{part}{n}" not in seen and (part is not None or not any(s.endswith(n) for s in seen))} for kind in names]
        if not any(fresh):
            continue
        seen |= {f"{part}{n}" for kind in fresh for n in kind}
        found.append((part, (len(fresh[0]), len(fresh[1]), len(fresh[2]), len(fresh[3]))))
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
