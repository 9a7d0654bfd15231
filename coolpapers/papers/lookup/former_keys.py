"""Keys that a paper was known by elsewhere or before: those of its source records. Start at :func:`surviving_keys`.

A work has the key of the record that it was first met in. Another library, or this one filled anew, may have met
another of its records first, and a paper that was two is one once an administrator has mended it: what readers keep
under the other key is about the same work.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from coolpapers.papers.lookup.selectors import find_papers, papers_by_keys
from coolpapers.papers.models import Paper, PaperSource
from search.vocabulary.identifier_forms import Identifier

_AT_ONCE = 500  # keys in one query


def surviving_keys(keys: Iterable[str]) -> dict[str, str]:
    """For those of the keys that are another paper's record here, that paper's key.

    Left out are keys of papers of this library, and those that it knows nothing of.
    """
    found: dict[str, str] = {}
    for asked in _chunks(list(dict.fromkeys(keys))):
        own = set(Paper.objects.filter(key__in=asked).values_list("key", flat=True))
        rest = [key for key in asked if key not in own]
        if not rest:
            continue
        found |= dict(PaperSource.objects.filter(key__in=rest).values_list("key", "paper__key"))
        parted = {key: key.partition(":") for key in rest if key not in found and ":" in key}
        names = {key: Identifier(source, value) for key, (source, _colon, value) in parted.items()}
        papers = find_papers(list(names.values())) if names else {}
        found |= {key: papers[name.key].key for key, name in names.items() if name.key in papers}
    return found


def papers_by_any_keys(keys: Iterable[str]) -> dict[str, Paper]:
    """Papers by the key asked for, be it theirs or one of their records'; what the library lacks is left out."""
    asked = list(dict.fromkeys(keys))
    papers = papers_by_keys(asked)
    if names := surviving_keys(key for key in asked if key not in papers):
        papers |= papers_by_keys(names.values())
    return {key: papers[name] for key in asked if (name := names.get(key, key)) in papers}


def _chunks(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(keys), _AT_ONCE):
        yield keys[start : start + _AT_ONCE]
