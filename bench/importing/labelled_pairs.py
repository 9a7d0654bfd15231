"""2,000 pairs of records with the label *same work* or *different works*, built from the shared papers.

Labelling rule
--------------
A label comes from what registries say or from how the pair was made, never from the matcher. What the label comes
from is hidden from the matcher: shared arXiv ids and DOIs, and for *different* pairs the entries of registries.

*Same* (1,000):

``arxiv id``
    A registry (ACL Anthology, a conference) gives the paper's arXiv id. One record is the preprint as arXiv has it, the
    title and sometimes the names written in another manner, dated up to 18 months earlier. The other record is the
    registry's without the arXiv id, or a bibliography's in the manner of :mod:`.writing_habits`.
``doi``
    The ACL Anthology gives the DOI. Both records are entries of bibliographies without it, each in a manner of its own.
``abstract``
    A preprint and a record of a conference that have the first author and half of the others in common, by surname,
    and three fifths of the runs of eight words in both abstracts. They are as the sources have them, mostly retitled.

*Different* (1,000):

``two entries``
    Two papers whose titles differ in at most two words and whose abstracts have less than three fifths of their runs of
    eight words in common. One registry has an entry for each of them (ACL Anthology, arXiv, one conference of one
    year), or less than half of the authors and a tenth of the runs are common. What is neither is left out: a
    retitled paper with a new abstract cannot be told by rule.
``made: …``
    A paper and what is not that paper: erratum, reply, another part, another sign, other authors with the same title,
    another edition of a shared task or annual report, the volume with its DOI in both records, a workshop's or a
    journal's version beside the conference's (two works, see docs/reference/sources.md), a recurring title.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from random import Random
from typing import Any
from zlib import crc32

from bench.importing.writing_habits import write_names, write_title, write_venue
from coolpapers.papers.records.record import Record, make_record

N_OF_A_LABEL = 1000
_N_DOI = 330
_MAX_SHARING = 40  # titles without one or two words that are compared with each other
_RUN = 8  # words
_SLIPS_OF_YEAR = 0.03  # entries of bibliographies that have the preprint's year, or are wrong by one
_SAME_ABSTRACT, _OTHER_ABSTRACT = 0.6, 0.1
_WORD = re.compile(r"\w+")

Paper = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LabelledPair:
    """Two records; ``rule`` is the line of the labelling rule above."""

    is_same: bool
    rule: str
    first: Record
    second: Record


def build_pairs(papers: Sequence[Paper], *, seed: int = 13) -> list[LabelledPair]:
    """1,000 pairs of each label, the same in every run."""
    rng = Random(seed)
    papers = [paper for paper in papers if paper.get("authors")]
    near = _near_titles(papers)
    same = list(_by_abstract(_common_abstracts(papers)))
    same += _take(_by_doi(papers, rng), _N_DOI)
    same += _take(_by_arxiv_id(papers, rng), N_OF_A_LABEL - len(same))
    different = _take(_two_entries(near), N_OF_A_LABEL // 2)
    different += _take(_made(papers, rng), N_OF_A_LABEL - len(different))
    return [*same, *different]


def _take(pairs: Iterable[LabelledPair], count: int) -> list[LabelledPair]:
    taken: list[LabelledPair] = []
    for pair in pairs:
        if len(taken) == count:
            break
        taken.append(pair)
    return taken


# ---- same ---------------------------------------------------------------------------------------------


def _by_arxiv_id(papers: Sequence[Paper], rng: Random) -> Iterator[LabelledPair]:
    for paper in _shuffled(papers, rng):
        if paper["source"] == "arxiv" or not paper.get("arxiv_id"):
            continue
        months = rng.randrange(19)
        year, month = divmod(12 * paper["year"] + 5 - months, 12)
        preprint = make_record(
            key=f"arxiv:{year % 100:02d}{month + 1:02d}.{rng.randrange(1, 20000):05d}",
            title=write_title(paper["title"], rng),
            authors=write_names(list(paper["authors"]), rng) if rng.random() < 0.3 else paper["authors"],
            abstract=paper["abstract"] if rng.random() < 0.5 else "",
            submitted=f"{year}-{month + 1:02d}-15",
            categories=["cs.CL"],
        )
        published = _registry_record(paper) if rng.random() < 0.4 else _bibliography_entry(paper, rng)
        yield LabelledPair(True, "arxiv id", preprint, published)


def _by_doi(papers: Sequence[Paper], rng: Random) -> Iterator[LabelledPair]:
    for paper in _shuffled(papers, rng):
        if paper["source"] == "acl" and paper.get("doi") and not paper.get("arxiv_id"):
            yield LabelledPair(True, "doi", _bibliography_entry(paper, rng), _bibliography_entry(paper, rng))


def _by_abstract(pairs: Iterable[tuple[Paper, Paper]]) -> Iterator[LabelledPair]:
    for one, other in pairs:
        if (
            (one["source"] == "arxiv") != (other["source"] == "arxiv")
            and _authors_agree(one, other)
            and _shared_runs(one, other) >= _SAME_ABSTRACT
        ):
            yield LabelledPair(True, "abstract", _registry_record(one), _registry_record(other))


def _authors_agree(one: Paper, other: Paper) -> bool:
    here, there = _surnames(one), _surnames(other)
    return here[0] == there[0] and 2 * len({*here} & {*there}) >= min(len(here), len(there))


# ---- different ----------------------------------------------------------------------------------------


def _two_entries(near: Sequence[tuple[Paper, Paper]]) -> Iterator[LabelledPair]:
    ranked = sorted(near, key=lambda pair: -len({*_surnames(pair[0])} & {*_surnames(pair[1])}))
    for one, other in ranked:
        shared = _shared_runs(one, other)
        is_registered_twice = _registry(one) == _registry(other) and shared < _SAME_ABSTRACT
        names = {*_surnames(one)}, {*_surnames(other)}
        are_others = 2 * len(names[0] & names[1]) < min(map(len, names)) and shared < _OTHER_ABSTRACT
        if is_registered_twice or are_others:
            yield LabelledPair(False, "two entries", _hidden_record(one), _hidden_record(other))


def _made(papers: Sequence[Paper], rng: Random) -> Iterator[LabelledPair]:
    makers = tuple(_MAKERS.items())
    for number, paper in enumerate(_shuffled([p for p in papers if p["source"] != "arxiv"], rng)):
        name, make = makers[number % len(makers)]
        first, second = make(_fields(paper), rng)
        yield LabelledPair(False, f"made: {name}", _entry(first), _entry(second))


Fields = dict[str, Any]
_NOTICES = ("Erratum: {}", "Erratum to: {}", "Corrigendum to “{}”", "{} (Erratum)", "Correction: {}", "Retraction: {}",
            "Publisher Correction: {}", "Addendum to “{}”")  # fmt: skip
_REPLIES = ("Reply to “{}”", "Comment on “{}”", "Response to: {}", "Discussion of “{}”", "Rejoinder: {}",
            "{} - Reply", "Review of {}", "Supplementary Material for {}", "{} (Extended Abstract)")  # fmt: skip
_PARTS = (
    ("{} I", "{} II"), ("{}, Part 1", "{}, Part 2"), ("{} (Part A)", "{} (Part B)"), ("{}: Part One", "{}: Part Two"),
    ("{}. Volume 1", "{}. Volume 2"), ("{}", "{} 2.0"), ("{}", "{}, Revisited"), ("{}, 2nd ed.", "{}, 3rd ed."),
)  # fmt: skip
_SIGNS = (
    ("$W^+$", "$W^-$"), ("C++", "C#"), ("2/3", "23"), ("$e^+$", "$e^-$"), ("x > 0", "x < 0"), ("W⁺", "W⁻"),
    ("1.5", "15"), ("p = 2", "p ≠ 2"), ("A*", "A"), ("$\\alpha$", "$\\beta$"), ("B<sup>+</sup>", "B<sup>−</sup>"),
    ("SU(2)", "SU(3)"), ("$x \\in A$", "$x \\notin A$"), ("n ≤ 3", "n ≥ 3"), ("F#", "F"), ("a + b", "a − b"),
)  # fmt: skip
_RECURRING = (
    "Editorial", "Introduction", "Preface", "Guest Editors' Introduction", "Annual Report of the Society",
    "In this issue", "Message from the Program Chairs", "Book Reviews", "The year in review", "Letter to the editor",
)  # fmt: skip
_STRANGERS = (
    "Ada Example", "Bo Müller", "Chen Wei", "Dana O'Hara", "Eva Sørensen", "Filip Łoś", "Gita Rao", "Hugo de Vries",
)  # fmt: skip


def _notice(fields: Fields, rng: Random) -> tuple[Fields, Fields]:
    return fields, {**fields, "title": rng.choice(_NOTICES).format(fields["title"]), "abstract": ""}


def _reply(fields: Fields, rng: Random) -> tuple[Fields, Fields]:
    return fields, {**fields, "title": rng.choice(_REPLIES).format(fields["title"]), "abstract": ""}


def _parts(fields: Fields, rng: Random) -> tuple[Fields, Fields]:
    here, there = rng.choice(_PARTS)
    return {**fields, "title": here.format(fields["title"])}, {**fields, "title": there.format(fields["title"])}


def _signs(fields: Fields, rng: Random) -> tuple[Fields, Fields]:
    here, there = rng.choice(_SIGNS)
    return {**fields, "title": f"{fields['title']} for {here}"}, {**fields, "title": f"{fields['title']} for {there}"}


def _strangers(fields: Fields, rng: Random) -> tuple[Fields, Fields]:
    others = rng.sample(_STRANGERS, rng.randrange(1, 5))
    return fields, {**fields, "authors": others, "year": fields["year"] + rng.randrange(-1, 2), "abstract": ""}


def _editions(fields: Fields, rng: Random) -> tuple[Fields, Fields]:
    year = fields["year"]
    title = rng.choice(("Overview of the {} shared task on {}", "Annual report {}: {}", "{} in review: {}"))
    topic = " ".join(fields["title"].split()[:5])
    return (
        {**fields, "title": title.format(year, topic)},
        {**fields, "title": title.format(year + 1, topic), "year": year + 1},
    )


def _container(fields: Fields, rng: Random) -> tuple[Fields, Fields]:
    doi = rng.choice(("10.1007/978-3-031-72643-9", "10.18653/v1/2023.acl-long", "10.1145/3534678", "10.52202/068431"))
    volume = {
        **fields,
        "title": f"Proceedings of {fields['venue'] or 'a conference'}",
        "kind": "proceedings",
        "doi": doi,
    }
    return {**fields, "doi": doi}, {**volume, "authors": rng.sample(_STRANGERS, 2), "abstract": ""}


def _versions(fields: Fields, rng: Random) -> tuple[Fields, Fields]:
    """A workshop's or a journal's version beside the conference's, each with a venue, and DOIs where they have them."""
    year = fields["year"]
    other = rng.choice(
        (
            {"venue": "Journal of Machine Learning Research", "year": year + 1, "volume": "7", "kind": "journal"},
            {"venue": f"NeurIPS {year} Workshop on Open Problems", "doi": f"10.1000/ws.{rng.randrange(10**6)}"},
            {
                "venue": "IEEE Transactions on Pattern Analysis and Machine Intelligence",
                "year": year + 1,
                "doi": "10.1109/x.1",
            },
        )
    )
    return {**fields, "doi": fields["doi"] or "10.1000/conf.1", "venue": f"ICML {year}"}, {**fields, "doi": "", **other}


