"""The status of every act and the certainty of every diagnosis, before either may mean anything.

A procedure phrase is performed, planned, offered, declined, deferred, discussed, historical, done elsewhere or negated.
ConText finds the cues in the clause; the section, the dates beside the act and verbs of doing decide the rest.
"""

from __future__ import annotations

import re
from datetime import date

from notecoder.facts.common import Certainty, Status
from notecoder.reading.clinical import Cue
from notecoder.reading.dates import dates_in
from notecoder.reading.outline import Clause

_SITE_NOT_ACT = re.compile(r"\s*(?:-?\s*)(?:site|scar|scars|sites|date|map|maps|result|report|proven|confirmed|form|consent|tray|kit|clinic|reports|results|wound|wounds|schedule|appointment|slot|option|candidate|consult\w*|questions?|instructions|handout|sheet|fellow\w*|surgeon|number|accession|defect|photo\w*|unit|chart|log|area|showed|shows|revealed|demonstrat\w+|returned|came back|proved|read|path\b|confirmed|on file|in chart)\b", re.IGNORECASE)
_RESULT_AFTER = re.compile(r"\s*(?:-|–|=|:)\s*(?:bcc|scc|melanoma|benign|neg\w*|ak\b)", re.IGNORECASE)
_TODAY = re.compile(r"\b(?:today|this visit|now|at this (?:visit|time)|performed|was done|were done)\b", re.IGNORECASE)
_NOT_DONE_TITLE = re.compile(r"\b(?:not (?:performed|done|treated|today)|declined|deferred|offered|planned|untreated|for next (?:visit|time)|upcoming|future)\b", re.IGNORECASE)
_CONDITIONAL = re.compile(r"^\W*(?:if|when|once|should|unless)\b", re.IGNORECASE)
_WEAK_HISTORY = re.compile(r"^(?:after|following|since|post|had|has had|initial|original|already|before|earlier|old|showed|revealed|results?|report|proven|confirmed|healed|scars?|failed|positive for|came back)$", re.IGNORECASE)
_ALTERNATIVES = re.compile(r"\b(?:choices|options|alternatives|repairs|reconstructions|closures|ways)\b[^.;]{0,60}?\b(?:weighed|considered|discussed|reviewed|offered|presented|possible|explained|talked)\b[^.;:]{0,60}:|\bconsent (?:form )?(?:covers|covered|includes|included|lists|listed|reads|says)\b|\bconsent\b[^.;:]{0,30}:\s*[\"“]|\bi (?:hereby )?(?:agree|consent|authori[sz]e|permit)\b[^.;]{0,30}\bto\b|\b(?:we|i) (?:compared|weighed|contrasted|set (?:out|side by side))\b[^.;:]{0,40}:|\b(?:compared|contrasted|set out|explained|presented|gone through|went through|talked through|took (?:him|her|them) through)\s+(?:(?!before\b|then\b|treated\b|did\b|performed\b|frozen\b)[\w&\'-]+[ ,/]*){0,7}$", re.IGNORECASE)
_MINDED = re.compile(
    r"\W*(?:(?:after|before|today|together|again|first),? )?(?:we|i|(?:he|she|the patient|the family|his wife|her husband) and i)\s+(?:\w+ly\s+|also\s+|then\s+|both\s+|had\s+)?"
    r"(?:weighed|considered|discussed|debated|compared|contrasted|pondered|contemplated|went over|went through|talked (?:about|through|over)|spoke (?:of|about)|thought (?:of|about))\b"
    r"(?![^.;]*(?:\b(?:and|but|then|so|before|after which)|,)\s+(?:(?:i|we|he|she|it|this|the \w+)\s+)?(?:then |finally |was |were )*(?:did|done|took|taken|used|performed|placed|made|closed|excised|froze|frozen|shaved|injected|removed|cut|treated|sutured|proceeded|went ahead|went with|settled|chose|opted|decided|biopsied|drained|snipped|raised|repaired|picked)\b)",
    re.IGNORECASE,
)
""" "We weighed a flap in two sittings, a bilobed flap, healing alone and a graft": all of them were in the mind only."""
_OPTIONS_IN = re.compile(r"\b(?:opts?|options|choices|alternatives|tx options?)\b[^.;()]{0,40}\([^()]*$", re.IGNORECASE)
""" "Options reviewed (5-FU, excision, ED&C)"."""
_AN_OPTION = re.compile(r"[^.;,]{0,24}?\b(?:had been|would have been|was also|were also) (?:an option|possible|considered|weighed|discussed|offered(?! and (?:done|performed|accepted|taken)))\b", re.IGNORECASE)
_ELSEWHERE = re.compile(r"\bby [^.;]{0,40}(?:dr\.? \w+)?[^.;]{0,8}\(?\b(?:a |an )?(?:different|another|outside) (?:practice|office|group|clinic|surgeon|dermatologist|institution|hospital)\b", re.IGNORECASE)
_FOR_LATER = re.compile(r"\s+(?:then|next (?:time|visit|month|week)|later|another day)\b(?! (?:done|performed|closed|the|we|i)\b)", re.IGNORECASE)
_BACK_LATER = re.compile(r"\b(?:will|be back|comes? back|coming back|returns?|returning|next (?:week|visit)|recheck|rtc|f/?u)\b[^.;]{0,60}$", re.IGNORECASE)
_SITE_CLOSED = re.compile(r"\b(?:site|scar|wound|graft|flap|donor|area)\s+(?:is |has |was |looks |now )?(?:well |nearly |fully )?$", re.IGNORECASE)
_SUTURES_SEEN = re.compile(r"(?:sutures?|stitches|staples)\b(?: (?:are |were )?(?:still )?in(?=\s*(?:$|[.;,])))|(?:sutures?|stitches|staples)\b[^.;]{0,30}?\b(?:intact|in place|in situ|to stay|stay(?:s|ed)?|remain\w*|(?:taken|came|come|coming) out|out\b|remov\w+|to be removed|holding)\b|(?:closure|repair|wound)\s+(?:is |looks )?(?:intact|holding|clean|healing)", re.IGNORECASE)
_LOOKED_AT = re.compile(r"\b(?:glanced|looked at|inspected|checked|healing|healed|edges together|not here about|looks? (?:clean|good|fine|well))\b", re.IGNORECASE)
_REFERRED = re.compile(r"\b(?:the|his|her|their|that|this|your|my)\s+(?:(?:old|recent|earlier|last)\s+)?$", re.IGNORECASE)
_DAYS_AFTER = re.compile(r"\b(?:pod\s*#?\s*\d{1,3}|post-?op(?:erative)? day\s*#?\d{1,3}|(?:d|day|wk|week)\s?\d{1,3}|(?:first|second|third|\d{1,3})(?:\s*(?:d|days?|wks?|weeks?|mos?|months?)))\s*(?:out\s+)?(?:from|after|post|s/p|status post|since|following)\b(?!\s+(?:(?:a|an|the|his|her|their)\s+)?(?:fall|injury|accident|trauma|bite|bump|blow|collision|crash|knock|sting|burn|exposure)\b)[^.;:>]{0,40}$", re.IGNORECASE)
""" "POD 9 from", "d10 after": what follows was done then."""
_UNDONE = re.compile(r"[^.;]{0,50}[;,] (?:neither|none|both) (?:of (?:them|these) )?(?:was|were) (?:not )?(?:required|needed|used|necessary|declined|refused|chosen)\b|[^.;]{0,50}\b(?:wiped off|erased|abandoned|not (?:used|raised|needed|cut|carried out|pursued)|crossed out|then (?:declined|rejected|discarded)|rejected|set aside|ruled out)\b", re.IGNORECASE)
""" "A flap was drawn and wiped off again"."""
_CLOSED_WOUND = re.compile(r"(?:closed|sutured|repaired|layered) (?:\w+ )?(?:wound|defect|line|area|site)", re.IGNORECASE)
_DAY_TO_COME = re.compile(r"\W*(?:at|on|in|by|after|around|about)?\s*(?:(?:post-?op(?:erative)? )?(?:day|d|pod)\s*#?\s*(?:\d+|five|six|seven|eight|ten|twelve|fourteen)|(?:~|about )?(?:\d+|one|two|five|seven|ten|fourteen)\s*(?:-\s*\d+\s*)?(?:d\b|days?|wks?|weeks?)(?! (?:ago|after|post|later))|next (?:week|visit|time)|mon|tue|wed|thu|fri|sat|sun)", re.IGNORECASE)
""" "Stitches out at day six", "sutures out Wed": still to come."""
_CONSENT_FOR = re.compile(r"\bconsent(?:s| form| forms)? (?:was |were )?(?:signed |obtained |given |reviewed )?(?:for|to|covers|covering)\s+(?:the |an? |his |her )?(?:\w+ ){0,2}$", re.IGNORECASE)
_NO_LIST = re.compile(r"(?:^|[.;,:(-]|\b(?:there (?:was|were)|had|with|and|but))\s*(?:no|without)\s+(?:[\w /-]{1,30},\s*){0,5}[\w /-]{1,30},?\s+(?:or|nor)\s+(?:\w+\s+){0,2}$", re.IGNORECASE)
""" "No flap, graft or stitch repair"."""
_RESULT_OF_LAB = re.compile(r"\b(?:path(?:ology)?|report|result\w*|histolog\w+|nevus|melanoma|carcinoma|bcc|scc|dermatopath\w*)\b[^.;]{0,60}\b(?:completely|fully|narrowly|entirely|incompletely)\s+$", re.IGNORECASE)
""" "Compound nevus, completely excised": what the laboratory said."""
_NOT_DONE_LIST = re.compile(r"\b(?:not done|not performed|not treated|deferred|declined|skipped|not addressed|untreated)\s*(?:today)?\s*[:\-–]\s*[^.;]{0,60}$", re.IGNORECASE)
""" "Not done: 5-FU"."""
_ANOTHER_SUBJECT = re.compile(r",[^,]*\b(?:frozen|margins?|graft|flap|fascia|nerve|muscle|cartilage|drain|culture|stitch\w*|sutures?|section\w*|closure|undermining)\b[^,]*$", re.IGNORECASE)
""" "Cut out with 4 mm all round, frozen sections not done"."""
_OTHERS_OF_THEM = re.compile(r"[,;(][^,;]*\b(?:\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|rest|others?|remainder|remaining)\b[^,;]*$", re.IGNORECASE)
""" "Four frozen, two left alone": what was left is counted apart."""
_LEFT_FOR_LATER = re.compile(r",[^,]*\b(?:sac|wall|lining|capsule|excision|definitive|mohs|closure|repair|reconstruct\w*|rest|remainder|others?|second|flap|graft|biopsy|matri\w+)\b[^,]*$", re.IGNORECASE)
""" "Stabbed and emptied, sac left for another day": what is put off is another thing."""
_NEW_CLAUSE = re.compile(r",\s*(?:so|and|but|an?|the|we|i|he|she|they|then|therefore|this|that)\b", re.IGNORECASE)
""" "The skin would not stretch, a graft was planned"."""
_POD = re.compile(r"\b(?:pod|post-?op(?:erative)? day)\s*#?\s*\d{1,3}\b[.,;:]?[^.;:>]{0,60}$", re.IGNORECASE)
_DATE_OF_ELSE = re.compile(r"\b(?:bx\w*|biops\w*|path\w*|report\w*|result\w*|seen|dx\w*|diagnos\w*|confirmed|proven|since|read|booked|planned|today|visit|shave|punch|on file|consent\w*|exp|lot|photo\w*|ultrasound|mri|ct)\b|[;:]", re.IGNORECASE)
_TOOK_ON = re.compile(r"\b(?:took|excised|removed|did|treated|closed|operated|shaved|frozen|froze|destroyed|injected)\b[^.;]{0,90}\b(?:on|in|of)\s*$", re.IGNORECASE)
""" "I took it off on June 2: ...": the rest of the clause tells of that day."""
_BY_ANOTHER = re.compile(r"(?: was| were)?(?: done| taken| performed)? by (?:(?:the|his|her|their|an?) )?(?:\w+['’]s )?(?:\w+ )?(?:dentist|oral surgeon|internist|pcp|gp|family (?:doctor|physician)|primary|referring \w+|outside \w+|ent|podiatrist|gynecologist|ophthalmologist|urgent care|another|previous \w+|prior \w+)\b", re.IGNORECASE)
_DAY_AHEAD = re.compile(r"[^.;]{0,24}\b(?:(?:next |this )?(?:mon|tues|wednes|thurs|fri|satur|sun)day|tomorrow)\b", re.IGNORECASE)
_ASKED = re.compile(r"^\W*(?:(?:one|two|three|an?|any|more|another|the|\d)\s+)?(?:\w+\s+){0,2}\w+\?$|\b(?:might|could|would|can|should|does|do|did|is|are|why|what|when|whether)\b", re.IGNORECASE)
""" "Two punch biopsies? - no, one": a question tells of nothing done."""
_REGIMEN = re.compile(r"\W*(?:(?:she|he|they|has|have|was|been|previously|so far) ){0,3}(?:treated|managed|tried) (?:so far )?with\b[^.;]*\b(?:stopped|current|failed|tried|no (?:help|benefit|relief|change)|in (?:19|20)\d\d|years? ago|previously)\b", re.IGNORECASE)
""" "Treated with topical and injected steroids, doxycycline (stopped)": the treatments of the past."""
_BUT_REFUSED = re.compile(r"[^.;]{0,50}[,;]? but (?:he|she|they|the patient|pt|patient) (?:\w+ )?(?:refused|declined|did not want|didn't want|said no|turned it down)\b", re.IGNORECASE)
_WHETHER = re.compile(r"\b(?:has|had|have) (?:been )?(?:read|reading|heard) (?:of|about|up on)\b[^.;]{0,60}$|\b(?:asks?|asked|wonder\w*|inquir\w+|wants? to know) (?:\w+ ){0,2}?(?:whether|if|about)\b[^.;]{0,60}$", re.IGNORECASE)
""" "She asked whether they could be frozen"."""
_SOMEONES = re.compile(r"\b(?:someone|somebody|someone else|another (?:doctor|clinic|office|practice|provider)|a (?:colleague|previous \w+))['’]s\s+(?:\w+\s+)?$", re.IGNORECASE)
""" "Back twice after someone's freezing"."""
_COMING = r"(?:the \d|(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w*\.? \d|(?:january|february|march|april|june|july|august|september|october|november|december|spring|summer|autumn|fall|winter)|\d|next|two|three|four|six|a (?:week|month))"
_SLOT = re.compile(
    r"[^.;|]{0,40}\b(?:slot (?:given|booked|held|reserved)|not touched|left for (?:another|next)|date (?:given|set|booked)|"
    rf"(?:scheduled|booked|set|fixed|arranged|agreed|planned|listed|reserved|penciled in|(?:on|in) the (?:calendar|books|diary|schedule|list)|slot)(?: is| was)?(?: for| on| in)? {_COMING})",
    re.IGNORECASE,
)
""" "Excision here 3/11, slot given"."""
_BESIDES = re.compile(r"(?:^\W*|[:;,(–-] ?)(?:besides|in addition to|apart from|aside from|on top of|over and above) (?:the |an? |this |his |her |their |today['’]s )?(?:\w+ ){0,2}$", re.IGNORECASE)
""" "Besides the shave biopsy I looked at ...": the act was done, whatever else was talked about."""
_ON_BIOPSY = re.compile(r"\b(?:[bs]cc\w*|melanoma|carcinoma|lentigo|bowen\w*|cancer|lymphoma|mycosis fungoides|proven|confirmed|diagnosed|malignan\w+)\b(?:(?!sampl|taken|removed|done|today)[^.;:]){0,30}\b(?:on|by|per|at|from) (?:the |an? |recent |outside |shave |punch |prior |first )*$", re.IGNORECASE)
""" "SCC right shin on biopsy": how it was found out."""
_SCAR_OF = re.compile(r"\b(?:scar|site|graft|flap) (?:of|from|after) (?:\w+ ){0,4}$", re.IGNORECASE)
_IN_YOURS = re.compile(r"[^.;]{0,30}\b(?:in|at|by) your\b", re.IGNORECASE)
""" "Cleared with Mohs surgery in your own unit": a letter to the one who did it."""
_WAS_USED = re.compile(r"\b(?:was|were|is|are|been)\s+(?:\w+\s+)?used to$", re.IGNORECASE)
""" "A blade was then used to take": a tool, no habit of old."""
_SOME_TIME_AGO = re.compile(r"(?:ed|ped|t|n)?\b[^.;,:]{0,40}\b(?:(?:previous|earlier|other|on (?:him|her))\b[^.;,:]{0,20}\bin the past\b|last (?:week|month|year|fall|autumn|spring|summer|winter|visit|time|january|february|march|april|may|june|july|august|september|october|november|december)|(?:an?|one|two|three|four|five|six|\d+) (?:days?|weeks?|wks?|months?|mos?|years?) (?:ago|earlier|before|prior|back))\b", re.IGNORECASE)
""" "Biopsied here on the ninth of last month"."""
_ONLY_IF = re.compile(r"\s*(?:\w+ ){0,2}?only (?:if|when|after|should)\b|\s+(?:when|once) (?:quiet|calm|cool|healed|settled|dry|it|the|inflam\w+|swelling|results?)\b|\s+(?:if|unless|should) (?:no|not|it|they|this|these|the|there|persist\w*|still|any|worse\w*|recur\w*|fail\w*)\b", re.IGNORECASE)
""" "Biopsy only if no response by week 12"."""
_ANSWERED_NO = re.compile(r"[^.;:?]{0,34}[:?]\s*(?:no\b(?!\s+(?:complic\w+|bleed\w*|sutur\w*|sign\w*|add\w*))|none\b|n/?a\b|not (?:done|performed|today|needed|required|indicated)|declined|deferred)(?: (?:selected|performed|done|today|taken|this visit|entered))?(?=\s*(?:$|[.;,(|-]))", re.IGNORECASE)
""" "Nails debrided today: No"."""
_LEFT_BLANK = re.compile(r"\W{0,3}_{2,}")
""" "Flap ____": a line of a form that nobody filled in."""
_RESULT_OF = re.compile(r"\b(?:results?|reports?|pathology|histology|findings?|answers?)\s+(?:of|from|on|for)\s+(?:the |this |that |his |her |their |your |both |today['’]s )?(?:\w+ )?$", re.IGNORECASE)
""" "The results of the biopsies": what is awaited, not another biopsy."""
_WOULD = re.compile(r"\s*(?:today|now|here|at this point)?\s+(?:would|might|could)\b", re.IGNORECASE)
""" "Biopsy today would be low yield": weighed, not done."""
_TOO = re.compile(r"\btoo (?:\w+ ){1,4}to (?:\w+ )?$", re.IGNORECASE)
""" "Too hot to excise": it was not excised."""
_BARE_VERB = re.compile(r"(?:re-?)?(?:excise|biopsy|drain|remove|freeze|inject|repair)", re.IGNORECASE)
_IN_TIME = re.compile(r"[^.;,]{0,24}\b(?:(?:in |next |this |by )(?:january|february|march|april|may|june|july|august|september|october|november|december|spring|summer|fall|autumn|winter|week|month|visit)\b|next time\b|(?:in|after)\s+(?:about |~|a |an )?(?:\d+|one|two|three|four|six|eight|few|couple of)?\s*(?:-\s*\d+\s*)?(?:d|days?|wks?|weeks?|mos?|months?|yrs?)\b)", re.IGNORECASE)
""" "Excise cold in 2 months": an instruction for later."""
_MONTH_NEXT = re.compile(r"\s+(?:(?:it|this|them) )?(?:in |early |mid |late )*(?:january|february|march|april|june|july|august|september|october|november|december|jan|feb|aug|sept?|oct|nov|dec)\b", re.IGNORECASE)
""" "BCC chest: excise June"."""
_DENIED_WITHIN = re.compile(r"[,;(] ?(?:not|never) \w+ed$", re.IGNORECASE)
""" "Scars, not injected": the words of the act hold its denial."""
_ORDER: tuple[Status, ...] = ("negated", "declined", "aborted", "deferred", "elsewhere", "planned", "discussed", "historical")
_HISTORY_SECTIONS = frozenset({"past", "family", "social", "medication", "allergy", "ros"})


