"""What became of a submission, as OpenReview writes it in ``venue`` and ``venueid``. Pure.

``venueid`` is a group of the site and decides where it is there: accepted papers carry the conference's own
(``ICLR.cc/2024/Conference``), others a group below it (``…/Rejected_Submission``). ``venue`` is the line that readers
see: ``ICLR 2024 poster``, ``Submitted to ICLR 2024``, ``Accepted by TMLR``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

REJECTED = "Rejected"
WITHDRAWN = "Withdrawn"
SUBMITTED = "Submitted"  # not decided yet
WORKSHOP = "Workshop"

_GROUPS = (
    (re.compile(r"desk[-_ ]*reject|retracted[-_ ]acceptance", re.IGNORECASE), REJECTED),
    (re.compile(r"withdr[ae]w", re.IGNORECASE), WITHDRAWN),
    (re.compile(r"reject|not[-_ ]accepted|declined", re.IGNORECASE), REJECTED),
    (re.compile(r"/(?:submission|under[-_ ]review|blind[-_ ]submission|active)s?$", re.IGNORECASE), SUBMITTED),
    (re.compile(r"\bsubmitted\b|\bsubmission\b|\bunder review\b|\bpending\b", re.IGNORECASE), SUBMITTED),
)
_WORKSHOP = re.compile(r"/workshops?(?:/|$)|\bworkshops?\b", re.IGNORECASE)
_PRESENTATIONS = (
    (re.compile(r"\boral\b|notable[-_ ]top[-_ ]5\b|top[-_ ]?5%", re.IGNORECASE), "Oral"),
    (re.compile(r"\bspotlight\b|notable[-_ ]top[-_ ]25\b|top[-_ ]?25%", re.IGNORECASE), "Spotlight"),
    (re.compile(r"\bposter\b", re.IGNORECASE), "Poster"),
    (re.compile(r"\btiny[ _]?papers?\b", re.IGNORECASE), "Tiny Paper"),
    (re.compile(r"\bblog[ _]?posts?\b", re.IGNORECASE), "Blogpost"),
    (re.compile(r"\bdatasets? and benchmarks?\b", re.IGNORECASE), "Datasets and Benchmarks"),
    (re.compile(r"\bposition\b", re.IGNORECASE), "Position"),
    (re.compile(r"\bfindings\b", re.IGNORECASE), "Findings"),
)
_VERDICT = re.compile(r"^(?:(?:accepted|published|rejected)\s+(?:by|at|in|to|from)|submitted\s+to)\s+", re.IGNORECASE)
_GROUP = re.compile(r"(?:.*/)?([^/]+)/((?:19|20)\d\d)(?:/|$)")
_WORKSHOP_GROUP = re.compile(r"(?:.*/)?([^/.]+)[^/]*/((?:19|20)\d\d)/Workshops?/", re.IGNORECASE)
_LAST_PRESENTATION = re.compile(r"[ (:-]+(?:oral|poster|spotlight|talk)\)?$", re.IGNORECASE)
_INVITED = re.compile(r"\binvite(?:d)? to (?:the )?", re.IGNORECASE)
# Tracks beside a conference: their papers are not papers of the conference itself.
_SIDE_TRACKS = {"Blogpost": "Blog Posts Track", "Tiny Paper": "Tiny Papers Track"}
# Papers that the site only shows.
_PREPRINT = re.compile(
    r"(?:dblp\.org/journals/corr|openreview\.net/(?:archive|anonymous_preprint)|arxiv\.org)\b|corr\b|arxiv\b",
    re.IGNORECASE,
)
_ACCEPTED = re.compile(r"\baccept", re.IGNORECASE)
_SERIES = re.compile(r"([A-Za-z*][A-Za-z*+&-]*)[ ._/-]*((?:19|20)\d\d)")
_JOURNALS = {"tmlr": "TMLR", "jmlr": "JMLR", "dmlr": "DMLR"}


@dataclass(frozen=True, slots=True)
class Decision:
    """Where a submission went. ``venue`` is series and year, with the workshop's name where it is one; ``track`` one of
    the words above, a presentation such as ``Poster``, or empty.
    """

    venue: str
    track: str = ""
    is_workshop: bool = False
    is_journal: bool = False
    is_preprint: bool = False

    @property
    def is_withdrawn(self) -> bool:
        return self.track == WITHDRAWN


def read_decision(venue: str, venueid: str) -> Decision:
    """Read the two fields, of which either may be empty.

    >>> decision = read_decision("Submitted to ICLR 2024", "ICLR.cc/2024/Conference/Rejected_Submission")
    >>> decision.venue, decision.track
    ('ICLR 2024', 'Rejected')
    """
    venue, venueid = " ".join(venue.split()), venueid.strip()
    if _PREPRINT.match(venueid) or (not venueid and _PREPRINT.match(venue)):
        return Decision("", is_preprint=True)
    journal = _JOURNALS.get(venueid.partition("/")[0].lower()) or _JOURNALS.get(_plain(venue).lower())
    is_workshop = bool(_WORKSHOP.search(venueid) or _WORKSHOP.search(venue))
    track = _track(venue, venueid)
    if journal:
        return Decision(journal, track if track in (REJECTED, WITHDRAWN, SUBMITTED) else "", is_journal=True)
    if is_workshop:
        name = _workshop(venue, venueid)
    elif track in _SIDE_TRACKS:  # its own name can look like a series: ICLR Blogposts 2024
        name = f"{_series('' if _GROUP.match(venueid) else venue, venueid)} {_SIDE_TRACKS[track]}"
    else:
        name = _series(venue, venueid)
    if is_workshop and track not in (REJECTED, WITHDRAWN, SUBMITTED):
        track = WORKSHOP
    return Decision(name, track, is_workshop)


def read_verdict(text: str) -> str | None:
    """The track that a decision's own words say: ``Accept (Poster)``, ``Reject``; None where they decide nothing.

    >>> read_verdict("Accept (Oral)"), read_verdict("Accept"), read_verdict("Invite to Workshop Track")
    ('Oral', '', 'Workshop')
    """
    if _INVITED.search(text) and _WORKSHOP.search(text):
        return WORKSHOP
    for pattern, track in _GROUPS[:3]:
        if pattern.search(text):
            return track
    return _presentation(text) if _ACCEPTED.search(text) else None


def _track(venue: str, venueid: str) -> str:
    for text in (venueid, venue):
        for pattern, track in _GROUPS:
            if pattern.search(text):
                return track
    beside = _presentation(venueid)
    return beside if beside in _SIDE_TRACKS else _presentation(venue)


def _presentation(text: str) -> str:
    return next((track for pattern, track in _PRESENTATIONS if pattern.search(text)), "")


def _workshop(venue: str, venueid: str) -> str:
    """The workshop's name with conference and year: ``ICML 2024 Workshop FM-Wild``, which ``venue`` may shorten."""
    name = _INVITED.sub("", _LAST_PRESENTATION.sub("", _plain(venue)))
    group = _WORKSHOP_GROUP.match(venueid)
    if group is None or re.search(r"(?:19|20)\d\d", name):
        return name
    own = name.removeprefix(group[1]).strip() or venueid.rstrip("/").rpartition("/")[2].replace("_", " ")
    return f"{group[1]} {group[2]} {own}" if _WORKSHOP.search(own) else f"{group[1]} {group[2]} Workshop {own}"


def _series(venue: str, venueid: str) -> str:
    """``ICLR 2024`` of either field."""
    in_venue = _SERIES.search(_plain(venue))
    if in_venue:
        return f"{in_venue[1]} {in_venue[2]}"
    group = _GROUP.match(venueid)  # colmweb.org/COLM/2024/Conference, ICLR.cc/2024/Conference
    return f"{group[1].partition('.')[0]} {group[2]}" if group else _plain(venue)


def _plain(venue: str) -> str:
    return _VERDICT.sub("", venue).strip()
