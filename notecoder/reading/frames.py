"""What governs a stretch of the note: words under a heading of things to come, of choices, of another's pen, in quotes.

A coder asks of every stretch whose words they are and of which day. A list for the next visit, a choice laid out, a
leaflet, a letter, a laboratory's report and a form to be signed tell of no work of today (0.4), however they word it; the
frame goes on until the list, the quotation or the sentence ends, or until the writer turns to what was done.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from notecoder.facts.common import Status
from notecoder.reading.outline import Clause, Layout
from notecoder.reading.status import plainly_done

if TYPE_CHECKING:
    from notecoder.reading.page import Mark

_TIME = r"(?:visits?|appointments?|appts?|times?|sessions?|encounters?|weeks?|months?|trips?|days?|rounds?)"
_MONTH = r"(?:january|february|march|april|may|june|july|august|september|october|november|december|spring|summer|fall|autumn|winter)"
_HEAD_END = r"(?:\s*:|\s+[-–—>]+\s|\s*\n|\s*$|\s+(?=(?:\(?1[.)]|\(?a\))\s))"
_TO_COME = re.compile(
    rf"(?P<head>\A\W*(?:for|in) (?:early |mid |late |the )?{_MONTH}\b|\b(?:(?:next|future|return|upcoming|coming|later|subsequent|following|another|second) (?:\w+ )?{_TIME}|next time|future orders?|future procedures?|"
    rf"(?:orders?|procedures?|labs?) (?:placed )?for (?:the )?(?:future|next|return|later)(?: \w+)?|follow-?up {_TIME}|(?:plans?|booked|agenda|list|slated|set|down|scheduled) (?:list )?(?:for|in) (?:early |mid |late |the )?{_MONTH}|"
    rf"to[- ]do(?: list)?|to (?:be )?(?:schedule|book|arrange|order)(?:d)?|(?:waiting|wait|wish) ?list|scheduled|(?:still )?pending|upcoming|booked|agenda|surgery (?:list|schedule|booking)|at that (?:visit|time|appointment))\b)"
    rf"[^.;:\n]{{0,40}}?{_HEAD_END}",
    re.IGNORECASE,
)
""" "Numbered list for the next visit: ...", "Plan for June: ..."."""
_CHOICES = re.compile(
    r"(?P<head>\b(?:options?|choices?|alternatives|possibilities|menu|treatments? (?:that (?:exist|could)|available|possible)|approaches|modalities|(?:what|things|ways|treatments) (?:can|could|might|may) be (?:done|used|tried|offered)|"
    r"(?:what|which) (?:we|one|i|you) (?:can|could|might|may) (?:do|use|try|offer)|ways (?:of|to) (?:treat\w*|deal\w*|handl\w*|remov\w*|get\w*))\b)"
    r"[^.;:\n]{0,60}?(?::|\s[-–—]\s|\b(?:are|include|includes|included|including|were|being|such as|like|of)\b|=|\()",
    re.IGNORECASE,
)
""" "Options for the sweating were set out: ..."."""
_EITHER = re.compile(
    r"(?P<head>(?:^|(?<=[.;:,] ))(?:either\b(?=[^.;]{2,60}\bor\b[^.;]{2,60}\b(?:would|will|could|can|may|might|is|are|are all|both|reasonable|acceptable|works?)\b)|(?:(?:we|he|she|you|they|one|i)\s+)?(?:could|can|may|might)\s+(?:either|also|just|simply|alternatively|instead|always|equally)\b))",
    re.IGNORECASE,
)
_PRINTED = re.compile(
    r"(?P<head>\b(?:pamphlets?|leaflets?|handouts?|brochures?|booklets?|flyers?|videos?|posters?|web ?(?:page|site)s?|printouts?|avs|after[- ]visit summary|fact ?sheets?|info(?:rmation)? ?(?:sheets?|packets?)?|(?:wound|after) ?care sheets?|"
    r"instruction sheets?|price (?:list|sheet)s?|estimates?|cost sheets?|consent forms?|form|diagrams?|drawing|model|article)\b)"
    r"\s*(?:[:,'\"“‘(]|(?:\w+ ){0,3}?(?:about|on|of|for|titled|called|entitled|headed|covering|describing|explaining|showing|shown|shows|saying|says|states|reads|regarding|with|to explain)\b)",
    re.IGNORECASE,
)
""" "Pamphlet 'Actinic keratoses and how they are frozen' handed over"."""
_FORM = re.compile(r"(?P<head>\b(?:consent|permission|authori[sz]ation|permit)\b[^.;:\n]{0,30}?\b(?:in advance|ahead|beforehand|already|for (?:the )?(?:next|upcoming|later|future|june|july|surgery on|procedure on|\d{1,2}/\d{1,2})|covers|to cover|includes?|lists?|reads?|says)\b)", re.IGNORECASE)
_LEAVE = re.compile(
    r"(?P<head>\b(?:(?:prior[- ]?)?auth(?:ori[sz]ation)?s?|pre-?auth\w*|p\.?a\.?(?= (?:for|req\w*|sent|submitted|denied|pending|started))|precert\w*|pre-?determination|approval|coverage|insurance (?:approval|request|appeal)|appeal)\b(?! (?:was |were |has been |is )?(?:obtained|on file|received|approved|granted|in place|in hand|given|secured|valid|ok))"
    r"(?:[^.;:\n]{0,40}?\b(?:for|of|to start|to begin|to cover|requested|submitted|sent|pending|outstanding|denied|awaited|re)\b|\s*:))|"
    r"(?P<wait>\b(?:wait\w*|await\w*|hear\w*)\b[^.;\n]{0,30}?\b(?:insur\w+|the plan|carrier|payer|medicare|approv\w+)\b[^.;\n]{0,20}?\b(?:about|for|on|to (?:approve|cover|authori[sz]e|ok))\b)",
    re.IGNORECASE,
)
""" "Authorization for excimer laser requested today"."""
_PEN = (
    r"(?:outside|referring|referral|prior|previous|old|transferred|hospital|er|ed|emergency|ent|plastics?|oncology|urology|surg(?:eon|ery|ical)|pcp|gp|primary|derm(?:atology)?|(?:his|her|their|your|the) (?:\w+ )?(?:surgeon|doctor|dermatologist|dentist|oncologist|pcp|gp)['’]?s?|the (?:surgeon|doctor|dermatologist)['’]s|dr\.? \w+['’]s)"
)
_TOLD_BY = re.compile(
    rf"(?P<head>\b(?:according to (?!(?:protocol|plan|the manufacturer|him|her|them|schedule|the (?:map|protocol))\b)(?:\w+ ){{1,5}}?|(?:copied|quoted|pasted|excerpt\w*|transcribed|summari[sz]ed) from\b|as quoted\b|per (?:the )?{_PEN}\b|"
    rf"(?:{_PEN}) (?:\w+ )?(?:notes?|summar(?:y|ies)|letters?|records?|op(?:erative)? (?:note|report)s?|discharge|consult\w*|chart|paperwork|documentation|reports?)\b(?! (?:scanned|requested|pending))|"
    rf"letters? (?:from|by|of)\b|(?:records?|faxe?d?|notes?|paperwork|summary) (?:from|by|of) (?!today|this|my|me|our)|"
    rf"(?:dr\.? [\w’'-]+|physician|doctor|surgeon|dermatologist|colleague|office|clinic|he|she|they) (?:\w+ )?(?:writes?|wrote|dictated (?:that|in)|reports? having|reported having|states that|stated that|documents that|documented that|mentions? (?:that|having))\b|"
    rf"you (?:\w+ )?(?:mention(?:ed)?|write|wrote|report(?:ed)?|note(?:d)?|describe[d]?|told (?:me|us)|say|said|state[d]?|inform(?:ed)?)\b))",
    re.IGNORECASE,
)
""" "The ER summary states that ...", "You mention having shaved off ..."."""
_LABORATORY = re.compile(
    r"(?P<head>\b(?:(?:outside|path(?:ology)?|lab(?:oratory)?|tissue|biopsy|bx|histolog\w+|derm(?:ato)?path(?:ology)?|surgical|addend\w+|final|labcorp|quest) (?:\w+ ){0,2}?reports?|report (?:in hand|back|of|dated|from|received|on file|reads)|(?:path(?:ology)?|histology|dermpath|result\w*|slides?) (?:\w+ ){0,2}?(?:from|of|by|dated|reviewed)(?= )|(?:path(?:ology)?|results?|reports?|slides?|biopsy) (?:is |are |was |were |now )?(?:back|in|returned|reviewed|received|final)|outside slides?(?: reviewed)?|(?<!my )(?<!md )addendum(?! to (?:the |my |this )?(?:procedure|visit|op|office|clinic|progress|note)))\b)[^.;:\n]{0,40}?(?::|,|\s[-–—=]\s)",
    re.IGNORECASE,
)
""" "Outside report, Quest 3/17: left nasal sidewall, shave, ..."."""
_FOUND = re.compile(r"[^.;\n]{0,30}?[:,=-]\s*[^.;\n]{0,60}?\b(?:(?:mild|moderate|severe)(?:ly)? (?:atypi\w+|dysplas\w+)|margins? (?:\w+ )?(?:positive|involved|clear|negative|free|uninvolved)|no (?:residual|vasculitis|malignancy)|(?:well|moderately|poorly)[- ]differentiated|infiltrat(?:ive|ing)|micronodular|breslow|spongio\w+|interface|favou?rs?|in (?:all|the) sections?)\b", re.IGNORECASE)
""" "Left back, shave: compound nevus, moderate atypia": only a microscope sees that."""
_SAMPLED = frozenset({"biopsy", "shave", "excision"})

_TURN = re.compile(
    r"\b(?:today|done here|performed here|now done|we did|i did|opted|opts|chose|chooses|elected|elects|picked|wish(?:es|ed)|prefers|requests|went with|goes with|proceeded|decided (?:on|for)|agreed (?:to|on)|settled on|was chosen|done|performed|carried out|tolerated|underwent|accordingly)\b",
    re.IGNORECASE,
)
""" The writer turns from what could be to what was done."""
_TODAY = re.compile(r"\b(?:today|this (?:visit|morning|afternoon)|now (?!that)|done|performed|carried out|tolerated)\b", re.IGNORECASE)
_NOW = re.compile(r"\b(?:today|this visit|this (?:morning|afternoon))\b(?! (?:requested|submitted|sent|was requested))", re.IGNORECASE)
_WAS_DONE = re.compile(r"[^.;,]{0,60}?\b(?:was|were) (?:then |also |all |each |both |first )?(?:performed|done|taken|obtained|treated|frozen|removed|excised|injected|biopsied|closed|drained|placed|sampled|shaved|given|carried out|made|applied)\b", re.IGNORECASE)
_OPENING = re.compile(r"(?:(?<=^)|(?<=[\s(:,;—–-]))(?P<mark>[\"“'‘«])(?=\S)")
_CLOSES = {'"': '"', "“": "”", "'": "'", "‘": "’", "«": "»"}
_MOST_QUOTED = 500
_NEW_SUBJECT = re.compile(r"\W*(?:pt|patient|the patient|our patient|today|done today|procedures? today|performed today)\b", re.IGNORECASE)


def quotations(text: str) -> Iterator[tuple[int, int]]:
    """The stretches in quotation marks that hold a phrase (not inches, not one word, not the whole note)."""
    position = 0
    while (opened := _OPENING.search(text, position)) is not None:
        position = opened.end()
        close = _CLOSES[opened["mark"]]
        at = position
        while (at := text.find(close, at, position + _MOST_QUOTED)) > 0:
            after = text[at + 1 : at + 2]
            if not after.isalnum() and not text[at - 1].isspace():
                break
            at += 1
        if at <= 0:
            continue
        inside = text[position:at]
        if inside.count(" ") >= 3 and "\n\n" not in inside and len(inside) < 0.9 * len(text):
            yield position, at
        position = at + 1


_OWN_WORDS = re.compile(r"\b(?:slip|requisition|req|labell?(?:ed|s)?|jars?|bottles?|container|specimens?|dictat\w+|scribed?|log|order(?:ed)?|i (?:wrote|said|entered|dictated)|my (?:note|words)|procedure)\b[^.;\n\"“]{0,24}[\"“'‘«]?$", re.IGNORECASE)
"""What stands on a slip or a label is the clinician's own."""