def act_status(clause: Clause, start: int, end: int, cues: list[Cue], on: date, family: str = "") -> tuple[Status, tuple[int, int] | None]:
    """The status of the act at [start, end) and the cue span that decided it, if one did."""
    if clause.section.kind in _HISTORY_SECTIONS or clause.ignored:
        return "historical", None
    text, base = clause.text, clause.start
    if family == "biopsy" and _ONLY_PROOF.match(text, text.rfind("(", 0, start - base) if "(" in text[: start - base] else 0):
        return "historical", (start, end)  # "SCC (bx)": how the lesion was proven
    if _NOT_DONE_TITLE.search(clause.section.title):
        return "deferred", None
    if _DENIED_WITHIN.search(text[start - base : end - base]):
        return "negated", (start, end)
    if family == "excision" and _RESULT_OF_LAB.search(text[: start - base]):
        return "historical", (start, end)
    if family == "biopsy" and (_RESULT_AFTER.match(text, end - base) or (_ON_BIOPSY.search(text[: start - base]) and not re.match(r"\s*(?:today|done|performed|now|,? \d)", text[end - base :]))):
        return "historical", (start, end)
    if family != "skin_substitute" and _SITE_NOT_ACT.match(text, end - base) and not (family == "repair" and _CLOSED_WOUND.match(text, start - base)) and not re.match(r"\s*(?:site|wound|area|defect|sites)\s+(?:was|were|is)\s+(?:closed|sutured|approximated)", text[end - base :]):
        return "historical", (start, end)
    if _ALTERNATIVES.search(text[: start - base]) or _AN_OPTION.match(text, end - base) or _MINDED.match(text) or _OPTIONS_IN.search(text[: start - base]):
        return "discussed", (start, end)
    if _ELSEWHERE.search(text, end - base) or _BY_ANOTHER.match(text, end - base) or _IN_YOURS.match(text, end - base):
        return "elsewhere", (start, end)
    if family == "suture_removal" and _BACK_LATER.search(text[: start - base]):
        return "planned", (start, end)
    if family == "suture_removal" and _DAY_TO_COME.match(text, end - base):
        return "planned", (start, end)
    if _NOT_DONE_LIST.search(text[: start - base]):
        return "negated", (start, end)
    if _NO_LIST.search(text[: start - base]):
        return "negated", (start, end)
    if _SCAR_OF.search(text[: start - base]):
        return "historical", (start, end)
    if _CONSENT_FOR.search(text[: start - base]):
        return "discussed", (start, end)
    if family == "repair" and _SUTURES_SEEN.match(text, start - base):
        return "historical", (start, end)
    if family == "repair" and clause.section.kind == "exam" and text[start - base : end - base].lower() == "closed" and _SITE_CLOSED.search(text[: start - base]) and not re.search(r"\d", text[end - base :]):
        return "historical", (start, end)
    if not text[start - base : end - base].lower().endswith(("ed", "en", "cut")) and clause.section.kind != "procedure" and _LOOKED_AT.search(text) and not _BESIDES.search(text[: start - base]) and _REFERRED.search(text[: start - base]):
        return "historical", (start, end)
    if _DAYS_AFTER.search(text[: start - base]) or _POD.search(text[: start - base]):
        return "historical", None
    if family in {"flap", "graft", "repair", "excision"} and _UNDONE.match(text, end - base):
        return "negated", None
    if _ONLY_IF.match(text, end - base):
        return "planned", None
    if _ANSWERED_NO.match(text, end - base) or _LEFT_BLANK.match(text, end - base):
        return "negated", None
    if _RESULT_OF.search(text[: start - base]):
        return "historical", (start, end)
    if _WOULD.match(text, end - base):
        return "discussed", (start, end)
    if text.rstrip().endswith("?") and _ASKED.search(text):
        return "discussed", None
    if _REGIMEN.match(text) and clause.section.kind not in {"plan", "procedure", "assessment_plan"}:
        return "historical", None
    if _BUT_REFUSED.match(text, end - base):
        return "declined", (start, end)
    if _WHETHER.search(text[: start - base]):
        return "discussed", None
    if _SOMEONES.search(text[: start - base]):
        return "elsewhere", (start, end)
    if re.search(r"\bfor (?:an? )?$", text[: start - base]) and _FOR_LATER.match(text, end - base):
        return "planned", None
    slot = _SLOT.match(text, end - base)
    if slot and not _LEFT_FOR_LATER.search(slot.group().rpartition(" left")[0]) or _dated_ahead(clause, end, on):
        return "planned", None
    if _TOO.search(text[: start - base]):
        return "negated", None
    if _dated_before(clause, start, end, on) or _SOME_TIME_AGO.match(text, end - base):
        return "historical", None
    if (_BARE_VERB.fullmatch(text[start - base : end - base]) or start - base < 12) and _IN_TIME.match(text, end - base):
        return "planned", None
    if _BARE_VERB.fullmatch(text[start - base : end - base]) and _MONTH_NEXT.match(text, end - base):
        return "planned", None
    if _BESIDES.search(text[: start - base]):
        return "performed", None
    done = _done_beside(text, start - base, end - base)
    if not done and _CONDITIONAL.match(text):
        return "planned", None
    if not done and family in {"repair", "mohs", "excision", "flap", "graft"} and _DAY_AHEAD.match(text, end - base):
        return "planned", None
    if clause.cells:
        cues = [c for c in cues if "|" not in text[min(c.end, end) - base : max(c.start, start) - base]]
    cues = [c for c in cues if not _WAS_USED.search(text[: c.end - base]) and not _in_another_part(c, text, base, start, end)]
    if _AS_PLANNED.match(text, end - base):
        cues = [c for c in cues if c.status != "planned"]
    if family == "suture_removal":
        cues = [c for c in cues if not (start <= c.start and c.end <= end)]  # "sutures placed two weeks ago, taken out": placed then
    cues = [c for c in cues if not (c.status in {"planned", "deferred", "historical"} and c.start >= end and _LEFT_FOR_LATER.search(text[end - base : c.start - base]))]
    chosen = _decide([c for c in cues if c.status in _ORDER], done, text, base, start)
    if chosen is not None:
        return chosen.status, (chosen.start, chosen.end)  # type: ignore[return-value]
    if clause.section.kind == "followup" and not _TODAY.search(text):
        return "planned", None
    if clause.section.kind in {"history", "reason"} and not done:
        return "historical" if not _CONDITIONAL.search(text) else "planned", None
    return "performed", None


