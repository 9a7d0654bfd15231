"""Quality of the renderer on real texts and on the shared cases, for :mod:`bench.reading.bench_render`.

A document is *bad* if MathJax rejects one of its formulas, if its visible text outside code contains a TeX command or
``\\(``, or if a formula looks like prose (a heuristic: three words in a row outside ``\\text{}`` and similar commands,
or six Chinese characters).
"""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter
from collections.abc import Iterable
from html import unescape
from pathlib import Path
from typing import Any

from bench.search.search_corpus import SHARED, read_jsonl
from coolpapers.reading.markup.markdown import (
    RenderedFormula,
    render_abstract,
    render_markdown,
    render_title,
    rendered_formulas,
)
from tests.coolpapers.reading.markup.golden import read_shared_cases, render
from tests.coolpapers.reading.markup.judge import complaints

ROOT = Path(__file__).resolve().parents[2]
NPM = ROOT / "build" / "npm"
NODE = ROOT / ".venv" / "bin" / "node"
_MATH = re.compile(r'<(span|div) class="math .*?</\1>', re.DOTALL)
_CODE = re.compile(r"<pre>.*?</pre>|<code.*?</code>", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
_RAW_TEX = re.compile(r"\\[A-Za-z]|\\[()\[\]]")
_TEXT_ARGUMENT = re.compile(
    r"\\(?:text\w*|math\w*|mbox|hbox|operatorname|label|tag|begin|end|emph|ref|eqref|bm|boldsymbol|href)\*?"
    r"\s*\{(?:[^{}]|\{[^{}]*\})*\}|\\[A-Za-z]+"
)
_PROSE = re.compile(r"(?:[A-Za-z]{3,} +){2}[A-Za-z]{3,}|[\u4e00-\u9fff]{6,}")


def visible_text(html: str) -> str:
    """The visible text outside formulas and code."""
    return unescape(_TAG.sub("", _CODE.sub("", _MATH.sub("", html))))


def is_prose(tex: str) -> bool:
    """Whether a formula looks like prose."""
    return _PROSE.search(_TEXT_ARGUMENT.sub("", tex)) is not None


def case_rates() -> dict[str, dict[str, float]]:
    """Percentage of shared cases that pass, by category, with the rates of other programs from MATH.md."""
    total, passed = Counter[str](), Counter[str]()
    for category, case in read_shared_cases(SHARED / "math_cases.jsonl"):
        total[category] += 1
        passed[category] += not complaints(case, render(case))
    peers = _peer_rates()
    rates = {name: {"ours": round(100 * passed[name] / total[name], 1), **peers.get(name, {})} for name in total}
    rates["all"] = {"ours": round(100 * passed.total() / total.total(), 1), **peers.get("all", {})}
    return dict(sorted(rates.items()))


def _peer_rates() -> dict[str, dict[str, float]]:
    """The table of section 3 of MATH.md (on all 392 Markdown cases)."""
    text = (SHARED.parent / "docs" / "MATH.md").read_text(encoding="utf-8")
    rows = [
        [cell.strip(" *") for cell in line.strip("|").split("|")]
        for line in text[text.index("| category (n)") :].split("\n\n")[0].splitlines()
    ]
    names = rows[0][2:6]  # the four best programs; before them are the category and the prototype
    return {row[0].split(" ")[0]: dict(zip(names, map(float, row[2:6]), strict=True)) for row in rows[2:]}


def summaries_quality() -> dict[str, Any]:
    """Bad documents among the real summaries, and the formulas that MathJax rejects."""
    documents = [record["markdown"] for record in read_jsonl(SHARED / "summaries.jsonl.gz")]
    pages = [str.__str__(render_markdown(text)) for text in documents]
    formulas = [rendered_formulas(html) for html in pages]
    raw = {number for number, html in enumerate(pages) if _RAW_TEX.search(visible_text(html))}
    prose = {number for number, of_page in enumerate(formulas) if any(is_prose(formula.tex) for formula in of_page)}
    refused, errors = _refused(formulas, documents)
    bad = raw | prose | refused
    return {
        "documents": len(documents),
        "formulas": sum(map(len, formulas)),
        "raw_tex_documents": len(raw),
        "prose_documents": len(prose),
        "refused_documents": len(refused),
        "bad_documents_percent": round(100 * len(bad) / len(documents), 2),
        "bad_without_mathjax_percent": round(100 * len(raw | prose) / len(documents), 2),
        "mathjax": errors,
    }


def abstracts_quality() -> dict[str, Any]:
    """Backslashes in the visible text of titles and abstracts, and their formulas that MathJax rejects."""
    papers = read_jsonl(SHARED / "papers.jsonl.gz")
    n_abstracts, n_with_backslash, formulas = 0, 0, list[list[RenderedFormula]]()
    sources: list[str] = []
    for paper in papers:
        for text, render_text in ((paper.get("abstract"), render_abstract), (paper.get("title"), render_title)):
            if not text:
                continue
            html = str.__str__(render_text(text))
            n_abstracts += render_text is render_abstract
            n_with_backslash += "\\" in visible_text(html)
            of_text = rendered_formulas(html)
            if of_text:
                formulas.append(of_text)
                sources.append(text)
    _, errors = _refused(formulas, sources)
    return {
        "abstracts": n_abstracts,
        "with_backslash": n_with_backslash,
        "one_in": round(n_abstracts / n_with_backslash) if n_with_backslash else None,
        "mathjax": errors,
    }


def _refused(formulas: list[list[RenderedFormula]], sources: list[str]) -> tuple[set[int], dict[str, Any] | None]:
    """Documents with a formula that MathJax rejects, and figures of the formulas; None without MathJax."""
    if not (NPM / "node_modules" / "mathjax").is_dir() or not NODE.exists():
        return set(), None
    different = sorted({formula for of_text in formulas for formula in of_text})
    messages = _mathjax_messages(different)
    errors = {formula for formula, message in zip(different, messages, strict=True) if message}
    documents = {number for number, of_text in enumerate(formulas) if errors.intersection(of_text)}
    occurrences = sum(formula in errors for of_text in formulas for formula in of_text)
    total = sum(map(len, formulas))
    return documents, {
        "formulas": total,
        "different": len(different),
        "refused_per_1000": round(1000 * occurrences / total, 3),
        "different_refused": len(errors),
        "as_written_in_source_percent": _share_as_written(errors, formulas, sources),
        "messages": Counter(_kind(message) for message in messages if message).most_common(8),
    }


def _share_as_written(
    errors: set[RenderedFormula], formulas: list[list[RenderedFormula]], sources: list[str]
) -> float | None:
    """Percentage of the rejected formulas whose TeX is exactly in the source: the author wrote it, not the renderer."""
    written = {
        formula
        for of_text, source in zip(formulas, sources, strict=True)
        for formula in errors.intersection(of_text)
        if " ".join(formula.tex.split()) in " ".join(source.replace("\n>", "\n").split())
    }
    return round(100 * len(written) / len(errors), 1) if errors else None


def _kind(message: str) -> str:
    """The message without names and characters, to count messages of the same kind."""
    return re.sub(r"\\[A-Za-z]+|'[^']*'", "…", message)


def _mathjax_messages(formulas: Iterable[RenderedFormula]) -> list[str | None]:
    lines = "\n".join(json.dumps(formula._asdict()) for formula in formulas)
    completed = subprocess.run(
        [str(NODE), "--no-warnings", "bench/reading/mathjax_errors.mjs", str(NPM)],
        input=lines,
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    return [json.loads(line)["message"] for line in completed.stdout.splitlines()]
