"""English sentences as titles: clauses that can stand alone, without what leads up to them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vocloop.themes.prose import LONGEST_TITLE, balanced, width

# What leads up to the matter: greetings, connectives, whom one asks, that one asks.
_WHOM = "there|all|team|everyone|everybody|guys|sir|madam|support(?: team)?"
_CONNECTIVES = (
    "on a side note|by the way|in addition|for (?:instance|example)|and|but|so|also|well|honestly"
    "|frankly|then|plus|still|now|okay|ok|yes|no|oh|sorry|anyway|finally|currently|recently|lately"
    "|unfortunately|basically|actually|apparently|hence|therefore|however|moreover|furthermore"
    "|additionally|again|first|second|secondly|thirdly|lastly"
)
_TELL_ME = (
    r"tell me|explain(?: to me)?|let me know|advise(?: me)?(?: on)?|confirm|clarify|show me|check"
    r"|help me (?:understand|figure out|find out|with)|look into|describe"
)
_I_AM = r"(?:i(?:'m| am)|i was|i've been|i have been|we are|we were) (?:just |currently |really )?"
_LEADS = (
    (
        r"(?:hi|hello|hey|dear|good (?:morning|afternoon|evening)|greetings)"
        rf"(?: (?:{_WHOM}))?\b[,!.:\s]*"
    ),
    rf"(?:{_CONNECTIVES})\b[,:\s]+",
    r"(?:please|kindly|pls|plz)\b[,\s]*",
    r"(?:thanks|thank you)(?: (?:so much|very much|a lot|in advance))?\b[,!.:\s]*",
    (
        r"(?:can|could|would|will) (?:you|someone|anyone|somebody|anybody)"
        rf"(?: (?:please|kindly|possibly))? (?:{_TELL_ME})\b[,\s]*(?:about |on )?"
    ),
    (
        r"(?:tell me|explain(?: to me)?|let me know|help me (?:understand|figure out))\b[,\s]*"
        r"(?:about )?"
    ),
    r"(?:do|does) (?:you|anyone|anybody|someone) (?:happen to )?know\b[,\s]*(?:of |about )?",
    (
        rf"{_I_AM}(?:wondering|asking|curious|trying to (?:find out|figure out|understand|know)"
        r"|writing (?:because|to (?:ask|complain|report)(?: that| about)?)"
        r"|(?:contacting you|calling) (?:because|about|regarding)|looking to (?:find out|know))"
        r"\b[,\s]*(?:about |if |whether )?"
    ),
    (
        r"(?:i|we) (?:just |really |only |would like to |'d like to |want(?:ed)? to "
        r"|need(?:ed)? to )+"
        r"(?:know|ask|find out|understand|inquire|check|report|complain)\b[,\s]*"
        r"(?:about |if |whether |that )?"
    ),
    (
        r"(?:i|we) (?:just |really |still )?(?:do not|don't|cannot|can't) "
        r"(?:understand|know|see|figure out) (?=why|how|what|where|when|which)"
    ),
    (
        r"(?:i|we) (?:have|had|got) (?:a|one|another|some|this) (?:quick )?"
        r"(?:question|problem|issue|concern|query)s?"
        r"(?: (?:about|with|regarding|concerning|on|where|in which|that))?\b[,:\s]*"
    ),
    (
        r"(?:i|we) (?:just )?(?:think|believe|guess|suppose|noticed|reali[sz]ed|discovered"
        r"|found(?: out)?|see|saw|hope|feel)(?: that)?\s+"
        r"(?=the|my|our|there|it|a|an|i|we|you|your|one|some|this)"
    ),
    r"there(?:'s| is) (?:a|an|this) (?:problem|issue)(?: with| where)?\s+",
    r"(?:my|the|our|one) (?:question|problem|issue) is(?: that)?[,:\s]+",
    r"(?:one|two|three|the (?:first|second|third|other)) (?:is|was) that\s+",
    r"(?:is it possible|is there (?:a|any) way)(?: (?:for me|for us))?(?=\s+to)",
    r"\[[^\]]{1,30}\]\s*:?",
    r"(?:feature request|bug(?: report)?|question|feature|support|help|request|fwd?|re)\s*[:\]]\s*",
)
_LEAD = re.compile(f"^(?:{'|'.join(_LEADS)})", re.IGNORECASE)
_TO = re.compile(r"^to (?=[a-z])")
# Where a clause ends and another one begins.
_CONJUNCTIONS = (
    "because|but|although|though|whereas|whenever|even though|so that|as soon as|which|and then"
    "|until|since|unless"
)
_SUBJECTS = "i|we|it|they|he|she|you|the|my|our|this|that|there|how|what|why|when|is"
_BREAK = re.compile(
    r"\s*(?:[;:—–]|\s-+\s|\.{2,}|\()\s*"
    rf"|,?\s+(?=(?:{_CONJUNCTIONS})\b)"
    rf"|,\s*(?=(?:{_SUBJECTS}|and|so|or|then|please|can|where|do|does|did|could|would)\b)"
    rf"|\s+(?=(?:and|so) (?:{_SUBJECTS}|now|then|was|were|am)\b)",
    re.IGNORECASE,
)
_JOINT = re.compile(
    rf"^(?!because of)(?:{_CONJUNCTIONS}|so|and|or|then|please)\b[,\s]*", re.IGNORECASE
)
# Clauses that begin so hang on another one.
_HANGING = re.compile(
    r"^(?:which|who|whom|whose|whether|that|than|as|until|unless|whenever|when|if|while|after"
    r"|before|once|since|though|although|because|as soon as)\b",
    re.IGNORECASE,
)
_UNFINISHED = re.compile(
    r"(?:^|[\s,])(?:a|an|the|of|to|for|in|on|at|by|with|from|into|about|and|or|but|so|that|which"
    r"|who|is|are|was|were|be|been|has|have|had|my|our|your|their|his|her|its|this|these|those|if"
    r"|when|because|as|than|not|very|also|then|i|we|they|he|she|can|will|would|could|should|do|does"
    r"|did|am|it's|i'm|e\.g|i\.e|like|such|while|where|since|until|after|before|although|though"
    r"|unless)$",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"(?:what|how|where|who|which)\b.*\b(?:is|are|was|do|does|for|to|from|on|in|with|about|at)$",
    re.IGNORECASE,
)
_POINTING = re.compile(
    r"^(?:it|this|that|these|those|they|he|she|here|there you|such|same|him|her|them)\b"
    r"|\b(?:it|this|that|them|these|those|one|so)(?:[,;:]|\W*$)"
    r"|\b(?:like this|like that|something|some kind|that (?:day|week|month|time|case))\b"
    r"|\b(?:by|since|until|before) then\b"
    r"|^(?:we|i)(?:'re| are|'m| am) (?:a|an|the|in)\b",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"^(?:from|to|cc|date|sent)\s*:"
    r"|^(?:regards|cheers|sincerely|best|looking forward|let me know|what (?:should|can|do) i do"
    r"|what(?:'s| is) going on|why(?: is (?:this|that|it))?(?: happening)?|help(?: me)?|please"
    r"|how do i (?:fix|solve|resolve) (?:this|it|that)"
    r"|is (?:this|that|it) (?:possible|normal|correct|ok))\W*$"
    r"|^(?:any (?:help|idea|suggestion|advice)|thanks|thank you|hope)\b",
    re.IGNORECASE,
)
_TAIL = re.compile(r"[,\s]*\b(?:please|thanks|thank you|pls)\b\W*$", re.IGNORECASE)
# A later clause has lost its subject when it begins with a verb, or is a rest of an enumeration.
_HEADLESS = re.compile(r"^(?:is|are|was|were|has|have|had|am|be)\b(?!.*\?$)", re.IGNORECASE)
LEAST_WORDS = 2
LEAST_LATER = 3


def titles(sentence: str) -> Iterator[str]:
    """Every row of neighbouring clauses of a ``sentence`` that can stand alone and fits a list.
    None is cut inside a clause."""
    line = _bare(sentence)
    cuts = [0, *(m.end() for m in _BREAK.finditer(line)), len(line)]
    ends = [*(m.start() for m in _BREAK.finditer(line)), len(line)]
    for first, start in enumerate(cuts[:-1]):
        for end in ends[first:]:
            title = line[start:end]
            if first:
                title = _bare(_JOINT.sub("", title))
            title = _TAIL.sub("", title).strip(" \t,;:.-–—*\"“”'()[]{}|/\\")
            if title and _stands(title, at_start=first == 0):
                yield capital(title)


def pointing(title: str) -> bool:
    """Whether a title speaks of what another sentence named."""
    return bool(_POINTING.search(title))


def capital(title: str) -> str:
    """With a capital letter, unless the first word has one of its own: iPhone, macOS."""
    if title.upper() == title and len(title.split()) > 2:
        title = title.lower()
    first = title.split(maxsplit=1)[0]
    return title if first[1:] != first[1:].lower() else title[:1].upper() + title[1:]


def _bare(sentence: str) -> str:
    before = ""
    line = sentence.strip(' \t.,-*>"“”')
    while before != line:
        before = line
        line = _TO.sub("", _LEAD.sub("", line, count=1)).strip()
    return line


def _stands(title: str, *, at_start: bool) -> bool:
    if width(title) > LONGEST_TITLE or len(title.split()) < LEAST_WORDS or _CLOSING.search(title):
        return False
    if _UNFINISHED.search(title) and not _QUESTION.match(title):
        return False
    if not balanced(title):
        return False
    if not at_start and (len(title.split()) < LEAST_LATER or _HEADLESS.match(title)):
        return False
    # "When I export" says nothing yet; "When I export, it stops" does.
    return not _HANGING.match(title) or (at_start and "," in title)
