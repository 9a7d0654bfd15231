"""Quality of the renderer on real texts and on the shared cases, for :mod:`bench.reading.bench_render`.

A document is *bad* if MathJax rejects one of its formulas or if it has a fault of :mod:`bench.reading.faults`.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bench.reading.faults import faults, lost_operators, visible_text
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
EXAMPLES = 10


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
    """Bad documents among the real summaries by kind of fault, and the formulas that MathJax rejects."""
    documents = [record["markdown"] for record in read_jsonl(SHARED / "summaries.jsonl.gz")]
    pages = [str.__str__(render_markdown(text)) for text in documents]
    formulas = [rendered_formulas(html) for html in pages]
    report = FaultReport()
    for number, html in enumerate(pages):
        report.add(str(number), faults(html))
    visible = report.documents.copy()
    refused, errors = _refused(formulas, documents)
    for number, message in refused.items():
        report.add(str(number), {"refused": message})
    return {
        "documents": len(documents),
        "formulas": sum(map(len, formulas)),
        **report.as_json(),
        "bad_documents_percent": round(100 * len(report.documents) / len(documents), 2),
        "bad_without_mathjax_percent": round(100 * len(visible) / len(documents), 2),
        "mathjax": errors,
    }


def abstracts_quality() -> dict[str, Any]:
    """Titles and abstracts by kind of fault, operators that their HTML lost, and the formulas that MathJax rejects."""
    n_abstracts, n_with_backslash, formulas = 0, 0, list[list[RenderedFormula]]()
    sources: list[str] = []
    names: list[str] = []
    report = FaultReport()
    for paper in read_jsonl(SHARED / "papers.jsonl.gz"):
        for field, render_text in (("abstract", render_abstract), ("title", render_title)):
            text = paper.get(field)
            if not text:
                continue
            html = str.__str__(render_text(text))
            n_abstracts += field == "abstract"
            n_with_backslash += "\\" in visible_text(html)
            name = f"{paper.get('id') or paper['title'][:40]} {field}"
            report.add(name, faults(html))
            if lost := lost_operators(text, html):
                report.add(name, {"lost_operators": f"{' '.join(lost)}: {visible_text(html)[:200]}"})
            of_text = rendered_formulas(html)
            if of_text:
                formulas.append(of_text)
                sources.append(text)
                names.append(name)
    refused, errors = _refused(formulas, sources)
    for number, message in refused.items():
        report.add(names[number], {"refused": message})
    return {
        "abstracts": n_abstracts,
        "with_backslash": n_with_backslash,
        "one_in": round(n_abstracts / n_with_backslash) if n_with_backslash else None,
        **report.as_json(),
        "mathjax": errors,
    }


class FaultReport:
    """How many documents have each kind of fault, and the first ten places of each."""

    def __init__(self) -> None:
        self.documents: set[str] = set()
        self._counts = Counter[str]()
        self._examples: dict[str, list[str]] = {}

    def add(self, document: str, places: dict[str, str]) -> None:
        if places:
            self.documents.add(document)
        for kind, place in places.items():
            self._counts[kind] += 1
            examples = self._examples.setdefault(kind, [])
            if len(examples) < EXAMPLES:
                examples.append(f"{document}: {' '.join(place.split())[:300]}")

    def as_json(self) -> dict[str, Any]:
        return {"faulty_documents": dict(self._counts), "examples": self._examples}


def _refused(formulas: list[list[RenderedFormula]], sources: list[str]) -> tuple[dict[int, str], dict[str, Any] | None]:
    """The first formula of each document that MathJax rejects, and figures of the formulas; None without MathJax."""
    if not (NPM / "node_modules" / "mathjax").is_dir() or not NODE.exists():
        return {}, None
    different = sorted({formula for of_text in formulas for formula in of_text})
    messages = _mathjax_messages(different)
    errors = {formula for formula, message in zip(different, messages, strict=True) if message}
    documents = {
        number: next(formula.tex for formula in of_text if formula in errors)
        for number, of_text in enumerate(formulas)
        if errors.intersection(of_text)
    }
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