_WITHHELD = re.compile(
    r"\b(?:hold(?:ing)?|withh(?:old|eld)|postpon(?:e|es|ed|ing)|cancel\w*|skip\w*|defer\w*|delay\w*|put(?:ting)? off|call(?:ed|ing)? off|push(?:ed|ing)? back|forgo\w*|forego\w*|rebook\w*|reschedul\w+|table[d]?|ran out of|out of)"
    r"\s+(?:off\s+)?(?:on\s+)?(?:(?:the|his|her|their|any|all|today['’]s|further|planned|scheduled|repeat|that|this)\s+){0,2}(?:[\w-]+ )?$",
    re.IGNORECASE,
)
""" "Hold the excision"."""
_FELL_THROUGH = re.compile(
    r"[^.;]{0,70}?\b(?:cancel+ed|called off|scrapped|skipped|omitted|withheld|postponed|put off|pushed (?:back|to|out (?:to|until|till|by|a|two|three|four|six))|held (?:over|off|back)|(?:put |is |are |remains? )?on hold|deferred|delayed|re-?scheduled|re-?booked|re-?book|shelved|tabled|not (?:run|delivered|gone ahead|started|begun|carried out)|"
    r"(?:did|could|would|will|can|does|do)(?: ?not|n['’]t) (?:go ahead|take place|happen|proceed|start|begin|run)|(?:has|have|had|will have|needs?) to wait|(?:can|could|must|should|may|will) wait|waits (?:for|until|till)|(?:kept |held )?(?:in|on) reserve|still outstanding|in error|by mistake|deleted|voided|left blank|not completed|paused|off the table|out of the question|contraindicated|not an option|not (?:yet )?(?:approved|authori[sz]ed|covered))\b",
    re.IGNORECASE,
)
""" "Phototherapy visit cancelled"."""
_SUPPLY = re.compile(r"\s*(?:(?:canister|tank|dewar|cylinder|bottle|supply|stock|gun|machine|unit|device|lamp|booth|can|vial|kit|laser)s?\s+)?(?:(?:is|was|were|has|had|again|had all|all)\s+){0,2}(?:empty|dry\b|ran (?:out|dry|low)|run (?:out|dry)|out of (?:stock|order|service)|down\b(?! (?:to|the))|broke\w*|failed|gone\b|not available|unavailable|used up|not delivered|expired|faulty|on order|back-?ordered)", re.IGNORECASE)
""" "Cryo canister empty", "liquid nitrogen ran out"."""
_CAN_BE = re.compile(r"\b(?:can|could|may|might|should|would|will|must|shall|ought to|need(?:s)? to|(?:has|have) to|(?<!had )(?<!needed )(?<!is )(?<!was )(?<!were )to|(?:ca|could|wo|should|would)n['’]t|cannot)\s+(?:(?:not|also|all|always|then|just|simply|safely|easily|now|well|still|either|both|only|best|probably)\s+)?be\s+(?:[\w]+(?:ly)?\s+)?$", re.IGNORECASE)
""" "They can be frozen, scraped or left"."""
_AS_A_RULE = re.compile(r"\b(?:sometimes|usually|often|commonly|generally|typically|normally|traditionally|rarely|seldom|occasionally|best)\s+(?:be\s+|are\s+|is\s+|just\s+)?$", re.IGNORECASE)
""" "Moles like this are sometimes shaved off": true of all, said of none."""
_KIN = r"(?:father|mother|dad|mom|mum|sister|brother|son|daughter|husband|wife|spouse|partner|uncle|aunt|cousin|niece|nephew|grand(?:mother|father|ma|pa|son|daughter)|twin|friend|neighbou?r|roommate|co-?worker|sibling|parent|child)s?"
_OF_KIN = re.compile(rf"\b(?:his|her|their|the|a|an|my|your|both|two|pt['’]?s|patient['’]?s|^)?\s*{_KIN}(?:['’]s?)?(?=[\s:,])(?P<between>[^.;,]{{0,60}}?)[:,]?\s*$", re.IGNORECASE)
_THE_PATIENT = re.compile(r"\b(?:pt|patient|he|she|him|today|interpret\w*|present|bring\w*|brought|reports?|says?|said|wants?|wanted|ask(?:s|ed)?|agree[sd]?|h[eo]ld(?:s|ing)?|consent\w*|notice[ds]?|with|accompan\w+|in (?:the )?room|worried|signed|watch\w*|drove|here|declin\w+|refus\w+|elect\w*|chose|as)\b", re.IGNORECASE)
""" "Mother held him" says what the mother did while the patient was treated."""
_ALONE = re.compile(r"[^.;,:]{0,30}?\b(?:at home|by (?:him|her|your)self|(?:him|her)self|\(?home (?:unit|booth|light|device|kit)|prescription|hand-?held|with (?:an? |the )?(?:over[- ]the[- ]counter|otc|drug ?store|home|pharmacy) )", re.IGNORECASE)
_UNDECIDED = re.compile(
    r"\b(?:no (?:date|appointment|slot|day)s? (?:\w+ )?(?:set|made|given|fixed|chosen|yet)|re-?book\w*|re-?schedul\w+|new date|(?:machine|device|unit|lamp|laser|tank|hyfrecator|cautery) (?:is |was )?(?:dead|down|broken?|empty|dry|out)|try again|date (?:to follow|to be (?:set|fixed))|"
    r"(?:(?:she|he|they|pt|patient|mother|father|parents?|family|wife|husband|(?:mr|ms|mrs)\.? [\w’'-]+)(?:['’]ll| will| wants? to| would like to| needs? to| prefers? to| is going to|['’]d like to| to)? (?:\w+ )?)?(?:think(?:s)? (?:it over|about it|on it)|sleep on|let (?:us|me) know|get back to (?:us|me)|mull)|"
    r"(?:he|she|they|pt|patient)(?:['’]ll| will) (?:think|decide|consider)|(?:pt|patient|her|him|parents?) to (?:think|decide)|(?:ring|call|phone|contact)s? (?:\w+ )?(?:when ready|to (?:book|schedule|arrange)|back (?:if|to|about))|"
    r"(?:prefers?|wants?|needs?|would like|['’]d like)(?: first)? to (?:first )?(?:ask|talk|discuss|consult|think|check)|no (?:hurry|rush)|(?:sessions?|treatments?|course|therapy|series|it)? ?(?:begins?|starts?|to (?:begin|start)) (?:once|upon|as soon as|on approval|after approval|when approv))\b",
    re.IGNORECASE,
)
""" "... No date set": the act just spoken of is yet to be decided on."""


