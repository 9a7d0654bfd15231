"""Files that are made to cost time or memory, one or more for each format that the import reads."""

from __future__ import annotations

import json
from collections.abc import Callable

# A file of each kind is made when it is wanted: together they are large.
HostileFile = tuple[str, Callable[[], bytes]]  # alias of its source, content


def _bib(fields: str, *, before: str = "") -> bytes:
    return f"{before}@article{{k, title={{A title}}, author={{Jane Doe}}, {fields}}}\n".encode()


def _doubling_strings() -> bytes:
    lines = ["@string{s0 = {xxxxxxxxxx}}"]
    lines += [f"@string{{s{n} = s{n - 1} # s{n - 1} # s{n - 1} # s{n - 1}}}" for n in range(1, 60)]
    entries = [f"@article{{k{n}, title = {{T{n}}}, abstract = s{n % 60} # s{n % 60}}}" for n in range(300)]
    return "\n".join(lines + entries).encode()


def _crossref_ring(number: int) -> bytes:
    return b"".join(b"@book{k%d, title={T%d}, crossref={k%d}}\n" % (n, n, (n + 1) % number) for n in range(number))


def _xdata_fan(number: int) -> bytes:
    names = ",".join(f"x{n}" for n in range(number))
    shared = "".join(f"@xdata{{x{n}, abstract={{{'y' * 1000}}}}}\n" for n in range(number))
    return (shared + "".join(f"@misc{{p{n}, title={{T{n}}}, xdata={{{names}}}}}\n" for n in range(300))).encode()


def _ris(lines: str) -> bytes:
    return f"TY  - JOUR\r\nTI  - A title\r\n{lines}ER  - \r\n".encode()


def _csl(fields: str) -> bytes:
    return f'[{{"type": "article-journal", "id": "a", "title": "A title", {fields}}}]'.encode()


def _endnote_xml(inner: str, *, before: str = "") -> bytes:
    ref_type = '<ref-type name="Journal Article">17</ref-type>'
    record = f"<record>{ref_type}<titles><title>T</title></titles>{inner}</record>"
    return f'<?xml version="1.0"?>{before}<xml><records>{record}</records></xml>'.encode()


def _entities(root: str) -> str:
    """Billion laughs: entities of entities."""
    lines = ['<!ENTITY a0 "ha">'] + [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12)]
    return f"<!DOCTYPE {root} [{''.join(lines)}]>"


def _acl(inner: str, *, before: str = "") -> bytes:
    paper = f"<paper id='1'><title>T</title>{inner}</paper>"
    return (
        f"<?xml version='1.0'?>{before}<collection id='2020.acl'><volume id='1'><meta><booktitle>B</booktitle></meta>"
        f"{paper}</volume></collection>"
    ).encode()


def _oai(inner: str, *, before: str = "") -> bytes:
    return (
        f"<?xml version='1.0'?>{before}<OAI-PMH xmlns='http://www.openarchives.org/OAI/2.0/'><ListRecords><record>"
        "<header><identifier>oai:arXiv.org:2001.00001</identifier></header><metadata>"
        "<arXiv xmlns='http://arxiv.org/OAI/arXiv/'><id>2001.00001</id><title>T</title>"
        f"{inner}</arXiv></metadata></record></ListRecords></OAI-PMH>"
    ).encode()


def _atom(inner: str, *, before: str = "") -> bytes:
    return (
        f"<?xml version='1.0'?>{before}<feed xmlns='http://www.w3.org/2005/Atom'><entry>"
        f"<id>http://arxiv.org/abs/2001.00001v1</id><title>T</title>{inner}</entry></feed>"
    ).encode()


def _deep(open_: str, close: str, depth: int) -> str:
    return open_ * depth + close * depth


def _arxiv_json(**fields: object) -> bytes:
    return json.dumps({"id": "2001.00001", "title": "T", "authors_parsed": [], **fields}).encode() + b"\n"


def _jsonl(**fields: object) -> bytes:
    return json.dumps({"id": "x:1", "title": "A title", **fields}).encode() + b"\n"