_AS_PLANNED = re.compile(r"[^.;,]{0,30}?(?:,\s*|\b(?:was |were )?)(?:(?:then |today |now )?(?:carried out|gone through with|done|performed|completed)(?: today| now)?(?=\s*(?:$|[:.;,(]|as|with|by|without|under|today|on))|as (?:planned|scheduled|agreed))", re.IGNORECASE)
""" "Planned cryo carried out"."""


def _decide(cues: list[Cue], done: bool, text: str, base: int, start: int) -> Cue | None:
    """The cue that counts: a refusal or denial anywhere, else the nearest; weak cues yield to a verb of doing."""
    strong = [c for c in cues if c.status in {"negated", "declined", "aborted", "elsewhere"} and _reaches(c, text, base, start)]
    if strong:
        best = min(strong, key=lambda c: (c.distance > 3, _ORDER.index(c.status), c.distance))
        if not (best.status == "negated" and best.distance > 5 and done):
            return best
    rest = [c for c in cues if c.status not in {"negated", "declined", "aborted", "elsewhere"}]
    if done:
        rest = [c for c in rest if (c.status == "planned" and (c.distance <= 2 or _CONDITIONAL.search(text)))
                or (c.status == "historical" and c.distance <= 3 and not _weak(c, text, base))]  # fmt: skip
    else:
        rest = [c for c in rest if not (_weak(c, text, base) and c.distance > 1)]
    return min(rest, key=lambda c: (c.distance, _ORDER.index(c.status)), default=None)


