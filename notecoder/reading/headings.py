"""What a heading looks like: keys, decorated titles, short forms, and the headings no table knows."""

from __future__ import annotations

import re

from notecoder.reading.outline import Kind, section_kind

SHORT_HEAD = 20
"""Characters: "ILK session 4. 33M" goes on, a whole sentence that ends with a number does not."""
KEY = re.compile(r"[ \t]*(?P<key>[A-Za-z][\w .,/&()'#+-]{0,44}?)\s*(?::(?!\d\d)|=(?!=)|\.{3,}|(?<=[a-z)])(?:[ ]{3,}(?=\S)(?![a-z])|[ ]{5,}(?=\S))|(?<=[A-Z][A-Z)])[ ]{0,16}\|(?=[ ])|(?<=[a-z]\))[ ]{0,16}\|(?=[ ]))\s*", re.ASCII)
DECORATED = re.compile(r"[ \t]*(?:\[(?P<a>[^\]\n]{2,110})\]|[-=:>~#*o]{2,}\s*(?P<b>[A-Za-z][^\n]{1,60}?)\s*[-=:<~#*o]{2,}|\.(?P<c>[A-Z][A-Z_0-9]{2,24})\b|\*\*(?P<d>[^*\n]{2,50})\*\*:?)")
BRACKET_KEY = re.compile(r"[ \t]*\[(?P<key>[^\]\n]{3,44})\][ \t]*(?=\S)")
""" "[wound after closure]  5.1 cm"."""
CAPS = re.compile(r"[ \t]*(?:\d{1,2}[ \t]+)?(?P<key>[A-Z][A-Z ,/&'-]{2,60}?)(?:[.:]|(?=\s*$)|\s[-–]\s)(?=\s|$)")
CAPS_BAR = re.compile(r"[ \t]*[A-Z]{2}[A-Z /&'-]{0,25}?(?: \([a-z ]+\))?[ ]*\|[ ]+(?=\S)")
""" "MARGIN       | 4 mm all round": a key and its value, not a row of a table."""
CAPS_GAP = re.compile(r"[ \t]*(?:\d{1,2}[ \t]+)?(?P<key>[A-Z][A-Z/&'-]+(?: [A-Z/&'-]+){0,4}(?: \([a-z ]{2,12}\))?)[ ]{2,}(?=\S)")
""" "HISTORY PULLED FORWARD  2022 excision of the shoulder", "PLAN   wound sheet".""" 
SHORT = re.compile(r"[ \t]*(?P<key>A/P|A&P|A/|P/|S/|O/|Dx|Imp|Ex|Exam|Tx|Plan|PE|Hx|HPI|Ddx|Rx|Meds|PMH|FH|SH|ROS|Procedure|Impression|Assessment)(?=[ \t:\-–]|$)(?:\s*[-–:/]\s*|\s+)")
UNKNOWN_HEAD = re.compile(r"[ \t]{0,2}[A-Z][A-Z&/-]{2,}(?: [A-Z&/-]{2,}){0,3}[ \t]*:?[ \t]*")
"""A line of capitals under a blank one ("PRODUCT", "INJECTION MAP"): a heading no table knows ends the section before it."""
STEP = re.compile(
    r"(?:who|what|why|where|patient|history|indications?|reason|diagnosis|consent|time-?out|position\w*|prep\w*|draping|an(?:a)?esthe\w+|local|marking|incision|excision|layers?|stages?|stage one|mohs|histology|defect|wound|"
    r"left with|h(?:a)?emostasis|undermining|closure|repair|reconstruction|flap|graft|donor|recipient|bolster|dressing|specimens?|pathology|complications?|blood loss|ebl|aftercare|post-?op\w*|follow[- ]?up|disposition|plan|discharge)\b",
    re.IGNORECASE,
)
ASKED = re.compile(r"^[ \t]*Q[ \t]*[.:][ \t]+\S", re.MULTILINE)
ANSWER = re.compile(r"[ \t]*(?P<who>[QA])[ \t]*[.:][ \t]+")
""" "Q: What was done?  A: ...": questions are headings, answers no lesion A."""
COLUMN = re.compile(r"\b(?:site|step|who|what|stage|lesion|location|size|blocks?|margins?|procedure|method|dx|diagnosis|label|specimen|tissue|no|count|type|closure|length|drug|dose|technique|result|area|findings?|region|treated|notes?|lesions?|comment|field|path|tool|location|description|action|treatment|tx|plan|status|problem|test|medication|#)\b")
"""Words of column titles, small letters."""
SUBJECTIVE = re.compile(r"^\s*S\s*[:)]", re.MULTILINE)
OBJECTIVE = re.compile(r"^\s*[OP]\s*[:)]", re.MULTILINE)
ASSESSMENT = re.compile(r"\s*A\s*[:)]\s*")
SUTURES = re.compile(r"\b\d-0\b|nylon|prolene|vicryl|monocryl|gut|staples|sutur", re.IGNORECASE)
LOWER_HEADS: frozenset[Kind] = frozenset({"assessment_plan", "assessment", "plan", "exam", "procedure", "followup"})
"""A line that is nothing but such a word is a heading, though it has no capital: "a/p", "exam"."""
NUMBERED_PROBLEM = re.compile(r"\W{0,4}problem\s?#?\s?\d{1,2}\s*[:.)–-]", re.IGNORECASE)
""" "PROBLEM 1: rosacea, flaring": the assessment begins, whatever heading stood last."""
BEFORE_PLAN: frozenset[Kind] = frozenset({"body", "exam", "history", "ros", "vitals", "reason"})


def lone_head(line: str) -> bool:
    """A line that is nothing but a word of a heading, without a capital."""
    return len(line) < SHORT_HEAD and line.islower() and section_kind(line) in LOWER_HEADS