_ONCE = re.compile(r"[^.;]{0,50}?\b(?:once|when|as soon as|until|unless)\b[^.;]{0,50}?\b(?:is|are|has|have|had|clears?|settles?|over|heals?|ends?|finishe[sd]|back|returns?|quiet\w*|calm\w*|cool\w*|ready)\b|\s*,?\s*(?:later|at (?:a|some) later|another (?:day|time)|in (?:the )?(?:spring|summer|fall|autumn|winter|new year))\b", re.IGNORECASE)
""" "We agreed to excise it once his shingles is over"."""
_OTHER_HAND = re.compile(
    r"(?:^|[.;,:(]\s*|\b(?:and|but|then|that|where)\s+)(?:(?:his|her|their|my|an?|the|another|our|pt['’]?s|patient['’]s)\s+)?(?:gp|pcp|family (?:doctor|physician)|internist|pediatrician|podiatr(?:ist|y)|dentist|ortho\w*|ent|plastics|plastic surg(?:eon|ery)|gen(?:eral)? surg(?:eon|ery)?|urolog(?:ist|y)|gyn\w*|oncolog(?:ist|y)|oculoplastics|"
    r"ophthalmolog(?:ist|y)|omfs|oral surg(?:eon|ery)|vascular|school nurse|pharmacist|(?:previous|former|other|last|outside|old|hometown|prior) (?:dermatologist|doctor|provider|clinic|derm|surgeon|practice)|(?:his|her|their) (?:\w+ )?(?:dermatologist|doctor|surgeon|dentist)|emergency (?:room|department)|er|ed|urgent care|nursing home(?: \w+)?|home (?:health )?nurse|facility(?: \w+)?|salon|spa|aesthetician|esthetician|radiation oncolog(?:ist|y))(?: (?:doctor|physician|in \w+|at \w+))?"
    r"\s+(?!(?:asked|asks|wants|wanted|requests?|requested|sent|referred|recommends?|recommended|suggest\w*|note|report|clearance|and i|says|thought)\b)[^.;,]{0,70}$",
    re.IGNORECASE,
)
""" "Her GP froze the wart", "podiatry will do the matrixectomy"."""
_REPORTED = re.compile(r"\b(?:he|she|they|pt|patient|mother|father|mom|dad|daughter|son|wife|husband|caregiver)\s+(?:\w+ly )?(?:tells?|told|says?|said|reports?|reported|states?|stated|recalls?|remembers?|relates?|explains?|mentions?|claims?|informs?)\s+(?:me |us )?(?P<said>(?:dr\.|[^.;:]){0,70})$", re.IGNORECASE)
""" "She tells me Dr. Park cut out a cyst"."""
_THEIRS = re.compile(r"\b(?:dr\.?|doctor) [\w-]+['’]s\s+(?:\w+ )?$", re.IGNORECASE)
""" "After Dr. Vance's excision"."""
_HERE = re.compile(r"\b(?:i|we|me|us|our|here|today)\b", re.IGNORECASE)


