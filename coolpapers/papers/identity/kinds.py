"""What kind of text a title names: a paper, a notice about one, or something that comes again every year. Pure."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

from coolpapers.papers.identity.titles import fold_title


class Kind(StrEnum):
    """A notice is about a paper and is not the paper."""

    PAPER = "paper"
    ERRATUM = "erratum"
    RETRACTION = "retraction"
    REPLY = "reply"
    COMMENT = "comment"
    REVIEW = "review"
    SUPPLEMENT = "supplement"
    ABSTRACT = "abstract"


# A notice names itself at the beginning, before the title it is about.
_BEGINNINGS = {
    Kind.ERRATUM: r"(?:(?:errat|corrigend|addend)(?:um|a)|corrections?|publisher\W?s? (?:note|correction)"
    r"|author corrections?)(?: (?:to|for|of)\b|\s*:|$)",
    Kind.RETRACTION: r"(?:retraction|withdrawal|expression of concern)(?: note| notice)?(?: (?:to|for|of)\b|\s*:|$)",
    Kind.REPLY: r"(?:(?:the )?authors?\W{0,2} )?(?:reply|response|rejoinder)(?: to\b|\s*:|$)",
    Kind.COMMENT: r"(?:a |invited )?(?:comments?|commentary|discussion)(?: (?:on|of)\b|\s*:|$)",
    Kind.REVIEW: r"(?:book )?reviews?(?: of\b|\s*:|$)",
    Kind.SUPPLEMENT: r"(?:supplement(?:ary|al)?|supporting)(?: (?:materials?|information|notes?|data))?"
    r"(?: (?:to|for|of)\b|\s*:)|appendix(?: (?:to|of)\b|\s*:)",
}
# Others name it at the end: "A title (Extended Abstract)", "A title: Erratum".
_ENDINGS = {
    Kind.ERRATUM: r"(?:errat|corrigend|addend)(?:um|a)|correction",
    Kind.RETRACTION: r"retraction",
    Kind.REPLY: r"reply|rejoinder|author\W?s?\W? reply",
    Kind.COMMENT: r"comments?|discussion",
    Kind.ABSTRACT: r"(?:extended |student )?abstract(?: only)?",
}
_PATTERNS = [
    *((kind, re.compile(rf"\W*(?:{words})", re.IGNORECASE)) for kind, words in _BEGINNINGS.items()),
    *((kind, re.compile(rf".*\S\s*[(\[:–—-]\s*(?:{words})\W*$", re.IGNORECASE)) for kind, words in _ENDINGS.items()),
]

# Folded titles that are given again and again.
_RECURRING = (
    "introduction preface foreword afterword prologue epilogue editorial editorials editornote editorsnote "
    "editorspage fromtheeditor fromtheeditors guesteditorial guesteditorsintroduction guesteditorintroduction "
    "erratum errata corrigendum correction invitedtalk invitedtalks keynote keynotes keynotetalk keynoteaddress "
    "discussion bookreview bookreviews bookreviewed review reviews openingremarks closingremarks panel paneldiscussion "
    "abstract abstracts untitled contents tableofcontents index authorindex subjectindex frontmatter backmatter "
    "masthead news letters lettertotheeditor letterstotheeditor inthisissue abouttheauthors contributors obituary "
    "inmemoriam callforpapers conclusion conclusions summary overview vision perspectives welcome acknowledgments "
    "acknowledgements programcommittee organizingcommittee reviewers listofreviewers copyright titlepage coverpage"
)
_RECURRING_TITLES = frozenset(_RECURRING.split())
_RECURRING_PHRASES = re.compile(
    r"\b(?:annual|yearly|quarterly|monthly|biennial|progress|activity|status) reports?\b|\byearbook\b|\bnewsletter\b"
    r"|\b(?:year|month|week) in review\b|\bguest editor|\bspecial (?:issue|section|session)\b|\bmessage from\b"
    r"|^\W*(?:proceedings|minutes|proceedings and abstracts) of\b|\b(?:program(?:me)?|organi[sz]ing) committee\b"
    r"|^\W*(?:editorial|preface|foreword|front ?matter|welcome)\b|\bdigests?\]?$|\bstatistical (?:abstract|yearbook)\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=4096)
def kind_of(title: str) -> Kind:
    """The kind that the title names."""
    return next((kind for kind, pattern in _PATTERNS if pattern.match(title)), Kind.PAPER)


@lru_cache(maxsize=4096)
def is_recurring(title: str) -> bool:
    """Whether the same people may give this title again: *Guest Editors' Introduction*, *Annual report of …*."""
    return fold_title(title) in _RECURRING_TITLES or bool(_RECURRING_PHRASES.search(title))
