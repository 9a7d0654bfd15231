"""What a source calls a venue, read as a series, a year and a track. Pure; the series are data in ``venues.toml``.

Start at :func:`parse_venue`.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path

# Volumes of ACL Anthology ids and words of proceedings titles → the track they hold.
_VOLUME_TRACKS = {
    "long": "Long",
    "short": "Short",
    "main": "Main",
    "industry": "Industry",
    "demo": "Demo",
    "demos": "Demo",
    "srw": "Student Workshop",
    "tutorials": "Tutorial",
    "tutorial": "Tutorial",
}
_TITLE_TRACKS = (
    ("findings of", "Findings"),
    ("student research workshop", "Student Workshop"),
    ("demonstration", "Demo"),
    ("tutorial", "Tutorial"),
    ("industry", "Industry"),
    ("long papers", "Long"),
    ("short papers", "Short"),
)
# What conferences call a decision → our one word for it; others keep theirs, capitalised.
_STATUS_TRACKS = {
    "accept": "",
    "accepted": "",
    "system demonstrations": "Demo",
    "demonstrations": "Demo",
    "reject": "Rejected",
    "desk reject": "Rejected",
    "withdraw": "Withdrawn",
    "withdrawn submission": "Withdrawn",
    "notable-top-5%": "Oral",
    "notable-top-25%": "Spotlight",
    "student research workshop": "Student Workshop",
}
_MAX_SLUG = 60  # Venue.slug

_SHORT = re.compile(r"(?P<name>[A-Za-z*][A-Za-z*+&/-]{1,24})[ .'’-]*(?P<year>(?:19|20)\d\d)(?P<rest>\b.*)?")
_SHORT_EVENT = re.compile(r"(?P<name>[\w*][\w*+&/-]{1,40}(?: [\w*+&/-]{1,40})?) (?P<year>(?:19|20)\d\d)")
_YEAR = re.compile(r"\b((?:19|20)\d\d)\b")
_LAST_YEAR = re.compile(r"[ ,]+(?:19|20)\d\d$")  # a journal's volume: "Annals of Mathematics 2015"
_NEW_ACL = re.compile(r"(?P<year>\d{4})\.(?P<event>[a-z0-9_]+)-(?P<volume>[a-z0-9_]+)\.")
_OLD_ACL = re.compile(r"(?P<letter>[A-Z])\d\d-")
_ACRONYM = re.compile(
    r"\(\s*(?:the\s+)?([A-Z*][A-Za-z0-9*]*?(?:[-/][A-Za-z]+)?)(?:[\s@'’-]*(?:19|20)\d\d|[\s@'’-]+\d{1,2})?\s*\)"
)
_CONFERENCE_WORDS = re.compile(
    r"\b(?:conference|workshops?|symposium|proceedings|meeting|congress|lecture notes|tutorials?)\b", re.IGNORECASE
)
# "Proceedings of the National Academy of Sciences" is a journal, "Proceedings of the 2nd Conference …" is none.
_SOCIETY_PROCEEDINGS = re.compile(
    r"(?:mathematical )?proceedings of the (?:\w+ )?"
    r"(?:national academy|royal society|(?:american|london|edinburgh|cambridge) (?:\w+ )?society|ieee$|"
    r"japan academy|physical society)",
    re.IGNORECASE,
)
_JOURNAL_WORDS = re.compile(
    r"\b(?:journal|journals|zeitschrift|revue|rivista|revista|transactions|annals|annales|annalen|letters?|reviews?|magazine|"
    r"bulletin|quarterly|acta|archives?|communications (?:of|in|on)|foundations and trends|advances in (?!neural)|"
    r"frontiers (?:in|of)|reports on progress|notices of|surveys|studies in|nature|physica|physical review|plos|"
    r"mathematische|comptes rendus|j)\b",
    re.IGNORECASE,
)
_PREAMBLE = re.compile(
    r"^(?:(?:proceedings|actes|companion volume|companion) (?:of|de|du|for) (?:the |la |les )?)?"
    r"(?:\d{4} )?(?:\d+(?:st|nd|rd|th)|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|"
    r"twelfth|thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth)? ?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class VenueReading:
    """Slug and name of the series, the year it names (None where it names none) and the track, all maybe empty."""

    slug: str = ""
    name: str = ""
    year: int | None = None
    track: str = ""


@dataclass(frozen=True, slots=True)
class _Catalogue:
    names: dict[str, str]  # slug → name
    slugs: dict[str, str]  # lower-case alias → slug
    phrases: list[tuple[str, str]]  # lower-case phrase → slug, in the file's order
    acl: dict[str, str]  # event code or old letter → slug
    journals: set[str]  # slugs


@lru_cache(maxsize=8192)
def parse_venue(text: str, *, acl_id: str = "") -> VenueReading:
    """Read a venue as a source wrote it.

    ``acl_id`` is the paper's id in the ACL Anthology, which says event and volume better than a title does.
    Preprint servers are no venue. Text that names no series of ``venues.toml`` becomes a series of its own.

    >>> parse_venue("NIPS 2012")
    VenueReading(slug='NeurIPS', name='Conference on Neural Information Processing Systems', year=2012, track='')
    """
    text = " ".join(text.split())
    reading = _read_title(text)
    if acl_id:
        reading = _read_acl_id(acl_id, text, reading)
    return reading


def with_event(reading: VenueReading, event: str) -> VenueReading:
    """The reading of a proceedings' title with the series that the conference's short name tells: ``AMTA 2014``.

    Where that is no short name the reading stays.
    """
    short = _SHORT_EVENT.fullmatch(" ".join(event.split()))
    if short is None:
        return reading
    catalogue = _catalogue()
    name = short["name"].lower()
    slug = catalogue.slugs.get(name) or catalogue.slugs.get(name.replace(" ", "-"), "")
    if not slug and " " in name:
        return reading
    slug = slug or _slugify(short["name"])
    if slug == reading.slug:
        return replace(reading, year=int(short["year"]))
    return replace(reading, slug=slug, name=catalogue.names.get(slug) or reading.name, year=int(short["year"]))


def is_journal(slug: str, text: str = "") -> bool:
    """Whether a series is a journal: by its entry in ``venues.toml``, else by the words of its name.

    ``text`` is the series' name, or the venue as a source wrote it.

    >>> is_journal("JMLR"), is_journal("ICLR"), is_journal("", "Annals of Physics"), is_journal("", "Annals Workshop")
    (True, False, True, False)
    """
    catalogue = _catalogue()
    if slug in catalogue.names:
        return slug in catalogue.journals
    if _CONFERENCE_WORDS.search(text) and not _SOCIETY_PROCEEDINGS.match(text):
        return False
    return bool(_JOURNAL_WORDS.search(text) or _SOCIETY_PROCEEDINGS.match(text))


def series_name(slug: str) -> str:
    """The full name of a series of ``venues.toml``; "" for any other."""
    return _catalogue().names.get(slug, "")


def venue_label(slug: str, name: str = "") -> str:
    """The text that pages show for a series: its acronym, or its name where the slug is only the name with hyphens.

    ``name`` is the name of the series, if known. A name that was too long for the slug is cut where the slug ends.

    >>> venue_label("W-NUT"), venue_label("Phys-Rev-D", "Phys. Rev. D"), venue_label("Annals-of-Statistics")
    ('W-NUT', 'Phys. Rev. D', 'Annals of Statistics')
    """
    parts = slug.split("-")
    if len(parts) == 1:
        return slug
    title = " ".join(_YEAR.sub("", name).split()).strip(" ,;:-")
    words = list(re.finditer(r"\w+", title.replace("_", " ")))
    if [word.group().casefold() for word in words[: len(parts)]] == [part.casefold() for part in parts]:
        return title if len(words) == len(parts) else f"{title[: words[len(parts) - 1].end()]} …"
    is_acronym = not any(part[-1:].islower() for part in parts)
    return slug if is_acronym else " ".join(parts)


def parse_track(status: str) -> str:
    """A decision or presentation type in our words: ``poster`` → ``Poster``, ``Withdraw`` → ``Withdrawn``."""
    status = " ".join(status.split())[:_MAX_SLUG]
    known = _STATUS_TRACKS.get(status.lower())
    if known is not None:
        return known
    return status[:1].upper() + status[1:]


def _read_title(text: str) -> VenueReading:
    lowered = text.lower()
    if not text or lowered.startswith(("arxiv", "corr", "biorxiv", "medrxiv", "preprint")):
        return VenueReading()
    found_years = _YEAR.findall(text)
    year = int(found_years[0]) if found_years else None
    catalogue = _catalogue()
    series = _LAST_YEAR.sub("", text)
    slug = catalogue.slugs.get(lowered) or catalogue.slugs.get(series.lower(), "")
    if not slug and (short := _SHORT.fullmatch(text)):
        return _read_short(short)
    track = next((track for phrase, track in _TITLE_TRACKS if phrase in lowered), "")
    if not slug and track == "Findings":
        slug = _findings_series(lowered, catalogue)
    if not slug and (track == "Student Workshop" or "workshop" not in lowered or "semantic evaluation" in lowered):
        slug = next((slug for phrase, slug in catalogue.phrases if phrase in lowered), "")
    if slug:
        return VenueReading(slug, catalogue.names[slug], year, track)
    return VenueReading(_slug_of_title(text), _plain_name(series), year, track)


def _read_short(short: re.Match[str]) -> VenueReading:
    """``ICLR 2025``, ``ICLR 2021 submission``, ``ICML 2024 Workshop FM-Wild``."""
    catalogue = _catalogue()
    name, year, rest = short["name"], int(short["year"]), (short["rest"] or "").strip()
    slug = catalogue.slugs.get(name.lower()) or _slugify(name)
    track = "Workshop" if "workshop" in rest.lower() else parse_track(rest) if rest.isalpha() else ""
    return VenueReading(slug, catalogue.names.get(slug, name), year, track)


def _read_acl_id(acl_id: str, text: str, reading: VenueReading) -> VenueReading:
    catalogue = _catalogue()
    if match := _NEW_ACL.match(acl_id):
        event, volume = match["event"], match["volume"]
        if event == "findings":
            event, track = volume, "Findings"
        else:
            track = _VOLUME_TRACKS.get(volume, reading.track)
        reading = replace(reading, year=int(match["year"]), track=track)
        slug = catalogue.acl.get(event)
        if reading.slug == "LREC-COLING":
            return reading
        if slug:
            return replace(reading, slug=slug, name=catalogue.names[slug])
        acronym = _ACRONYM.search(text)
        named = acronym[1] if acronym and acronym[1].lower() == event else ""
        fallback = event.upper() if len(event) <= 6 else event
        return replace(reading, slug=_slugify(named or fallback), name=_plain_name(text) or fallback)
    if (match := _OLD_ACL.match(acl_id)) and "workshop" not in text.lower():
        slug = catalogue.acl.get(match["letter"])
        if slug and (not reading.slug or reading.slug not in catalogue.names):
            return replace(reading, slug=slug, name=catalogue.names[slug])
    return reading


def _findings_series(lowered: str, catalogue: _Catalogue) -> str:
    """``findings of the association for computational linguistics: emnlp 2023`` → EMNLP."""
    words = re.findall(r"[a-z-]+", lowered.partition(":")[2])
    return next((catalogue.slugs[word] for word in words if word in catalogue.slugs), "ACL")


def _plain_name(text: str) -> str:
    return _PREAMBLE.sub("", text).strip()[:200]


def _slug_of_title(text: str) -> str:
    acronym = _ACRONYM.search(text)
    if acronym and _is_acronym(acronym, text):
        return _catalogue().slugs.get(acronym[1].lower()) or _slugify(acronym[1])
    return _slugify(_YEAR.sub("", _plain_name(text)))


def _is_acronym(match: re.Match[str], text: str) -> bool:
    """Whether it names a conference, as (Interspeech) does, or has capitals: *Nature (London)* has neither."""
    is_event = bool(_CONFERENCE_WORDS.search(text)) or match.group().strip("() ") != match[1]
    return is_event or sum(char.isupper() for char in match[1]) > 1 or match[1].lower() in _catalogue().slugs


def _slugify(text: str) -> str:
    """Letters (of any script) and digits joined by hyphens, cut at a word."""
    slug = "-".join(re.findall(r"\w+", text.replace("_", " ")))
    return slug if len(slug) <= _MAX_SLUG else slug[:_MAX_SLUG].rpartition("-")[0] or slug[:_MAX_SLUG]


@cache
def _catalogue() -> _Catalogue:
    entries = tomllib.loads((Path(__file__).parent / "venues.toml").read_text(encoding="utf-8"))["venue"]
    catalogue = _Catalogue({}, {}, [], {}, set())
    for entry in entries:
        slug = entry["slug"]
        catalogue.names[slug] = entry["name"]
        catalogue.slugs.update((name.lower(), slug) for name in (slug, *entry.get("aliases", ())))
        catalogue.phrases.extend((phrase, slug) for phrase in entry.get("phrases", ()))
        catalogue.acl.update((code, slug) for code in entry.get("acl", ()))
        if entry.get("kind") == "journal":
            catalogue.journals.add(slug)
    return catalogue