HOSTILE_FILES: dict[str, HostileFile] = {
    "bibtex strings that double": ("bibtex", _doubling_strings),
    "bibtex nested braces": ("bibtex", lambda: _bib(f"abstract={{{_deep('{', '}', 1_000_000)}}}")),
    "bibtex braces that never close": ("bibtex", lambda: b"@article{k, title={" * 400_000),
    "bibtex quotes that never close": ("bibtex", lambda: b'@article{k, title="' * 400_000),
    "bibtex newlines": ("bibtex", lambda: _bib("abstract={x}", before="\n" * 8_000_000)),
    "bibtex newlines in a title": ("bibtex", lambda: b"@misc{k, title={A" + b"\n" * 8_000_000 + b"B}}"),
    "bibtex at signs": ("bibtex", lambda: b"@" * 4_000_000),
    "bibtex a million authors": (
        "bibtex",
        lambda: b"@misc{k, title={T}, author={" + b"Jane Doe and " * 1_000_000 + b"J. Roe}}",
    ),
    "bibtex names with commas": ("bibtex", lambda: b"@misc{k, title={T}, author={" + b"Doe, " * 1_000_000 + b"J}}"),
    "bibtex a ring of crossref": ("bibtex", lambda: _crossref_ring(20_000)),
    "bibtex a fan of xdata": ("bibtex", lambda: _xdata_fan(300)),
    "bibtex accents": ("bibtex", lambda: b"@misc{k, title={T}, abstract={" + rb"\'{\^{\"{" * 400_000 + b"}}"),
    "bibtex dollars": ("bibtex", lambda: b"@misc{k, title={T}, abstract={" + b"$\\(" * 700_000 + b"}}"),
    "bibtex entities": ("bibtex", lambda: b"@misc{k, title={T}, abstract={" + b"&amp;amp;" * 500_000 + b"}}"),
    "bibtex markup": ("bibtex", lambda: b"@misc{k, title={T}, abstract={" + b"<i><b><sub>" * 300_000 + b"}}"),
    "bibtex many keyless entries": ("bibtex", lambda: b"@misc{, title={T}}\n" * 20_000),
    "bibtex concatenations": ("bibtex", lambda: b'@misc{k, title={T}, note="a"' + b' # "a"' * 600_000 + b"}"),
    "bibtex commands with two arguments": (
        "bibtex",
        lambda: b"@misc{k, title={T}, abstract={" + rb"\href{" * 400_000 + b"}" * 400_001 + b"}",
    ),
    "bibtex options of commands": ("bibtex", lambda: b"@misc{k, title={T}, abstract={" + rb"\a[" * 700_000 + b"}}"),
    "bibtex marks of names": (
        "bibtex",
        lambda: b"@misc{k, title={T}, author={" + rb"J\textsuperscript{$^{a,b}$} " * 100_000 + b"}}",
    ),
    "bibtex paragraphs": ("bibtex", lambda: b"@misc{k, title={T}, abstract={" + b"x\n \n" * 400_000 + b"}}"),
    "bibtex comments": ("bibtex", lambda: b"@comment{" * 400_000),
    "bibtex printed backslashes": (
        "bibtex", lambda: b"@misc{k, title={T}, doi={" + rb"\textless" * 300_000 + b"}, note={10.}}"
    ),
    "ris a line of people": ("ris", lambda: _ris("AU  - " + "Doe J, " * 400_000 + "\r\n")),
    "ris people between signs": ("ris", lambda: _ris("AU  - " + "a;，" * 900_000 + "\r\n")),
    "csl affiliations": (
        "csl-json",
        lambda: _csl('"author": [{"family": "D", "affiliation": [' + '{"name": "x"},' * 400_000 + '{"name": "y"}]}]'),
    ),
    "csl keywords": ("csl-json", lambda: _csl('"keyword": [' + '"a, b",' * 600_000 + '"c"]')),
    "nbib brackets": ("nbib", lambda: b"PMID- 1\nTI  - " + b"[" * 3_000_000 + b"\nAB  - x\n"),
    "ris one long value": ("ris", lambda: _ris("AB  - " + "x" * 8_000_000 + "\r\n")),
    "ris continuation lines": ("ris", lambda: _ris("AB  - x\r\n" + "y\r\n" * 2_000_000)),
    "ris authors": ("ris", lambda: _ris("AU  - Doe, Jane\r\n" * 400_000)),
    "ris records without an end": ("ris", lambda: b"TY  - JOUR\r\n" * 100_000),
    "ris blank lines": ("ris", lambda: b"\r\n" * 4_000_000 + _ris("")),
    "csl deep nesting": ("csl-json", lambda: _csl(f'"x": {_deep("[", "]", 2_000_000)}')),
    "csl deep objects": ("csl-json", lambda: b'[{"type": "book", "title": ' * 400_000),
    "csl authors": ("csl-json", lambda: _csl('"author": [' + '{"family": "Doe"},' * 500_000 + '{"family": "Roe"}]')),
    "csl strings that never end": ("csl-json", lambda: b'[{"type": "book", "title": "' + b"\\" * 8_000_000),
    "csl a long title": ("csl-json", lambda: b'[{"type": "book", "title": "' + b"x " * 4_000_000 + b'"}]'),
    "endnote continuation lines": ("endnote", lambda: b"%0 Book\n%T T\n%X x\n" + b"y\n" * 3_000_000),
    "endnote authors": ("endnote", lambda: b"%0 Book\n%T T\n" + b"%A Doe, Jane\n" * 400_000),
    "endnote-xml entities": (
        "endnote-xml",
        lambda: _endnote_xml("<abstract>&a11;</abstract>", before=_entities("xml")),
    ),
    "endnote-xml external entity": (
        "endnote-xml",
        lambda: _endnote_xml("<abstract>&a;</abstract>", before='<!DOCTYPE xml [<!ENTITY a SYSTEM "file:///dev/zero">]>'),
    ),
    "endnote-xml deep elements": ("endnote-xml", lambda: _endnote_xml(_deep("<style>", "</style>", 500_000))),
    "endnote-xml authors": (
        "endnote-xml",
        lambda: _endnote_xml("<contributors><authors>" + "<author>D</author>" * 300_000 + "</authors></contributors>"),
    ),
    "nbib continuation lines": ("nbib", lambda: b"PMID- 1\nTI  - T\nAB  - x\n" + b"      y\n" * 900_000),
    "nbib authors": ("nbib", lambda: b"PMID- 1\nTI  - T\n" + b"FAU - Doe, Jane\nAU  - Doe J\n" * 250_000),
    "acl-xml breaks": ("acl-xml", lambda: _acl(f"<abstract>{'x<br/>' * 400_000}</abstract>")),
    "acl-xml entities": ("acl-xml", lambda: _acl("<abstract>&a11;</abstract>", before=_entities("collection"))),
    "acl-xml deep elements": ("acl-xml", lambda: _acl(f"<abstract>{_deep('<b>', '</b>', 500_000)}</abstract>")),
    "acl-xml authors": ("acl-xml", lambda: _acl("<author><first>J</first><last>D</last></author>" * 200_000)),
    "acl-xml revisions": ("acl-xml", lambda: _acl("<revision id='2' href='x'>y</revision>" * 200_000)),
    "arxiv-oai entities": ("arxiv-oai", lambda: _oai("<abstract>&a11;</abstract>", before=_entities("OAI-PMH"))),
    "arxiv-oai authors": (
        "arxiv-oai",
        lambda: _oai("<authors>" + "<author><keyname>D</keyname></author>" * 200_000 + "</authors>"),
    ),
    "arxiv-atom entities": ("arxiv-atom", lambda: _atom("<summary>&a11;</summary>", before=_entities("feed"))),
    "arxiv-atom deep elements": ("arxiv-atom", lambda: _atom(_deep("<x>", "</x>", 500_000))),
    "arxiv-json author line": (
        "arxiv-json",
        lambda: json.dumps({"id": "2001.00001", "title": "T", "authors": "J. Doe (" * 400_000}).encode() + b"\n",
    ),
    "arxiv-json collaborations": (
        "arxiv-json", lambda: _arxiv_json(authors="A, (for the B Collaboration and Collaborations " * 60_000)
    ),
    "jsonl names in the order of an index": ("jsonl", lambda: _jsonl(authors=["de la Doe, Jane J."] * 300_000)),
    "conference-json replies": (
        "conference-json",
        lambda: json.dumps(
            [{"title": "T", "id": "a", "forum": "a", "invitation": "A/-/" + "a_" * 100_000, "details": {
                "replies": [{"invitation": "A/-/" + "a_" * 20, "content": {"decision": "x"}}] * 50_000}}]
        ).encode(),
    ),
    "jsonl deep nesting": (
        "jsonl",
        lambda: b'{"id": "x:1", "title": "T", "y": ' + _deep("[", "]", 2_000_000).encode() + b"}\n",
    ),
    "jsonl a long abstract": ("jsonl", lambda: _jsonl(abstract="$\\alpha " * 1_000_000)),
    "jsonl opening signs": ("jsonl", lambda: _jsonl(abstract="\\(\\[$<i>&lt;" * 9_000)),
    "jsonl authors": ("jsonl", lambda: _jsonl(authors=["Jane Doe and R. Roe"] * 300_000)),
    "jsonl keywords": ("jsonl", lambda: _jsonl(keywords=["x" * 100] * 100_000)),
    "jsonl mojibake": ("jsonl", lambda: _jsonl(abstract="Ã¤Ã¶â€œ" * 12_000)),
    "conference-json deep nesting": (
        "conference-json", lambda: b'[{"title": "T", "content": ' + _deep("[", "]", 2_000_000).encode() + b"}]"
    ),
}  # fmt: skip