def _recurring(fields: Fields, rng: Random) -> tuple[Fields, Fields]:
    title = rng.choice(_RECURRING)
    here = {
        **fields,
        "title": title,
        "abstract": "",
        "venue": "Journal of Baz",
        "volume": "12",
        "pages": "1-2",
        "doi": "",
    }
    return here, {**here, "volume": "13", "year": fields["year"] + rng.randrange(2), "pages": "101-102"}


_MAKERS: dict[str, Callable[[Fields, Random], tuple[Fields, Fields]]] = {
    "notice": _notice,
    "reply": _reply,
    "part": _parts,
    "sign": _signs,
    "other authors": _strangers,
    "edition": _editions,
    "container": _container,
    "version": _versions,
    "recurring title": _recurring,
}


# ---- records ------------------------------------------------------------------------------------------

_numbers = iter(range(1, 10**9))


def _fields(paper: Paper) -> Fields:
    return {
        "title": paper["title"].strip(),
        "authors": list(paper["authors"]),
        "abstract": paper["abstract"],
        "year": paper["year"],
        "venue": "" if paper["source"] == "arxiv" else paper.get("venue") or "",
        "doi": "",
    }


def _entry(fields: Fields) -> Record:
    return make_record(key=f"x:{next(_numbers)}", source="file", ident=f"x{next(_numbers)}", **fields)