_PART = re.compile(r"(?:^|\s/\s|[\s,;.:])\(?(?:[A-H][:.)]|\d\))\s")
""" "A: punch abdomen / B: planned oral mucosa": parts with their own labels on one line."""


def _in_another_part(cue: Cue, text: str, base: int, start: int, end: int) -> bool:
    """The cue belongs to another labeled part of the line; before the first label it governs all of them."""
    if cue.start >= end:
        return bool(_PART.search(text, end - base, cue.start - base + 1))
    return bool(_PART.search(text, cue.end - base, start - base + 1) and _PART.search(text, 0, cue.start - base + 1))


def _weak(cue: Cue, text: str, base: int) -> bool:
    return bool(_WEAK_HISTORY.match(text[cue.start - base : cue.end - base]))


_NUMBER_SIGN = re.compile(r"no\.? ?#?\d{1,2}\b(?=[ -](?:blade|scalpel|knife|surgical)|,)", re.IGNORECASE)
""" "A no. 11 blade"."""
_DOER = re.compile(r"\b(?:i|we)\s+(?!did not|didn|do not|don|have not|could not|would)", re.IGNORECASE)
""" "Rather than biopsy I removed it by shave"."""
_THEN_CHOSE = re.compile(r"\b(?:accept\w+|agree[ds]?|allow\w+|consent\w+|chose|opted|took|settled|preferred|preferring|went for)\b", re.IGNORECASE)
_THEN_DONE = re.compile(r"[^.;,]{0,40},\s*(?!(?:or|and|nor)\b)[^.;]{0,60}\b(?:was|were|injected|frozen|shaved|excised|treated|performed|done|taken|biopsied|removed)\b", re.IGNORECASE)
""" "After she declined surgery, the keloid was injected"."""
_PARTICIPLE = re.compile(r"\b(?:\w+ed|\w+en|cut|done|shut|sewn|put|made)\b", re.IGNORECASE)


