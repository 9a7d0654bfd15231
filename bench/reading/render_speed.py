"""Speed of the renderer in CPU time of this process, for :mod:`bench.reading.bench_render`."""

from __future__ import annotations

import gc
import random
import statistics
import time
from collections.abc import Callable
from typing import Any, TypeVar

from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

from bench.search.search_corpus import SHARED, read_jsonl
from coolpapers.reading.markup.markdown import render_abstract, render_markdown, render_title
from coolpapers.reading.pages.rendercache import cached_markdown

T = TypeVar("T")

ADVERSARIAL_BYTES = 50_000
# Units repeated up to ADVERSARIAL_BYTES: each made some renderer slow, or could.
UNITS = (
    "$", "$ ", "$$ ", "$a ", "$a$ ", "$$\n", "\\(", "\\[\n", "\\(\n- a\n", "\\begin{align}\n",
    "\\begin{align}\n- a\n", "{", "}", "${", "$x_{", "}$", "$\\text{", "`", "`` ` ", "$`", "`$", "[", "![",
    "[a](", "[$", "<", "<sub>", "</sub>", "*", "**a ", "_a_", "~~a", "|", "$|$", "| a | b |\n|---|---|\n",
    "| $a|b$ | c |\n", "> ", "> $$\n", "- ", "- $$\n", "1. $$\n", "# $\n", "$x\n- a\n", "$x\n# a\n",
    "$$\n\n- a\n", "a $$\n- b\n", "a\n\n", "\\", "\\textbf{", "\\textsc{", "{\\bf ", "\\cite{", "\\href{", "~",
    "``", "\\\"", "&", "&lt;", "[^1]", "[^1]: a\n", "```math\n", "http://a.b/", "中$", "\t", "\x08a",
    "$$\na\n\n", "\\[\na\n\n", "\\begin{align}\na\n\n", "> $$\n>\n", "\\[a\\] ", "x\n$$\na\n\nb\n$$\n", "$$x\n\n$$\n",
    "$\\text{a_$", "$x^a^$", "$\\e$", "$a% $", "$x\\begin{align}a\\end{align}$ ", "\\frac{", "\\sqrt{a", "\\SI{",
    "\\boxed{", "[ \\frac{a}{b} ]\n", "中a**“b”**", "א $a$ ", "- א $$\n", "$a\nb", "$a$\n", "\\(a\n",
    "| `a|b` | $c|d$ |\n",
)  # fmt: skip


def summaries_speed() -> dict[str, Any]:
    """All real summaries with our renderer and with markdown-it-py with dollarmath, in turns; best of three runs."""
    plain = MarkdownIt("commonmark").enable(["table", "strikethrough"]).use(dollarmath_plugin)
    texts = [record["markdown"] for record in read_jsonl(SHARED / "summaries.jsonl.gz")]
    render_markdown(texts[0])
    gc.freeze()
    ours, others = [], []
    for text in texts:
        ours.append(best_ms(render_markdown, text))
        others.append(best_ms(plain.render, text))
    kilobytes = sum(len(text.encode()) for text in texts) / 1024
    return {
        "documents": len(texts),
        "us_per_kb": round(1000 * sum(ours) / kilobytes, 1),
        "plain_us_per_kb": round(1000 * sum(others) / kilobytes, 1),
        "ratio": round(sum(ours) / sum(others), 3),
        "ms": _summary(ours),
        "kept_ms": _summary(
            [best_ms(cached_markdown, text) for text in texts]
        ),  # the first of the three runs fills the cache
    }


def abstracts_speed(*, sample: int = 10_000, seed: int = 0) -> dict[str, Any]:
    """A sample of the real abstracts; those with a formula; and pages of 25 titles and abstracts."""
    papers = random.Random(seed).sample(list(read_jsonl(SHARED / "papers.jsonl.gz")), sample)
    abstracts = [paper["abstract"] for paper in papers if paper.get("abstract")]
    with_math = [text for text in abstracts if "$" in text]
    pages = [papers[start : start + 25] for start in range(0, 5_000, 25)]

    def render_page(page: list[dict[str, Any]]) -> None:
        for paper in page:
            render_title(paper["title"])
            render_abstract(paper["abstract"])

    return {
        "abstract_ms": _summary([best_ms(render_abstract, text) for text in abstracts]),
        "abstract_with_dollars_ms": _summary([best_ms(render_abstract, text) for text in with_math]),
        "page_of_25_ms": _summary([best_ms(render_page, page) for page in pages]),
    }


def adversarial_speed() -> dict[str, Any]:
    """The slowest of many adversarial texts of 50 kB, and three longer ones that break other renderers."""
    times = {unit: cpu_ms(render_markdown, unit * (ADVERSARIAL_BYTES // len(unit.encode()))) for unit in UNITS}
    rng = random.Random(0)
    for number in range(20):
        times[f"random mix {number}"] = cpu_ms(render_markdown, "".join(rng.choices("$\\()[]{}`|*_<&\n ab1", k=50_000)))
    slowest = max(times, key=lambda unit: times[unit])
    return {
        "texts": len(times),
        "slowest": slowest,
        "slowest_ms": round(times[slowest]),
        "one_megabyte_of_dollars_ms": round(cpu_ms(render_markdown, "$" * 1_000_000)),
        "10000_lines_of_bracket_ms": round(cpu_ms(render_markdown, "\\[\n" * 10_000)),
        "5000_lines_of_begin_align_ms": round(cpu_ms(render_markdown, "\\begin{align}\n" * 5_000)),
    }


def cpu_ms(render: Callable[[T], object], text: T) -> float:
    start = time.process_time_ns()
    render(text)
    return (time.process_time_ns() - start) / 1e6


def best_ms(render: Callable[[T], object], text: T) -> float:
    return min(cpu_ms(render, text) for _ in range(3))


def _summary(times: list[float]) -> dict[str, float]:
    times = sorted(times)
    return {
        "mean": round(statistics.fmean(times), 3),
        "median": round(statistics.median(times), 3),
        "p95": round(times[int(0.95 * len(times))], 3),
        "max": round(times[-1], 3),
    }