_PURPOSE = re.compile(
    r"\b(?:came|comes|coming|come|here|in|back|presents|presented|presenting|returns?|returned|returning|arrived|sent|brought|seen|visit|session|pre-?op(?:erative)?(?: \w+)?|consult\w*|evaluation|appointment|consented|prepped|marked|anesthetized|numbed|set up|area|candidate|tray|waiting|wants?|wanted|asked|asks|request\w*|hoping|hoped)\s+(?:today |in |back |the (?:area|site|skin) )?(?:for|to have|to get)\s+(?:(?:the|an?|his|her|their|this|that|these|some|more|another|repeat|possible)\s+){0,2}(?:[\w-]+ )?$",
    re.IGNORECASE,
)
""" "Came for cryo": why, not yet what was done."""
FACTS = re.compile(r"\d\s*(?:ml|cc|mg|mj|j/|s(?:ec\w*)?(?= each| x|,|\.|$)|sec\w*|cycles?|passes|units?|sutures?|blocks?|stages?)\b|#\s?\d|\b(?:lido\w*|epi(?:nephrine)?|hemosta\w*|drysol|alcl\w*|aluminum|specimens?|jars?|formalin|sutur\w*|nylon|vicryl|prolene|stages?|blocks?|layers?|packed|purulen\w+|pus|froze\w*|tolerated|done|performed|removed|excised|curetted|cleared?|margins?|undermin\w+|closed|injected|treated|taken|thaw|frosted?|snipped|drained|sampled|sent)\b", re.IGNORECASE)
"""What is told only of work that was done: anesthetic, hemostasis, specimens, amounts, threads."""


