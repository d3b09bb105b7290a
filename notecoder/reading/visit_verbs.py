"""What was decided about a drug in words that stand after its name, or that speak only of the dose.

A coder reads "secukinumab commenced", "mometasone no longer needed, discontinued" and "dose kept at 50 mg" as the same
kinds of decision as "start", "stop" and "continue" before a name (EM-R-RX). What happened at an earlier time, elsewhere
or by somebody else's hand is history.
"""

from __future__ import annotations

import re
from typing import Literal

from notecoder.reading.openings import CLAUSE, beginnings, openings

Verb = Literal["start", "change", "stop", "continue"]
_BE = r"(?:(?:was|were|is|are|be|been|being|has been|have been|will be|to be|can be|gets?|got|then|also|now|today|therefore|so|thus|just|again|both|dose|doses|it|he|she|we|i|will|shall|not to be|going to) )*"
_REACH = r"[^.;:]{0,42}?(?<![a-z])"
AFTER_VERBS: tuple[tuple[Verb, str], ...] = (
    ("stop", r"(?:no longer (?:needed|required|necessary|used|indicated|wanted)|discontinued|dropped|withdrawn|ceased|phased out|tapered off|retired|abandoned|d/?c'?d|taken away|stopped(?! working| helping)|comes? off|came off|to stop|can (?:stop|come off|go)|will stop|put aside|set aside|paused|held\b(?! at| steady| on| him| her))"),
    ("change", r"(?:raised|increased|bumped(?: up)?|upped|doubled|halved|lowered|reduced|tapered|stepped (?:up|down|back)|titrated|goes? (?:up|down)|went (?:up|down)|going (?:up|down)|moved (?:up|down)|(?:taken|brought|pushed|cut|turned|dialed|dialled) (?:up|down|back)|up to \d|down to \d|spaced(?: out)?|stretched|cut (?:to|by|in)|to (?:be )?(?:increase|raise|lower|reduce)d?)"),
    ("continue", r"(?:kept(?: on| up| going| at)?|left (?:as|at|alone|in place|un\w+|where)|unchanged|continued|continues|continuing|carried on|carries on|goes on|stays|to stay|maintained|renewed|renewal|refilled|reordered|re-ordered|extended|re-?prescribed|as is\b|same dose|held at|holding at|ongoing at|retained|repeat(?:ed)? (?:script|prescription|rx))"),
    ("start", r"(?:tak(?:es?|ing) (?:its|the|over|his|her) (?:place)?|takes? over|instead\b|from (?:today|now|tonight|tomorrow)|meanwhile|for now\b|in the meantime|(?:from|off) the shelf|to (?:have|keep) (?:at home|on hand)|at the first (?:sign|tingle)|handed (?:over|out)|supplied|dispensed|commenced|restarted|re-started|resumed|introduced|brought (?:in|back)|instituted|chosen|picked|selected|begins?|starts|to start|will start|to begin|prescribed|ordered|requested|applied for|pa (?:started|sent|submitted)|e-?scribed|e-?prescribed|scripted|sent in|phoned in|faxed|started|initiated|begun|added|issued|written|put on)"),
)  # fmt: skip
_AFTER = re.compile(
    _REACH + "(?:" + "|".join(rf"(?P<{kind}>{words})" for kind, words in AFTER_VERBS) + r")(?![a-z])"
)
PAST_TIME = re.compile(
    r"\bago\b|\blast (?:visit|time|year|month|week|fall|autumn|spring|summer|winter)|\bpreviously\b|\bin (?:19|20)\d\d\b|\belsewhere\b|\byears? (?:back|earlier)\b|"
    r"\bby (?:his|her|the|their|an?|dr|pcp|urgent|outside)\b|\bin the past\b|\bsince\b|\bin (?:january|february|march|april|may|june|july|august|september|october|november|december)\b|"
    r"\b(?:already|earlier|originally|formerly|used to|had been|had)\b|\bfrom (?:pcp|gp|cardiology|primary)\b"
)


def verb_after(behind: str, clause: str) -> Verb | None:
    """The decision that the words after a drug's name tell, unless they tell of an earlier time."""
    match = _AFTER.match(behind)
    if match is None or match.lastgroup is None or PAST_TIME.search(clause):
        return None
    if re.search(r"\b(?:if|unless|may|might|could|would|consider\w*|when|not|until|should|nothing|no)\b", behind[: match.start(match.lastgroup)]):
        return None
    return match.lastgroup  # type: ignore[return-value]


