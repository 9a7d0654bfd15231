"""Papers whose texts try to act when LaTeX sets their bibliography. Each attack leaves a mark where it succeeds.

Marks are the file ``MARK`` beside the document, and the word of ``secret.tex`` in its text.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from coolpapers.papers.models import Paper, Venue

MARK = "MARK"
SECRET = "S3CRETWORD"
ATTACKS = (
    r"\input{secret}",
    r"\input secret ",
    r"\include{secret}",
    r"\InputIfFileExists{secret.tex}{}{}",
    r"\openin5=secret.tex \read5 to\x \x",
    r"\immediate\write18{touch MARK}",
    r"\write18{touch MARK}",
    r"\immediate\openout5=MARK \immediate\write5{x}\immediate\closeout5",
    r"\newwrite\w\immediate\openout\w=MARK\immediate\closeout\w",
    r"\directlua{os.execute('touch MARK')}",
    r"\catcode`\@=0 @input{secret}",
    r"\catcode64=0 @immediate@write18{touch MARK}",
    r"\csname input\endcsname{secret}",
    r"\expandafter\csname inp\string ut\endcsname secret",
    r"\def\x{\x\x}\x",
    r"\def\x#1{#1#1}\x{\input{secret}}",
    r"\let\a\input \a{secret}",
    r"\loop\iftrue\repeat",
    r"\newcommand{\ours}{\input{secret}}\ours",
    r"^^5cinput{secret}",
    r"^^5c^^69nput{secret}",
    r"\^^69nput{secret}",
    r"\begin{filecontents}{MARK}x\end{filecontents}",
    r"\end{thebibliography}\input{secret}\begin{thebibliography}{9}",
    r"\end{document}",
    r"\lowercase{\expandafter\input}secret",
    r"\uppercase{\input{secret}}",
    r"\scantokens{\input{secret}}",
    r"\url{\input{secret}}",
    r"\emph{\input{secret}}",
    r"\footnote{\input{secret}}",
    r"\ensuremath{\input{secret}}",
    r"\mbox{\immediate\write18{touch MARK}}",
    r"\protect\input{secret}",
    r"\verb|x| \input{secret}",
    r"\lstinputlisting{secret}",
    r"\includegraphics{secret}",
    r"\bibliography{secret}",
    r"\usepackage{secret}",
    r"\special{ps: x}\pdfobj{x}",
    r"\jobname \meaning\input \the\everypar",
    r"\@@input secret ",
    r"\makeatletter\@@input secret ",
    r"\everypar{\input{secret}}",
    r"\output={\input{secret}}",
    r"\char92 input{secret}",
    r"\string\input{secret}",
    r"\global\let\title\input",
    r"\errmessage{stop}\batchmode",
    r"\noexpand\input{secret}",
    r"\aftergroup\input secret ",
    r"\afterassignment\input\count1=1 secret ",
    "%\n\\input{secret}",
    "\\input\t{secret}",
    "\\inp\u200but{secret}",
    "}, note = {\\input{secret}",
    "}\n}\n@preamble{\"\\input{secret}\"}\n@misc{x, title={",
    '" # "\\input{secret}',
    "}}\\input{secret}{{",
    "{{{{",
    "}}}}",
    "\\",
    "$",
    "$$",
    "\\(",
    "#1 & ^ _ ~ %",
    "\\verb",
    "\\begin{verbatim}",
)  # fmt: skip
FRAMES = (
    "{}",
    "A study of {} and more",
    "${}$",
    "$x {} y$",
    "$$ {} $$",
    "\\({}\\)",
    "\\[ {} \\]",
    "\\emph{{{}}}",
    "{{{}}}",
    "$\\text{{{}}}$",
    "$\\mathrm{{{}}}$",
    "cost of $5 {} and $10",
    "\\textbf{{a $b {} c$ d}}",
    "\\begin{{equation}} {} \\end{{equation}}",
    "x^{{{}}}",
)
FIELDS = (
    "title", "authors", "venue_text", "journal_ref", "publisher", "comment", "volume", "issue", "pages", "editors",
    "doi", "page_url", "report_numbers",
)  # fmt: skip


def hostile_papers(number: int, *, seed: int = 13) -> Iterator[Paper]:
    """Papers with an attack in one, several or all of their fields; the same ones for the same seed."""
    rng = random.Random(seed)
    for place in range(number):
        attack = ATTACKS[place % len(ATTACKS)]
        others = [rng.choice(ATTACKS) for _ in range(2)]
        n_fields = rng.choice((1, 1, 2, len(FIELDS)))
        texts = {name: rng.choice(FRAMES).format(attack) for name in rng.sample(FIELDS, n_fields)}
        if place % 3 == 0:
            texts["title"] = " ".join(rng.choice(FRAMES).format(text) for text in (attack, *others))
        yield _paper(place, texts, kind=rng.choice(("", "journal", "conference", "book", "report", "preprint")))


def _paper(place: int, texts: dict[str, str], *, kind: str) -> Paper:
    values: dict[str, Any] = {
        "key": f"hostile:{place}",
        "title": "A harmless title",
        "authors": ["Ada Lovelace"],
        "year": 1970 + place % 50,  # plainnat has 26 letters for the works of a person in a year
        "kind": kind,
        "arxiv_id": f"2001.{place:05d}" if kind == "preprint" else "",
        **texts,
    }
    for name in ("authors", "editors", "report_numbers"):
        if isinstance(values.get(name), str):
            values[name] = [values[name], "Richard Roe"]
    venue = (
        Venue(slug="Odd", name=values.get("venue_text", "Odd Things")) if kind in ("journal", "conference") else None
    )
    return Paper(**values, venue=venue)