def govern(marks: Sequence[Mark], text: str, layout: Layout) -> None:
    """Take back the acts that stand in a frame of other days, other hands or mere talk."""
    if not any(mark.acts for mark in marks):
        return
    spoken = [(start, end) for start, end in quotations(text) if not _OWN_WORDS.search(text[max(0, start - 60) : start])]
    for mark in marks:
        if spoken and mark.measures:
            mark.measures = [replace(m, role="earlier") if any(start <= m.start < end for start, end in spoken) else m for m in mark.measures]
    carried: Status | None = None
    for position, mark in enumerate(marks):
        clause = mark.clause
        before = marks[position - 1].clause if position else None
        if carried is not None and (before is None or not _goes_on(before, clause, text) or _TODAY.search(clause.text) or _NEW_SUBJECT.match(clause.text)):
            carried = None
        after = marks[position + 1].clause if position + 1 < len(marks) else None
        frames = [frame for frame in _FRAMES if clause.index in layout.saying(frame[0])] if mark.acts else []
        for act in mark.acts:
            if act.status != "performed":
                continue
            if carried is not None:
                act.status = carried
            elif any(start <= act.start and act.end <= end + 1 for start, end in spoken):
                act.status = "elsewhere"
            else:
                act.status = _framed(clause, act.start, act.end, act.family, frames) or _came_to_nothing(mark, act.start, act.end, act.family, after) or act.status
        _weigh(marks, position)
        if mark.clause.index in layout.saying(_INTENDED):
            _begun(marks, position)
        _share(mark, text)
        carried = carried or _opens_list(clause, layout)


