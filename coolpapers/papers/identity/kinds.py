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
    PREFACE = "preface"
    SUMMARY = "summary"
    TALK = "talk"


# A notice names itself at the beginning, before the title it is about.
_BEGINNINGS = {
    Kind.ERRATUM: r"(?:(?:errat|corrigend|addend)(?:um|a)|corrections?|amendments?|publisher\W?s? (?:note|correction)"
    r"|author corrections?|berichtigung|korrektur)(?: (?:to|for|of|zu|zum|zur)\b|\s*:|$)",
    Kind.RETRACTION: r"(?:notice of |note of )?(?:retraction|withdrawal|expression of concern)(?: note| notice)?"
    r"(?: (?:to|for|of)\b|\s*:|$)",
    Kind.REPLY: r"(?:(?:the )?authors?\W{0,2} )?(?:reply|response|rejoinder|closure)(?: to\b|\s*:|$)"
    r"|in (?:response|reply) to\b",
    Kind.COMMENT: r"(?:an? |invited |editorial )?(?:comments?|commentary|discussion|letter)(?: (?:on|of)\b|\s*:|$)",
    Kind.REVIEW: r"(?:book )?reviews?(?: of\b|\s*:|$)",
    Kind.SUPPLEMENT: r"(?:supplement(?:ary|al)?|supporting)(?: (?:materials?|information|notes?|data))?"
    r"(?: (?:to|for|of)\b|\s*:)|(?:online |web )?appendix(?: (?:to|of)\b|\s*:)",
    Kind.PREFACE: r"(?:preface|foreword|afterword|prologue|epilogue|introduction)(?: (?:to|for) [“\"‘'«]|\s*:)"
    r"|(?:preface|foreword|afterword) (?:to|for)\b",
    Kind.SUMMARY: r"(?:a |the )?(?:summary|synopsis)(?: of [“\"‘'«]|\s*:)",
    Kind.TALK: r"(?:poster|demo|demonstration|keynote|invited talk|abstract)\s*:",
}
# Others name it at the end: "A title (Extended Abstract)", "A title: Erratum".
_ENDINGS = {
    Kind.ERRATUM: r"(?:errat|corrigend|addend)(?:um|a)|correction",
    Kind.RETRACTION: r"retraction",
    Kind.REPLY: r"reply|rejoinder|(?:the )?author\W?s?\W? (?:reply|response)",
    Kind.COMMENT: r"comments?|discussion",
    Kind.SUPPLEMENT: r"(?:online )?(?:supplement(?:ary|al)? materials?|supplement|supporting information|appendix)",
    Kind.ABSTRACT: r"(?:extended |student )?abstract(?: only)?",
    Kind.SUMMARY: r"(?:a |the )?(?:summary|synopsis)",
    Kind.TALK: r"poster|demo|demonstration|keynote|invited talk|invited paper",
}
_PATTERNS = [
    *((kind, re.compile(rf"\W*(?:{words})", re.IGNORECASE)) for kind, words in _BEGINNINGS.items()),
    *((kind, re.compile(rf".*\S\s*[(\[:.–—-]\s*(?:{words})\W*$", re.IGNORECASE)) for kind, words in _ENDINGS.items()),
]

# Folded titles that are given again and again.
_RECURRING = (
    "introduction preface foreword afterword prologue epilogue editorial editorials editornote editorsnote "
    "editorspage fromtheeditor fromtheeditors guesteditorial guesteditorsintroduction guesteditorintroduction "
    "erratum errata corrigendum corrigenda correction corrections invitedtalk invitedtalks keynote keynotes "
    "keynotetalk keynoteaddress discussion bookreview bookreviews bookreviewed review reviews openingremarks "
    "closingremarks panel paneldiscussion abstract abstracts untitled contents tableofcontents index authorindex "
    "subjectindex frontmatter backmatter masthead news letters inthisissue abouttheauthors contributors obituary "
    "obituaries inmemoriam callforpapers conclusion conclusions summary overview vision perspectives welcome "
    "acknowledgments acknowledgements programcommittee organizingcommittee reviewers listofreviewers copyright "
    "titlepage coverpage announcement announcements calendar calendarofevents newsandviews newsandnotes "
    "notesandnews correspondence currentliterature editorschoice problemsection problemsandsolutions highlights "
    "revieweracknowledgement revieweracknowledgements inbrief vorwort geleitwort titelei inhalt inhaltsverzeichnis "
    "einleitung nachwort avantpropos sommaire prologo presentacion introduccion editoriale prefazione introduzione "
    "введение предисловие отредакции содержание "
    "前言 编者按 卷首语 序 序言 引言 后记 目录 编后记 はじめに まえがき 巻頭言 編集後記"
)
_RECURRING_TITLES = frozenset(fold_title(title) for title in _RECURRING.split())
_RECURRING_PHRASES = re.compile(
    r"\b(?:annual|yearly|quarterly|monthly|biennial|progress|activity|status|conference|workshop|committee|treasurer)"
    r"\W?s? reports?\b|^\W*reports? (?:of|on|from) the .*\b(?:committee|workshop|meeting|conference|society|panel)\b"
    r"|\byearbook\b|\bnewsletter\b|\bannual (?:meeting|review)\b|\bhighlights of (?:this|the) (?:issue|year)\b"
    r"|\b(?:year|month|week) in review\b|\bguest editor|\bspecial (?:issue|section|session)\b"
    r"|\b(?:message|letters?|note|words?) (?:from|to) the (?:\w+ )?(?:editor|chair|president|director)"
    r"|\b(?:president|editor|chair|director)\W{0,2}s?\W? (?:message|letter|note|report|column|address|choice|corner)\b"
    r"|\bmessage from\b|^\W*(?:proceedings|minutes|proceedings and abstracts) of\b"
    r"|\b(?:program(?:me)?|organi[sz]ing) committee\b"
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