def _reaches(cue: Cue, text: str, base: int, start: int) -> bool:
    """ "No" and "without" stop at a comma; a long way off they deny something else."""
    if cue.direction == "backward" and _OTHERS_OF_THEM.search(text[start - base : cue.start - base]):
        return False
    if cue.status == "negated" and cue.direction == "backward":
        return not _ANOTHER_SUBJECT.search(text[start - base : cue.start - base])
    between = text[cue.end - base : start - base]
    if cue.status == "negated" and _NUMBER_SIGN.match(text, cue.start - base):
        return False
    if cue.direction == "forward" and _DOER.search(between):
        return False
    if cue.status != "negated":
        return not (cue.status == "declined" and cue.direction == "forward" and (_THEN_CHOSE.search(between) or _THEN_DONE.match(text, cue.end - base)))
    word = text[cue.start - base : cue.end - base].lower()
    if word.endswith(("not", "n't", "never", "cannot")) and (_NEW_CLAUSE.search(between) or re.search(r"\w{3}:\s", between)):
        return False
    denied, comma, _ = between.partition(",")
    if word.endswith("not") and comma and denied.strip() and not _PARTICIPLE.search(denied):
        return False  # "not through and through, closed": something else was denied
    if word in {"no", "without", "non", "never", "no prior", "no previous"}:
        return "," not in between and cue.distance <= 4
    return cue.distance <= 9