def _weigh(marks: Sequence[Mark], position: int) -> None:
    """An act named as the purpose of coming counts when the note tells of its doing, here or in the clauses that follow."""
    mark = marks[position]
    for act in mark.acts:
        if act.status != "performed":
            continue
        text, at = mark.clause.text, act.start - mark.clause.start
        purpose = _PURPOSE.search(text[:at])
        if purpose is None or plainly_done(mark.clause, act.start, act.end) or FACTS.search(text, act.end - mark.clause.start):
            continue
        later = [m for m in marks[position + 1 : position + 12] if m.live]
        if not any(FACTS.search(m.clause.text) or any(a.family == act.family for a in m.acts) for m in later):
            act.status = "planned"


_OR = re.compile(r"\s*,?\s*(?:or|and/or|vs\.?|versus|/)\s+(?:(?:an?|the|even|maybe|possibly|a formal)\s+)*", re.IGNORECASE)


def _share(mark: Mark, text: str) -> None:
    """ "Excision or Mohs will depend on the report": what stands in one choice has one status."""
    for one, other in [*pairwise(reversed(mark.acts)), *pairwise(mark.acts)]:
        first, second = (one, other) if one.start < other.start else (other, one)
        if other.status == "performed" and one.status in {"planned", "discussed", "deferred"} and _OR.fullmatch(text, first.end, second.start):
            other.status = one.status
        elif first is one and one.status == "planned" and one.family == "excision" and other.family == "repair" and other.status == "performed" and not plainly_done(mark.clause, other.start, other.end) and not _TODAY.search(text, one.end, other.end):
            other.status = "planned"  # "in eight weeks I would excise it whole, with an ellipse and two layers"


def _goes_on(before: Clause, clause: Clause, text: str) -> bool:
    """The list goes on: the same paragraph and section, or an item of it."""
    if clause.section is not before.section or clause.paragraph != before.paragraph:
        return False
    return "\n" in text[before.end : clause.start] or clause.item is not None or _NEXT_ITEM.search(text, max(0, before.end - 4), clause.start + 3) is not None or text[before.end - 1] in ":;-–"


_NEXT_ITEM = re.compile(r"(?<!\w)(?:\d|[a-h])[.)]")


