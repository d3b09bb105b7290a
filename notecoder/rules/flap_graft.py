"""Flaps and grafts: tissue moved into a defect.

A coder first asks whether tissue was cut free, lifted and moved at all: undermining and pulling the edges together is
a repair whatever its title says (AT-03). A tissue transfer is then reported by the region and by the area of both
defects together, the one it fills and the one it leaves (AT-01); two flaps into one defect are one transfer (AT-05).
Flaps on a pedicle that is cut later, or on a named vessel, have codes of their own (5.2). Grafts go by the recipient's
region and area; the donor's closure is part of them (5.4).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import chain

from notecoder.codebook import Codebook
from notecoder.context import EncounterContext
from notecoder.evidence import Evidence, Stated, merged
from notecoder.facts import Encounter, Flap, Graft, Repair, Site
from notecoder.rules.acts import (
    about,
    act_spans,
    by_standing,
    denied,
    done,
    eyelid_modifier,
    line_for,
    numbered,
    said,
    spans,
)
from notecoder.rules.draft import Concern, Finding, GapDraft, LineDraft, Refusal
from notecoder.rules.ladder import Row, Rung, climb, code_of, lowest, rows_for, to_tenth
from notecoder.rules.place import body_part, group_at, group_of_site

MOVED_BY_NAME = {"rotation", "transposition", "island"}
"""Styles whose name already says that tissue was cut and moved; "advancement" may be a mere pulling of edges."""
G2_GRAFTS = {"split_thickness", "epidermal", "dermal", "cell_suspension"}
SINGLE_GRAFTS = {"pinch", "composite", "ear_cartilage", "septal_cartilage"}


def propose(encounter: Encounter, context: EncounterContext, codebook: Codebook) -> Iterator[Finding]:
    """Drafts for flaps and grafts of this encounter."""
    rows = codebook.table("flap_graft")
    closed = frozenset(repair.target.id for repair in done(encounter, Repair))
    flaps = by_standing(encounter, Flap, lambda facts: _flaps(facts, rows, codebook, closed), payer=context.payer)
    grafts = by_standing(encounter, Graft, lambda facts: _grafts(facts, rows, codebook), payer=context.payer)
    yield from numbered(chain(flaps, grafts))


def _flaps(flaps: Sequence[Flap], rows: Sequence[Row], codebook: Codebook, closed: frozenset[str]) -> Iterator[Finding]:
    """``closed``: the wounds that a repair is told of, by target."""
    transfers: dict[str, list[Flap]] = {}
    for flap in flaps:
        if _what(flap) == "tissue_transfer":
            transfers.setdefault(flap.target.id, []).append(flap)
        else:
            yield from _named_flap(flap, rows, codebook)
    for together in transfers.values():
        yield from _transfer(together, rows, codebook, closed_otherwise=together[0].target.id in closed)


def _what(flap: Flap) -> str:
    """Which ladder of the table a flap is on."""
    style = flap.style.value if flap.style else None
    if flap.step in {"delay", "division"}:
        return "tarsoconjunctival_division" if style == "tarsoconjunctival" else "division"
    if style == "island" and flap.named_vessel is None:
        return "tissue_transfer"
    if style in {"pedicle", "interpolation"}:
        return "pedicle"
    if style in {"island", "forehead", "midface", "muscle", "neurovascular", "tarsoconjunctival", "filleted"}:
        return style
    return "pedicle" if flap.step == "formation" else "tissue_transfer"


def _transfer(
    flaps: Sequence[Flap], rows: Sequence[Row], codebook: Codebook, *, closed_otherwise: bool
) -> Iterator[Finding]:
    """AT-01 to AT-05 for the flaps of one defect."""
    target = flaps[0].target
    group, gaps = group_at(target, "tissue transfer", "rc4", codebook)
    ladder = rows_for(rows, "tissue_transfer", group)
    area, complete, evidence = _area(flaps)
    rungs = list(climb(ladder, area)) if area else [lowest(ladder)]
    if all(denied(flap.incised) for flap in flaps):
        why = "no flap was cut and moved into the defect: undermining or drawing the edges together is a repair"
        cited = merged(act_spans(flaps), *(spans(flap.incised) for flap in flaps))
        for rung in rungs:
            yield Refusal(rung.code, why, "AT-03", cited)
        if not closed_otherwise:
            yield GapDraft("closure.criteria", "major", about("closure called a flap", target), cited)
        return
    yield from gaps
    yield from _lines(rungs, flaps, "AT-01", _area_words(area, len(flaps)), evidence)
    if area is None or not complete:
        yield GapDraft("flap.area", "major", about("tissue transfer", target), evidence or act_spans(flaps))
    if not any(_shown_to_move(flap) for flap in flaps):
        yield GapDraft("closure.criteria", "major", about("tissue transfer", target), act_spans(flaps))
    if any(flap.style and flap.style.value == "island" for flap in flaps):
        why = "no named vessel was found and dissected: a tissue transfer"
        yield Refusal(code_of(rows, "island"), why, "5.2", act_spans(flaps))


def _shown_to_move(flap: Flap) -> bool:
    """AT-02: incision and transfer are described, a second defect was left, or the design itself says so."""
    if said(flap.incised) or flap.secondary_area is not None or flap.total_area is not None:
        return True
    return flap.incised is None and flap.style is not None and flap.style.value in MOVED_BY_NAME


def _area(flaps: Sequence[Flap]) -> tuple[Decimal | None, bool, tuple[Evidence, ...]]:
    """Area of one transfer, whether both its parts are known, and where they are stated.

    The defect is filled once: of the primary areas that several flaps repeat, the largest counts.
    """
    totals = _distinct(flap.total_area for flap in flaps)
    if totals:
        return sum((value.value for value in totals), Decimal(0)), True, spans(*totals)
    primary = _distinct(flap.primary_area for flap in flaps)
    secondary = _distinct(flap.secondary_area for flap in flaps)
    if not primary and not secondary:
        return None, False, ()
    largest = max((value.value for value in primary), default=Decimal(0))
    area = largest + sum((value.value for value in secondary), Decimal(0))
    return area, bool(primary and secondary), spans(*primary, *secondary)


def _distinct(values: Iterable[Stated[Decimal] | None]) -> list[Stated[Decimal]]:
    """The stated values, one that two facts share only once."""
    found: list[Stated[Decimal]] = []
    for value in values:
        if value is not None and value not in found:
            found.append(value)
    return found


def _area_words(area: Decimal | None, count: int) -> str:
    if area is None:
        return "no area stated: the smallest code of the region"
    flaps = "" if count == 1 else f", {count} flaps into one defect"
    return f"both defects together {to_tenth(area)} sq cm{flaps}"


def _named_flap(flap: Flap, rows: Sequence[Row], codebook: Codebook) -> Iterator[Finding]:
    """5.2: flaps that are coded by their pedicle or by their stage."""
    what = _what(flap)
    group = ""
    if what in {"pedicle", "division"}:
        site = flap.donor if flap.step == "delay" and flap.donor is not None else flap.target.site
        group, gaps = group_of_site(site, flap.target, "pedicle flap", "rc4", codebook)
        yield from gaps
    elif what == "muscle":
        group = body_part(flap.donor or flap.target.site, codebook)
    line = line_for(code_of(rows, what, group), [flap])
    if what.startswith("tarsoconjunctival"):
        line.modifiers += eyelid_modifier(flap.target.site)
        yield Concern("review", "an eyelid rebuilt with a tarsoconjunctival flap: extent and stage decide its code")
    says = {"division": f"{flap.step} of a flap at the recipient's region", "pedicle": "flap on a pedicle, by region"}
    yield line.because("5.2", says.get(what, f"{what} flap"), *spans(flap.style, flap.named_vessel))


def _lines(
    rungs: Iterable[Rung],
    facts: Sequence[Flap | Graft],
    rule: str,
    says: str,
    evidence: Iterable[Evidence],
) -> Iterator[LineDraft]:
    """A line for each rung of a ladder, the add-on pointing at the line before it."""
    for rung in rungs:
        line = line_for(rung.code, facts, units=rung.units, primary=-1 if rung.addon else None)
        yield line.because(rule, says, *evidence)


def _grafts(grafts: Sequence[Graft], rows: Sequence[Row], codebook: Codebook) -> Iterator[Finding]:
    summed: dict[tuple[str, str], list[Graft]] = {}
    for graft in grafts:
        if graft.type in SINGLE_GRAFTS:
            yield line_for(code_of(rows, graft.type), [graft]).because("5.4", f"{graft.type.replace('_', ' ')} graft")
            continue
        group, gaps = _graft_group(graft, codebook)
        yield from gaps
        what: str = "fat_excised" if graft.harvest and graft.harvest.value == "excision" else graft.type
        summed.setdefault((what, "" if what == "fat_excised" else group), []).append(graft)
        if said(graft.donor_graft) and len(grafts) == 1:
            yield Concern("review", "the donor site was grafted too (GR-03): its graft is not described")
    for (what, group), together in summed.items():
        yield from _summed_graft(what, rows_for(rows, what, group), together)
        if what == "cell_suspension":
            for part in ("cell_harvest", "cell_preparation"):
                yield line_for(code_of(rows, part), together).because("5.4", f"{part.replace('_', ' ')}: first step")
            yield Concern("review", "skin cell suspension: harvested area and the payer's price are open")


def _graft_group(graft: Graft, codebook: Codebook) -> tuple[str, list[GapDraft]]:
    """GR-01: by the recipient's site, in the grouping of the graft's kind."""
    if graft.type == "fat":
        site: Site | None = graft.target.site
        if site is None:
            return "trunk_limb", [GapDraft("lesion.site", "major", about("fat graft", graft.target))]
        face_hand = site.key != "scalp" and codebook.site(site.key).g2 == "HFG"
        return ("face_hand" if face_hand else "trunk_limb"), []
    return group_at(graft.target, "graft", "g2" if graft.type in G2_GRAFTS else "rc4", codebook)


def _summed_graft(what: str, ladder: list[Row], grafts: Sequence[Graft]) -> Iterator[Finding]:
    """One primary code per group of sites, the areas of its grafts together."""
    sizes = [graft.volume if what == "fat" else graft.area for graft in grafts]
    known = [size for size in sizes if size is not None]
    evidence = spans(*known)
    total = sum((size.value for size in known), Decimal(0))
    rungs = list(climb(ladder, total)) if known else [lowest(ladder)]
    unit = "mL" if what == "fat" else "sq cm"
    says = f"{what.replace('_', ' ')}, {to_tenth(total)} {unit}" if known else "no area stated: the smallest code"
    yield from _lines(rungs, grafts, "5.4", says, evidence)
    if len(known) < len(sizes) and what != "fat_excised":
        missing = next(graft for graft, size in zip(grafts, sizes, strict=True) if size is None)
        yield GapDraft("graft.area", "major", about("graft", missing.target), act_spans(grafts))