def _registry_record(paper: Paper) -> Record:
    """As the shared papers have it, without the arXiv id where it stands in another registry."""
    arxiv_id = paper.get("arxiv_id", "") if paper["source"] == "arxiv" else ""
    return make_record(
        key=paper["id"],
        page_url=paper.get("url") or "",
        arxiv_id=arxiv_id,
        submitted=paper.get("date") if paper["source"] == "arxiv" else None,
        **{**_fields(paper), "doi": paper.get("doi") or ""},
    )


def _hidden_record(paper: Paper) -> Record:
    """Without id, address and DOI; an arXiv paper is still dated and without a venue."""
    return _entry({**_fields(paper), "submitted": paper.get("date") if paper["source"] == "arxiv" else None})


def _bibliography_entry(paper: Paper, rng: Random) -> Record:
    fields = _fields(paper)
    return _entry(
        {
            **fields,
            "title": write_title(fields["title"], rng),
            "authors": write_names(fields["authors"], rng),
            "venue": write_venue(fields["venue"], rng),
            "year": fields["year"] - (rng.random() < _SLIPS_OF_YEAR),
            "abstract": fields["abstract"] if rng.random() < 0.2 else "",
        }
    )


# ---- near-identical titles ------------------------------------------------------------------------------


def _near_titles(papers: Sequence[Paper]) -> list[tuple[Paper, Paper]]:
    """Papers whose titles differ in at most one word, or in two where they have a surname in common."""
    sharing: dict[str, list[int]] = defaultdict(list)
    for place, paper in enumerate(papers):
        for key in _titles_without_words(paper):
            sharing[key].append(place)
    pairs: set[tuple[int, int]] = set()
    for places in sharing.values():
        if len(places) <= _MAX_SHARING:
            pairs.update(combinations(sorted({*places}), 2))
    return [(papers[one], papers[other]) for one, other in sorted(pairs)]