def _opens_list(clause: Clause, layout: Layout) -> Status | None:
    """The clause is the head of a list: nothing stands after its colon, or the first of its items."""
    text = clause.text.rstrip()
    if len(text) > 90 or ":" not in text and not text.endswith(("-", "–")) and len(text) > 40 and not _ITEM_INSIDE.search(text) or _TODAY.search(text):
        return None
    heads = text.endswith((":", "-", "–"))
    listed = heads or _FIRST_ITEM.search(text) is not None
    for pattern, status in _HEADS:
        match = pattern.search(text) if (listed or status == "planned") and clause.index in layout.saying(pattern) else None
        if match and (heads or _FIRST_ITEM.match(text, match.end()) or status == "planned" and match["head"].lower() == text.strip(" .#*-").lower()):
            return status
    return "planned" if _FUTURE_TITLE.match(text) else None


_HEADS: tuple[tuple[re.Pattern[str], Status], ...] = ((_TO_COME, "planned"), (_CHOICES, "discussed"), (_TOLD_BY, "elsewhere"))
_ITEM_INSIDE = re.compile(r"\b[1aA][.)]\s")
_FIRST_ITEM = re.compile(r"\s*\(?(?:1|a)[.):]\s", re.IGNORECASE)
_FUTURE_TITLE = re.compile(r"\W*(?:[\w/]+ ){0,4}?(?:future|next visit|next time|upcoming|return visit|to be (?:scheduled|done|booked))(?: \w+){0,2}\s*(?::|$)", re.IGNORECASE)
_TITLED_LATER = re.compile(rf"\b(?:plan|plans|agenda|list|procedures?|orders?|scheduled|booked) (?:for|in) (?:early |mid |late |the )?(?:{_MONTH}|next|future|return|follow)|\b(?:next|future|upcoming) (?:visit|time|appointment|session|procedures?|orders?)\b", re.IGNORECASE)
_Frame = tuple[re.Pattern[str], Status, re.Pattern[str]]
_FRAMES: tuple[_Frame, ...] = (
    (_TO_COME, "planned", _TODAY),
    (_CHOICES, "discussed", _TURN),
    (_EITHER, "discussed", _TURN),
    (_PRINTED, "discussed", _TODAY),
    (_FORM, "planned", _TODAY),
    (_LEAVE, "planned", _TURN),
    (_TOLD_BY, "elsewhere", _TODAY),
)


def _framed(clause: Clause, start: int, end: int, family: str, frames: Sequence[_Frame]) -> Status | None:
    """The frame that the act stands in within its clause."""
    if clause.section.title and _TITLED_LATER.search(clause.section.title) and not _TODAY.search(clause.text):
        return "planned"
    text, at = clause.text, start - clause.start
    for pattern, status, turn in frames:
        for match in pattern.finditer(text):
            if match.end() > at + 1 and not match.start("head") < at <= match.end() < end - clause.start or turn.search(text, match.end(), at) or _NOW.search(text, match.end()):
                continue
            if status != "elsewhere" and (_TODAY.search(text, 0, at) or _WAS_DONE.match(text, end - clause.start)):
                continue
            return status
    if _CAN_BE.search(text[:at]) or _AS_A_RULE.search(text[:at]):
        return "discussed"
    kin = _OF_KIN.search(text[:at])
    if kin and not _THE_PATIENT.search(kin["between"]):
        return "elsewhere"
    other = _OTHER_HAND.search(text[:at])
    if other and not _HERE.search(text, other.start(), at) and not _HERE.match(text, end - clause.start + 1):
        return "elsewhere"
    if (reported := _REPORTED.search(text[:at])) and not _HERE.search(reported["said"]):
        return "historical"
    if _THEIRS.search(text[:at]) and not _TODAY.search(text) and clause.section.kind != "procedure":
        return "elsewhere"
    if _ALONE.match(text, end - clause.start):
        return "historical"
    if family in _SAMPLED:
        report = _LABORATORY.search(text[:at])
        if report and not _TODAY.search(text, report.end()):
            return "historical"
        if "frozen" not in text.lower() and _FOUND.match(text, end - clause.start):
            return "historical"
    return None


