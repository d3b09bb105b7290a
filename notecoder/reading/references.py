"""How a note refers back to its lesions: by label ("lesion 2", "B was closed"), or all at once ("both", "for each")."""

from __future__ import annotations

import re

OF_ALL = re.compile(r"^\W*(?:(?:for|at|in|on|to)\s+)?(?:both|each|all|every)\b(?!\s+(?:questions?|risks?|other|over|about|options?|time|edges?|margins?|sides?|the (?:way|time)))|\bfor (?:both|each|all)\b|\b(?:bx|biops(?:y|ies|ied)|shaved?|shaves|punch(?:ed|es)?|sampled?|specimens?|removal|excision) (?:of|from|on|to|at) (?:each|both|all(?: of (?:them|these|the above))?)(?=\s*(?:$|[.;,(]))|\b(?:both|each|all|every|either) (?:of (?:the|these|them)\b|(?:\w+ )?(?:lesions?|sites?|tumou?rs?|areas?|cancers?|defects?|wounds?|spots?|places?)\b|(?:two|three|four|[234])\b)", re.IGNORECASE)
FOR_ALL = re.compile(r"\bfor (?:both|each|all(?: (?:two|three|four|[234]))?)\W*$", re.IGNORECASE)
WAITS = re.compile(r"\b(?:not (?:removed|done|treated|excised|biopsied|touched|today)|prefers? to wait|postponed|wait until)\b", re.IGNORECASE)
HOW_MANY = re.compile(r"\b(?:(?:all|the|each of the) )?(both|two|three|four|[234])\b(?! ?(?:mm|cm|passes|cycles|times|x|layers|directions|-?0))", re.IGNORECASE)
ORDINAL = {"one": "1", "two": "2", "three": "3", "four": "4", "first": "1", "second": "2", "third": "3", "i": "1", "ii": "2", "iii": "3"}
REFERENCE = re.compile(r"\b(?:lesion|site|specimen|tumou?r|wound|defect|biopsy|part|jar|nodule|excision|pin|marker)s?\s*(?:#|no\.?|number)?\s*\(?(?P<label>\d{1,2}|[A-H]|one|two|three|four|i{2,3}|i(?=\s*(?:[:.,;)]|$)))(?![\w.]|\s*(?:x|mm|cm|ml))(?P<more>(?:\)?\s*(?:,|and|&|\+)\s*\(?(?:\d{1,2}|[A-H])(?![\w.]|\s*(?:x|mm|cm|ml)))*)", re.IGNORECASE)
""" "Lesion 2", "pins 1 and 2", "pin (3)".""" 
BARE_LETTER = re.compile(r"(?<![\w'-])(?<!vitamin )(?<!hepatitis )(?<!hep )(?<!group )(?<!class )(?<!stage )(?<!type )(?<!category )(?P<label>[A-H])(?=\s*[:=]|\s+(?:was|were|closed|to|at|measur\w+|final|\d+(?:\.\d+)?\s*(?:x|cm|mm))\b|\s*\(?\d+(?:\.\d+)?\s*(?:x\b|cm|mm))")
"""Case-sensitive: a lesion's letter before what is said of it."""
LEADING_LETTER = re.compile(r"^\W*(?P<label>[B-H]|A(?! \w+ (?:was|were|is|are)\b))\s+(?=(?:irritated|inflamed|benign|atypical|dysplastic|compound|junctional|intradermal|nevus|seborrheic|actinic|squamous|basal|melanoma|cyst|lipoma|wart|verruca|bcc|scc|sk\b|ak\b|isk\b|dn\b|keloid|lentigo|dermatofibroma|neoplasm|pigmented))")
"""Case-sensitive: "B inflamed seborrheic keratosis" in an impression."""
LABEL_LIST = re.compile(r"\W*(?i:(?:lesions?|sites?|both|for)\s+)?(?P<labels>[A-H](?:\s*(?:,|/|&|and|\+|,\s*and)\s*[A-H]){0,7})\s*(?:[:=]|\s[-–]\s)")
""" "A and C: shave biopsies": the clause is of these lesions, whatever item it stands in."""
CUTS = re.compile(r"\b(?:the|both|these|all) (?:\w+ )?lacerations\b", re.IGNORECASE)
THEY = re.compile(r"\W*(?:they|these|both|each)\b", re.IGNORECASE)
""" "The lacerations were explored. They were closed with simple sutures"."""
