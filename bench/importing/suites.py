"""The test suites of other projects, each read from its snapshot and counted."""

from __future__ import annotations

import ast
import json
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from bench.importing.snapshots import list_files, read_file
from bench.importing.zotero_items import Rates, compare, fold, read_records
from coolpapers.papers.files.pdftext import read_pdf
from coolpapers.papers.sources.arxiv.authors import read_author_line
from coolpapers.papers.sources.references.identifiers import find_doi
from coolpapers.papers.sources.references.people import split_people
from search.vocabulary.accents import decode_tex_accents

_JABREF_TESTS = "jablib/src/test/java/org/jabref"
_JABREF_PDFS = "jablib/src/test/resources/pdfs/PdfContentImporter"
_JAVA_TEXT = r'"((?:[^"\\]|\\.)*)"'
_JAVA_BLOCK = r'"""\n(.*?)"""'
_AUTHOR = re.compile(rf"new Author\(\s*(null|{_JAVA_TEXT})\s*,\s*(?:null|{_JAVA_TEXT})\s*,\s*(null|{_JAVA_TEXT})\s*,"
                     rf"\s*(null|{_JAVA_TEXT})\s*,\s*(null|{_JAVA_TEXT})\s*\)")  # fmt: skip
_CHINESE = re.compile(r"[\u3400-\u9fff]+")
_DOI_CASE = re.compile(rf"Arguments\.of\({_JAVA_TEXT},\s*(?:new DOI|DOI\.findInText)\({_JAVA_TEXT}\)")
_FULL_DOI = re.compile(r"10\.\d{4,9}/\S+")


def better_bibtex(repository: Path) -> Rates:
    """Its import fixtures: each ``.bib`` with the items it should become in a ``.json`` of the same name."""
    rates = Rates()
    names = set(list_files(repository, "test/fixtures/import"))
    for name in sorted(name for name in names if name.endswith(".bib")):
        wanted = f"{name[:-4]}.json"
        if wanted not in names:
            continue
        try:
            data, items = read_file(repository, name), json.loads(read_file(repository, wanted)).get("items", ())
        except FileNotFoundError:  # snapshots lack their largest files
            continue
        compare(data, items, rates, name=Path(name).stem)
    return rates


def zotero_translator(repository: Path) -> Rates:
    """The tests that stand at the end of Zotero's BibTeX translator."""
    source = read_file(repository, "BibTeX.js").decode()
    text = source.partition("/** BEGIN TEST CASES **/")[2]
    cases = json.loads(text[text.index("[") : text.rindex("]") + 1])
    rates = Rates()
    for number, case in enumerate(cases):
        if case.get("type") != "import":
            continue
        single = Rates()
        compare(case["input"].encode(), case["items"], single, name=f"case {number}")
        rates.wrong += single.wrong
        rates.count("cases", f"case {number}", len(single.wrong), 0)
        wrong = {where for where, *_ in single.wrong}
        for item in case["items"]:
            where = f"case {number}: {item.get('itemID') or item['title'][:60]}"
            rates.count("items", where, where in wrong, False)
    return rates


def jabref_names(repository: Path) -> Rates:
    """JabRef's lists of authors: one case an ``Arguments.of`` with text and ``Author`` objects."""
    source = read_file(repository, f"{_JABREF_TESTS}/logic/importer/AuthorListParserTest.java").decode()
    rates = Rates()
    for block in source.split("Arguments.of(")[1:]:
        block = re.split(r"\n\s*\);|\n\s*@|\n    }", block)[0]
        names = [_java_name(match) for match in _AUTHOR.finditer(block)]
        text = _java_texts(_AUTHOR.sub("", block))
        if names and text:
            found = split_people(decode_tex_accents(text[0]))
            rates.count(
                "names", text[0], [fold(name) for name in found], [fold(decode_tex_accents(name)) for name in names]
            )
    return rates


def jabref_dois(repository: Path) -> Rates:
    """JabRef's full DOIs, alone and inside text; short ones (``10/abc``) name nothing without the resolver."""
    source = read_file(repository, f"{_JABREF_TESTS}/model/entry/identifier/DOITest.java").decode()
    rates = Rates()
    for match in _DOI_CASE.finditer(source):
        wanted, text = (_unescape(group) for group in match.groups())
        plain = wanted.removeprefix("https://doi.org/")
        if _FULL_DOI.fullmatch(plain):
            rates.count("dois", text, find_doi({"doi": text}), unquote(plain).lower())
    return rates