_ENDED = re.compile(r"[^.;,]{0,24}?\b(?:was|were) (?:stopped|discontinued|completed|finished|ended|given up|tried)\b(?= (?:in|last|after \d|after (?:two|three|four|five|six|\w+teen|\w+ty)|when|because|due|for lack)|\s*$|\.)", re.IGNORECASE)
""" "Excimer was stopped in March"."""
_WOULD_MEAN = re.compile(r"(?:\s+(?!(?:that|which|who|because|as|so|but|and|with)\b)[\w'-]+){0,5}?\s+(?:would|might|could) (?:only |likely |probably |just |also |then )?(?:be|mean|leave|give|cause|require|need|risk|cost|make|do|help|suffice)\b", re.IGNORECASE)
""" "Excising it would mean a long scar"."""
_ORDERED = re.compile(r"[^.;]{0,40}?\b(?:(?:was |were |is |are )?(?:re)?ordered(?! by)|on order|not (?:yet )?(?:here|in|arrived|received|delivered)\b|to be (?:ordered|shipped|delivered))", re.IGNORECASE)
""" "Botox 100 units ordered"."""
_HELD = re.compile(r"\s*(?:was |is |were |:|-|–)?\s*held\b(?! (?:in|with|by|for \d|at \d))", re.IGNORECASE)
_DRUGS = frozenset({"chemodenervation", "intralesional", "injection", "photodynamic", "phototherapy", "patch_test"})
_INTENDED = re.compile(r"\b(?:planned|plan was|meant|intended|hoped|hoping|wanted|set out|started|began|begun|scheduled|booked|supposed|were to|was to|due|aim(?:ed)?|asked|came|in for)\b", re.IGNORECASE)
_N = r"(?:\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|half|some|a few|several|most)"
HALTED = (
    r"(?:stop\w*|enough|quit|gave up|gave out|broke off|cried|crying|ended|no more|would not|could not|(?:couldn|wouldn)(?:['’]t)?|refused|faint(?:ed)?|had to|ran|bolted|"
    r"done|treated|frozen|sprayed|injected|taken|because|before)"
)
"""Why work ended with a number, or that so many were done."""
_GOT_TO = re.compile(
    rf"\b(?:only|just|got to|got through|managed(?: to (?:do|treat|freeze))?|reached|after|did|stopped (?:after|at)|but)\s+(?:only |just |about |the first )?(?:the )?{_N}(?:st|nd|rd|th)?\b(?!\s*(?:mm|cm|sec|min|days?|weeks?|months?|years?|hours?|sessions?|visits?|treatments?|rounds?)\b)[^.;]{{0,60}}?\b{HALTED}\b|"
    rf"\b{_N} (?:were |was )?(?:treated|done|frozen|injected|sprayed|taken|removed|snipped)\b",
    re.IGNORECASE,
)
""" "Planned for thirty; after nine she had had enough"."""


def _begun(marks: Sequence[Mark], position: int) -> None:
    """What was planned for many and stopped midway was done to some (0.4: what was done counts)."""
    mark = marks[position]
    text, base = mark.clause.text, mark.clause.start
    for act in mark.acts:
        if act.status not in {"planned", "discussed", "historical"} or mark.clause.ignored or not mark.live:
            continue
        told = [_GOT_TO.search(text, act.end - base), *(_GOT_TO.search(m.clause.text) for m in marks[position + 1 : position + 3] if m.clause.paragraph == mark.clause.paragraph and m.live and not m.acts)]
        if any(told):
            act.status = "performed"
            return


_PARTS = re.compile(r"\||\s/\s|(?<!\w)\(?(?:[A-H][:.)]|\d\))\s")
_SUPPLIED = frozenset({"destruction", "phototherapy", "photodynamic"})


def _came_to_nothing(mark: Mark, start: int, end: int, family: str, after: Clause | None) -> Status | None:
    """The act was put off, could not be done, or is still to be decided on."""
    clause = mark.clause
    text, at, upto = clause.text, start - clause.start, end - clause.start
    words = text[at:upto].lower()
    told = words.endswith(("ed", "en", "cut"))
    if not told and _WITHHELD.search(text[:at]):
        return "deferred"
    if family in _SUPPLIED and _SUPPLY.match(text, upto):
        return "negated"
    if (off := _FELL_THROUGH.match(text, upto)) and not (told and re.search(r",|\band\b|:", off.group())) and not _PARTS.search(off.group()) and not any(end <= other.start < clause.start + off.end() for other in mark.acts):
        return "deferred"
    if not told and _ENDED.match(text, upto):
        return "historical"
    if not told and not _WAS_DONE.search(text) and (_ONCE.match(text, upto) or _WOULD_MEAN.match(text, upto)):
        return "planned"
    if family in _DRUGS and _HELD.match(text, upto):
        return "deferred"
    if family in _DRUGS and _ORDERED.match(text, upto):
        return "planned"
    if clause.section.kind == "procedure" or plainly_done(clause, start, end):
        return None
    near = after is not None and after.paragraph == clause.paragraph and after.section is clause.section
    if not told and _UNDECIDED.search(text, upto) or near and after is not None and not told and _UNDECIDED.search(after.text):
        return "deferred"
    return None