_VERB = r"(?:performed|done|taken|obtained|treated|frozen|removed|excised|injected|applied|biopsied|closed|drained|destroyed|used|made|placed|sampled|shaved|cut|sent|curetted|harvested|sutured|completed|carried out|undertaken|accomplished|given|administered|submitted|raised|elevated|designed|fashioned|sewn|sutured|created|incised|transposed|rotated|advanced)"
_DONE_AFTER = re.compile(rf"[^.;,]{{0,70}}?\b(?:was|were|is|are|been|being)?\s*(?:then |also |all |each |both |first |subsequently |carefully )?(?<!\bbe )(?:{_VERB}|took place|went ahead)\b", re.IGNORECASE)
_DONE_BEFORE = re.compile(rf"(?:\b{_VERB}\s+(?:\w+ ){{0,5}}(?:with|by|via|using|as|a|an|the|to|in)?\s*(?:\w+\s+){{0,3}}$|\b(?:i|we)\s+(?!(?:\w+ly\s+|also\s+|then\s+)?(?:offer|describ|discuss|suggest|recommend|explain|advis|propos|mention|consider|plan|would|will|shall|could|can|may|might|told|talk|went over|review|declin|hope|want|ask|think|thought|prefer|laid|went|walked|compar|did not|didn|do not|don))(?:\w+\s+){{0,2}}$|\b(?:underwent|procedure\s*[:=]|method\s*[:=]|treatment\s*[:=]|performed\s*[:=]|tx\s*[:=])\s*(?:\w+\s+){{0,4}}$)", re.IGNORECASE)
_DONE_ANY = re.compile(r"\b(?:tolerated|done today|treated today|performed today|today['’]s|specimen (?:sent|to|labell?ed|submitted)|sent to path\w*|to path\w*|hemostasis|drysol|aluminum chloride|after (?:lido\w*|local|consent)|lido\w*|consent(?: obtained|ed)?[,;:]|under local)\b|,\s*(?:was |were )?(?:done|performed|carried out|completed)\b", re.IGNORECASE)