def jabref_pdfs(repository: Path) -> Rates:
    """Eight PDFs with the entries that they should become."""
    bib = next(name for name in list_files(repository, _JABREF_PDFS) if name.endswith(".bib"))
    data = read_file(repository, bib).decode()
    # Typing errors of the file: "andNicole", and a button's text behind a name.
    data = re.sub(r"\band(?=[A-Z][a-z]+ )", "and ", data).replace("Authors Info & Claims", "")
    files = dict(re.findall(r"@\w+\{([^,\s]+),.*?file\s*=\s*\{([^}]+)\}", data, re.DOTALL))
    rates = Rates()
    with tempfile.TemporaryDirectory() as folder:
        for record in read_records(data.encode(), "pdfs.bib"):
            path = Path(folder) / files[record.ident]
            path.write_bytes(read_file(repository, f"{_JABREF_PDFS}/{path.name}"))
            found = read_pdf(path)
            rates.count("titles", path.name, fold(found.title), fold(record.title))
            rates.count(
                "authors", path.name, [fold(name) for name in found.authors], [fold(name) for name in record.authors]
            )
    return rates


def arxiv_lines(repository: Path) -> Rates:
    """Author lines of arXiv's own parser: names in order, and affiliations where it parts them from the names.

    Some lines are tested twice, so each different line counts once, and is right where all its tests are.
    """
    tree = ast.parse(read_file(repository, "arxiv/util/tests/test_authors.py"))
    names: dict[str, list[list[str]]] = {}
    places: dict[str, set[str]] = {}
    for line, function, expected in _author_cases(tree):
        if function == "split_authors":
            names.setdefault(line, []).append([fold(part) for part in expected if _is_person(part)])
        else:
            names.setdefault(line, []).append(
                [fold(f"{given} {family} {suffix}") for family, given, suffix, *_ in expected]
            )
            places[line] = {fold(place) for person in expected for place in person[3:]}
    rates = Rates()
    for line, each_test in names.items():
        found = read_author_line(line)
        read = [fold(name) for name in found.names]
        wrong = next((expected for expected in each_test if expected != read), read)
        rates.count("lines", line[:80], read, wrong)
        if line in places:
            rates.count("affiliations", line[:80], {fold(place) for place in found.affiliations}, places[line])
    return rates


def _author_cases(tree: ast.AST) -> Iterator[tuple[str, str, list[Any]]]:
    """Line, function and result of each ``assertListEqual(parse_author_affil(line), result)``."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or getattr(node.func, "attr", "") != "assertListEqual":
            continue
        call = node.args[0]
        name = getattr(call.func, "id", "") if isinstance(call, ast.Call) else ""
        if isinstance(call, ast.Call) and name in ("parse_author_affil", "split_authors"):
            yield ast.literal_eval(call.args[0]), name, ast.literal_eval(node.args[1])


def _is_person(part: str) -> bool:
    """Of what ``split_authors`` returns, which keeps separators, affiliations and *et al*."""
    return part not in (",", ":", "et al") and not part.startswith("(")


def _java_name(match: re.Match[str]) -> str:
    given, von, last, junior = (match[place] for place in (2, 5, 7, 9))
    if last and given and _CHINESE.fullmatch(last + given):  # natural order is family name first
        return last + given
    return _unescape(" ".join(part for part in (given, von, last, junior) if part))


def _java_texts(block: str) -> list[str]:
    found = re.search(_JAVA_BLOCK, block, re.DOTALL)
    if found:
        return [found[1]]
    return [_unescape(text) for text in re.findall(_JAVA_TEXT, block)]


def _unescape(text: str) -> str:
    return text.replace("\\\\", "\\").replace('\\"', '"').replace("\\n", "\n").replace("\\t", "\t")


SUITES: Mapping[str, Callable[[Path], Rates]] = {
    "better_bibtex": better_bibtex,
    "zotero_translator": zotero_translator,
    "jabref_names": jabref_names,
    "jabref_dois": jabref_dois,
    "jabref_pdfs": jabref_pdfs,
    "arxiv_lines": arxiv_lines,
}
Report = dict[str, Any]
