"""Papers whose citations are easily wrong, chosen by rule."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from coolpapers.papers.citations import describe_work
from coolpapers.papers.citations.work import Kind
from coolpapers.papers.models import Paper
from coolpapers.papers.names.people import PersonName

N_ODD = 5_500
_ODD_TITLE = re.compile(r"[\\$%&#_^~{}<>\"“”«]|--|``|''|[?!.]$|[^\x00-\u024f\u2010-\u2027]|^[a-z]|\w/\w")
_ODD_LETTER = re.compile(r"[^A-Za-z\u00c0-\u017f .'’-]")


def odd_papers(papers: Iterable[Paper]) -> Iterator[Paper]:
    """The first :data:`N_ODD` papers that have one of these.

    A name with a particle, a suffix, an apostrophe, one word only, an organisation or letters beyond Latin Extended-A;
    nobody or more than twenty people; a title with signs of TeX, quotation marks, tags, other scripts, or that begins
    in lower case or ends in a mark; a kind other than conference paper and preprint; no year.
    """
    number = 0
    for paper in papers:
        if number < N_ODD and _is_odd(paper):
            number += 1
            yield paper


def _is_odd(paper: Paper) -> bool:
    work = describe_work(paper)
    return (
        work.kind not in (Kind.CONFERENCE, Kind.PREPRINT)
        or not work.year
        or not 1 <= len(work.authors) <= 20
        or any(map(_is_odd_name, work.authors))
        or _ODD_TITLE.search(work.title) is not None
    )


def _is_odd_name(name: PersonName) -> bool:
    return bool(
        name.suffix
        or name.is_organisation
        or not name.given
        or " " in name.family
        or "'" in name.family
        or "’" in name.family
        or _ODD_LETTER.search(name.natural)
    )