def _titles_without_words(paper: Paper) -> Iterator[str]:
    words = paper["title"].lower().split()
    if len(words) < 3:
        return
    yield " ".join(words)
    for place in range(len(words)):
        yield " ".join(words[:place] + words[place + 1 :])
    surnames = sorted({_surnames(paper)[0], _surnames(paper)[-1]})
    for here, there in combinations(range(len(words)), 2):
        rest = " ".join(word for place, word in enumerate(words) if place not in (here, there))
        if len(words) > 4:
            yield from (f"{name}|{rest}" for name in surnames)


def _common_abstracts(papers: Sequence[Paper]) -> list[tuple[Paper, Paper]]:
    """Papers with common runs of words, found by one run in 32."""
    sharing: dict[int, list[int]] = defaultdict(list)
    for place, paper in enumerate(papers):
        words = _WORD.findall(paper["abstract"].lower())
        for start in range(len(words) - _RUN + 1):
            number = crc32(" ".join(words[start : start + _RUN]).encode())
            if number % 32 == 0:
                sharing[number].append(place)
    counts: Counter[tuple[int, int]] = Counter()
    for places in sharing.values():
        if 1 < len(places) <= _MAX_SHARING:
            counts.update(combinations(sorted({*places}), 2))
    return [(papers[one], papers[other]) for (one, other), count in sorted(counts.items()) if count > 1]


def _registry(paper: Paper) -> str:
    """The registry whose entries are works of their own: a conference's papers of one year are one."""
    return str(paper["source"] if paper["source"] != "conf" else paper["id"].partition(":")[0])


def _surnames(paper: Paper) -> list[str]:
    return [name.split()[-1].lower() for name in paper["authors"]]


def _shared_runs(one: Paper, other: Paper) -> float:
    here, there = _runs(one["abstract"]), _runs(other["abstract"])
    return len(here & there) / max(min(len(here), len(there)), 1)


def _runs(text: str) -> set[tuple[str, ...]]:
    words = _WORD.findall(text.lower())
    return {tuple(words[place : place + _RUN]) for place in range(len(words) - _RUN + 1)}


def _shuffled(papers: Sequence[Paper], rng: Random) -> list[Paper]:
    return rng.sample(list(papers), len(papers))