_NOT_SO = re.compile(r"\b(?:not|never|nor|cannot|(?:to|will|can|could|would|may|might|should|must) (?:\w+ )?be)\b|n['’]t\b", re.IGNORECASE)
""" "Considered but not used", "to be removed"."""


def _done_beside(text: str, start: int, end: int) -> bool:
    """A verb of doing belongs to the act: "was performed", "we froze", "Procedure: ...", "tolerated"."""
    participle = text[start:end].lower().endswith(("ed", "en", "cut")) and re.search(r"\b(?:was|were|been|being|then|also|and)\s+(?:\w+ly\s+)?$", text[max(0, start - 24) : start], re.IGNORECASE)
    after = _DONE_AFTER.match(text, end)
    return bool(participle or after and not _NOT_SO.search(after.group()) or _DONE_BEFORE.search(text[max(0, start - 60) : start]) or _DONE_ANY.search(text))


_PAST_TENSE = re.compile(r"\b(?:i|we|then|and)\s+(?:\w+ly\s+)?$", re.IGNORECASE)


def told_of_earlier(text: str, on: date) -> bool:
    """The words tell what was done on an earlier day ("I took it off on June 2:")."""
    return any((on - day).days > 0 and _TOOK_ON.search(text[:left]) for day, left, _ in dates_in(text, on))


def plainly_done(clause: Clause, start: int, end: int) -> bool:
    """The clause tells the act as done, in so many words: "was shaved off", "I snipped"."""
    base = clause.start
    told = (clause.text[start - base : end - base].lower().split() or [""])[0].endswith("ed") and _PAST_TENSE.search(clause.text[: start - base])
    return bool(told) or _done_beside(clause.text, start - base, end - base)


_PROOF = re.compile(r"\((?=[^()]*\b(?:bx\w*|bx'd|biops\w+|path\w*|proven|report|S\d\d-))[^()]*\)", re.IGNORECASE)
_ONLY_PROOF = re.compile(r"\(\s*(?:by |on |per |prior |previous |shave |punch )*(?:bx'?d?|biopsy|biopsied|bx[- ]proven|biopsy[- ]proven|biopsy done|bx done)\s*(?:[,)]|\d)", re.IGNORECASE)


def _of_the_proof(text: str, act: int, date_at: int) -> bool:
    """The date stands in brackets with the biopsy that proved the lesion, the act outside them: "SCC (bx 4/22): excised"."""
    return any(m.start() < date_at < m.end() and not m.start() < act < m.end() for m in _PROOF.finditer(text))


def _dated_before(clause: Clause, start: int, end: int, on: date) -> bool:
    """An earlier date stands beside the act ("biopsy 8/3/26", "2021: punch biopsy")."""
    text = clause.text
    for day, left, right in dates_in(text, on):
        if (on - day).days <= 0 or _of_the_proof(text, start - clause.start, left):
            continue
        if (on - day).days > 1 and re.fullmatch(r"\W*(?:prev\w*|prior|last|hx|on|dos|visit|tx|seen|old)?\W*", text[:left], re.IGNORECASE):
            return True
        if right <= start - clause.start and re.search(r"\b(?:path\w*|reports?|results?|bx|biops\w+|dx|proven|confirmed)\W*(?:of |from |on |dated )?$", text[:left], re.IGNORECASE) and re.match(r"\W*[):;,]", text[right:]):
            continue
        if right <= start - clause.start and re.fullmatch(r"\s*\([^)]*", text[right : start - clause.start]):
            return True  # "both wounds from 4/7 (cheek excision, hand shave)"
        gap_after = left - (end - clause.start)
        gap_before = (start - clause.start) - right
        if 0 <= gap_after <= 26 or 0 <= gap_before <= 22 or (left <= start - clause.start and right >= end - clause.start):
            return True
        if end - clause.start < left <= end - clause.start + 70 and re.search(r"\b(?:on|in)\s*$", text[:left]) and not _DATE_OF_ELSE.search(text[end - clause.start : left]):
            return True
        if (on - day).days > 21 and end - clause.start < left <= end - clause.start + 70 and not _DATE_OF_ELSE.search(text[end - clause.start : left]):
            return True
        if (on - day).days > 0 and right <= start - clause.start and _TOOK_ON.search(text[:left]):
            return True
    return bool(re.search(r"\b(?:in|of|since)\s+(?:19|20)\d\d\b", text[end - clause.start : end - clause.start + 30])) and not _TODAY.search(text)


_UNTIL_DAY = re.compile(r"[\s,]*(?:here |is |now |set |due |booked |scheduled |planned )*(?:on|for|in)?\s*(?:\w+day,? )?", re.IGNORECASE)


def _dated_ahead(clause: Clause, end: int, on: date) -> bool:
    """A later date stands right behind the act ("Mohs on July 8")."""
    at = end - clause.start
    return any((day - on).days > 0 and left >= at and _UNTIL_DAY.fullmatch(clause.text[at:left]) for day, left, _ in dates_in(clause.text, on))


_DENIES_ELSE = re.compile(r"cleared\s+(?:in|after|with|on|by|at|from|yesterday|today|this|last|earlier)\b|none\s+(?:of|are|is|were|was|tender|indurated|inflamed|bleeding|suspicious|painful|ulcerated|irritated|symptomatic|worrisome|\w+ed\b)", re.IGNORECASE)
""" "Cleared in two stages": the cancer was there; "keratoses, none tender": the keratoses are."""