_OBJECT = r"(?:dos(?:e|es|age|ing)|medicines?|medications?|meds?|drugs?|tablets?|capsules?|pills?|creams?|ointments?|gels?|lotions?|foams?|drops|shampoos?|topicals?|steroids?|antibiotics?|injections?|shots?|biologics?|scripts?|prescriptions?|regimen|treatment|therapy)"
_DOSE = (
    ("change", re.compile(rf"\b(?:{_OBJECT}|goes|going|went) {_BE}(?:up|down|raised|increased|lowered|reduced|doubled|halved|bumped|upped|cut|tapered|stepped (?:up|down)|titrated|changed|adjusted|escalated|advanced|spaced|stretched|switched)\b(?! (?:if|when))|\b(?:raised?|increased?|lowered?|reduced?|bumped?|upped|go up|going up|went up|go down|stepp?ed up|escalated?|advanced?|titrated?|moved? up|cut(?:ting)? (?:back|down)?) ?(?:the |her |his |it |dose )*(?:dose )?(?:from \d+\S* ?(?:mg|mcg|g)? )?(?:to|by) \d+(?:\.\d+)? ?(?:mg|mcg|g|iu|ml|tab|cap|x|times|%)|\b(?:double|halve|increase|raise|lower|reduce|adjust|escalate|taper)[sd]?(?:ing)? (?:the |her |his )?(?:dos\w+|prednisone|tablets?)")),
    ("stop", re.compile(rf"\b(?:stop|discontinue|finish|end|drop|come off|wean off|quit)(?:s|ped|ping|d|ed|ing)? (?:with )?(?:the |her |his |this |that |all |both |using the |taking the )+(?:\w+ )?{_OBJECT}\b|\b{_OBJECT} (?:\w+ ){{0,5}}?(?:and|,) then stop\b|\b{_OBJECT} {_BE}(?:stopped|discontinued|withdrawn|ended|no longer needed)\b")),
    ("continue", re.compile(rf"\b(?:same|usual) {_OBJECT}\b|\b(?:another|new|fresh|next|further|repeat) (?:tube|bottle|box|pack|supply|script|prescription|rx|jar)\b|\b(?:script|prescription|rx) for (?:it|them|both|the same|more)\b|\b(?:both|all(?: three)?|these|each) (?:are |were |to be |to )?(?:carried on|kept|continued?|renewed|refilled|go on|stay|left)\b|\b{_OBJECT} {_BE}(?:kept|left (?:as|at|alone|un|where)|unchanged|stays?|the same|same|continue[sd]?|held (?:at|steady)|as (?:is|before)|maintained|renewed|refilled|renewal)(?! (?:if|to help))|\b(?:keep|kept|leave|left|hold(?:ing)?|stay(?:s|ing)?|remain(?:s|ing)?|continu(?:e|es|ed|ing)|go(?:es)? on|maintain(?:s|ed|ing)?)(?: (?:the|her|his|him|it|on|at|with|same|a|present|current))* (?:dose|\d+(?:\.\d+)? ?(?:mg|mcg|g)\b)|\b(?:same|unchanged|no change (?:in|to|of)(?: the)?) (?:dos\w+|regimen|medic\w+|prescription|therapy)|\bno (?:dose|dosing|medication) change|\b(?:renewal|refills?|renewed|refilled|prescription) (?:was |were |is )?(?:e-?scribed|e-?prescribed|sent|issued|given|signed|for (?:\d+|six|three|twelve)|x ?\d+)\b|\brenewed (?:for|x|through|his|her|the|it|both|all)\b|\b(?:finish|complete) (?:another|the|one more|a further|his|her) (?:\w+ ){0,3}(?:of|course)\b")),
)
_OPEN = re.compile(r"\b(?:if|unless|should|may|might|could|would|consider\w*|once|until|no need to|can always)\b[^,;]*$")


def dose_told(lower: str) -> tuple[Verb, int, int] | None:
    """What a clause decides about the dose or the medicine that it does not name, and where."""
    begins = beginnings(lower) if len(lower) <= CLAUSE else None
    for kind, pattern in _DOSE:
        opens = openings(pattern)
        if begins is not None and opens is not None and opens.isdisjoint(begins):
            continue
        match = pattern.search(lower)
        if match is not None and not _OPEN.search(lower[: match.start()]) and not PAST_TIME.search(lower):
            return kind, match.start(), match.end()  # type: ignore[return-value]
    return None