_STATE = re.compile(
    r"[ -]?(?:(?:yet|well|at|to|been|being|very|fully|adequately|optimally|completely|really|much|any|currently|as|so|too|be|"
    r"under|sufficiently|quite|entirely|particularly|further|significant|recent|other|new|her|his|their|the) )*"
    r"(?:goals?|targets?|control\w*|clear(?:ed|ing)?|improv\w+|better|respon\w+|resolv\w+|bother\w*|itch\w*|tender|painful|"
    r"bleed\w*|stable|active|happy|satisf\w+|enough|help\w*|work(?:ing|s)?|tolerat\w+|worse\w*|spread\w*|chang\w+|"
    r"flar\w+|symptom\w*|sever\w+|progress\w*|relief|benefit|settl\w+|where)\b",
    re.IGNORECASE,
)


def _denies_its_state(clause: Clause, cue: Cue) -> bool:
    """ "Not controlled", "no flares of": what is denied is how the disease stands, not the disease."""
    text, base = clause.text, clause.start
    word = text[cue.start - base : cue.end - base].lower()
    return word.split()[-1] in _PLAIN_DENIALS and bool(_STATE.match(text, cue.end - base))


_PLAIN_DENIALS = frozenset({"not", "no", "never", "without", "isn't", "wasn't", "aren't", "weren't", "doesn't", "don't",
                            "didn't", "nor", "longer", "n't", "yet"})  # fmt: skip


_ACT_DENIED = re.compile(
    r"\b(?:done|performed|taken|treated|untreated|made|placed|used|billed|given|needed|required|necessary|unnecessary|attempted|"
    r"obtained|alone|action|warranted|appropriate|option|chosen|plan|indicated|tx|tx'd)\b",
    re.IGNORECASE,
)
"""Words after a condition that deny an act, not the condition: "callus, left alone"."""


def _words_of(clause: Clause, cue: Cue) -> str:
    return clause.text[cue.start - clause.start : cue.end - clause.start]


_NEXT_DOUBTED = re.compile(
    r"(?:suspected|possible|likely|probable|presumed)\s+(?!(?:and|but|given|due|vs|or|based|on|by|because|with|after|per|at|in|here|today|clinically|dx|diagnosis)\b)[a-z]",
    re.IGNORECASE,
)
""" "Onychodystrophy, suspected dermatophyte": the doubt is about what follows."""
_NOT_YET = re.compile(r"\b(?:not|never|n't|nor|yet)\s+(?:\w+\s+)?$", re.IGNORECASE)
_OPENS_ANEW = re.compile(r"\w\s*:\s|\s(?:--?|–|->|→)\s|\b(?:assessment|impression|diagnosis|dx|plan)\b", re.IGNORECASE)


def _stops_short(clause: Clause, cue: Cue, start: int | None) -> bool:
    """A forward denial ends where an assessment begins: "no fever: poison ivy dermatitis"."""
    if start is None or cue.direction != "forward":
        return False
    return bool(_OPENS_ANEW.search(clause.text[cue.end - clause.start : start - clause.start]))


_NO_PROOF = re.compile(r"\b(?:not|no|never)(?: an?| any)?\s+$", re.IGNORECASE)
""" "Not a known cyst" is none."""
_HAD_BEFORE = re.compile(r"\b(?:has|have|had) had\b[^.;]*\b(?:before|previously)\b[^.;]*\b(?:19|20)\d\d\b", re.IGNORECASE)
""" "He has had two before, one on the back in 2011": none of them is there today."""


def certainty(clause: Clause, cues: list[Cue], *, proven_section: bool, start: int | None = None) -> Certainty:
    """How surely the note states a diagnosis (HC-10, DX-UNC, DX-ORD 4)."""
    if clause.section.kind == "family":
        return "negated"
    found: dict[str, Cue] = {}
    for cue in sorted(cues, key=lambda c: c.distance):
        found.setdefault(cue.status, cue)
    if "family" in found:
        return "negated"
    denied = found.get("negated")
    if denied and _NOT_YET.search(clause.text[: denied.start - clause.start]):
        denied = None  # "not cleared": still there
    if denied and denied.direction == "backward" and _ACT_DENIED.search(_words_of(clause, denied)):
        denied = None
    if denied and denied.distance <= 8 and not _denies_its_state(clause, denied) and not _DENIES_ELSE.match(clause.text, denied.start - clause.start) and not _stops_short(clause, denied, start):
        return "negated"
    proven, uncertain = found.get("proven"), found.get("uncertain")
    past = next((c for c in sorted(cues, key=lambda c: c.distance) if c.status == "historical" and not _WEAK_HISTORY.match(_words_of(clause, c))), None)
    if uncertain and re.match(r"\s*[:=]", clause.text[uncertain.end - clause.start :]):
        uncertain = None
    if uncertain and uncertain.direction == "backward" and _NEXT_DOUBTED.match(clause.text, uncertain.start - clause.start):
        uncertain = None
    if proven and proven.direction == "forward" and _NO_PROOF.search(clause.text[: proven.start - clause.start]):
        return "negated"
    if proven and (uncertain is None or proven.distance <= uncertain.distance):
        return "pathology"
    if uncertain and uncertain.distance <= 14:
        return "uncertain"
    if past and past.direction == "backward" and start is not None and "(" in clause.text[start - clause.start : past.start - clause.start]:
        past = None  # "carcinoma of the scalp (outside report reviewed)"
    if past and past.distance <= 8 or _HAD_BEFORE.search(clause.text):
        return "history"
    if clause.section.kind in {"past", "medication", "social"}:
        return "history"
    return "pathology" if proven_section else "stated"
