"""Links, headings, paths and dotted names that documents cite exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.house.source import ROOT
from tests.house.test_architecture import defined_names

FOLDERS = ("bench", "coolpapers", "docs", "locale", "rerank", "search", "static", "templates", "tests", "tools")
LINK = re.compile(r"!?\[[^\]\n]*(?:\[[^\]\n]*\][^\]\n]*)?\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
SUFFIXES = ("css", "html", "js", "json", "md", "mjs", "py", "toml")
NAMED_PATH = re.compile(rf"(?:{'|'.join(FOLDERS)})/[\w./-]*\w/?|[\w.-]+/[\w./-]+\.(?:{'|'.join(SUFFIXES)})")
DOTTED_NAME = re.compile(r"(?:bench|coolpapers|rerank|search|tools)(?:\.\w+)+")


class Citation(NamedTuple):
    page: Path
    line: int
    target: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}: {self.target}"


def documents() -> list[Path]:
    """Every Markdown page of the repository, without test data."""
    pages = [*ROOT.glob("*.md"), *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.md"))]
    ignored = {"vendor", "golden", "data"}
    return sorted(path for path in pages if not ignored & set(path.relative_to(ROOT).parts))


def lines_outside_fences(page: Path) -> Iterator[tuple[int, str]]:
    is_code = False
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), start=1):
        if line.lstrip().startswith("```"):
            is_code = not is_code
        elif not is_code:
            yield number, line


def links(page: Path) -> Iterator[Citation]:
    for number, line in lines_outside_fences(page):
        yield from (Citation(page, number, target) for target in LINK.findall(CODE.sub("`code`", line)))


def codes(page: Path, pattern: re.Pattern[str]) -> Iterator[Citation]:
    """Spans of code that match the pattern completely."""
    for number, line in lines_outside_fences(page):
        spans = (span for span in CODE.findall(line) if pattern.fullmatch(span))
        yield from (Citation(page, number, span) for span in spans)


def anchors(page: Path) -> set[str]:
    """The anchors of a page: its headings, as GitHub and GitLab write them."""
    headings = [line.lstrip("#").strip() for _number, line in lines_outside_fences(page) if re.match(r"#{1,6} ", line)]
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def leads_nowhere(link: Citation) -> bool:
    path, _, anchor = link.target.partition("#")
    target = (link.page.parent / path).resolve() if path else link.page
    if not target.exists() or not target.is_relative_to(ROOT):
        return True
    return bool(anchor) and target.suffix == ".md" and anchor not in anchors(target)


def is_defined(dotted: str) -> bool:
    """Whether a module or package of the checkout has the name or defines it."""
    parts = dotted.split(".")
    for n_parts in range(len(parts), 0, -1):
        path = ROOT.joinpath(*parts[:n_parts])
        module = path.with_suffix(".py") if path.with_suffix(".py").is_file() else path / "__init__.py"
        if module.is_file():
            return n_parts == len(parts) or defines(module, ".".join(parts[n_parts:]))
    return False


def defines(module: Path, name: str) -> bool:
    is_assigned = re.search(rf"^\s*{re.escape(name)}\b.*=", module.read_text(encoding="utf-8"), re.M)
    return name in defined_names(module) or bool(is_assigned)


def as_id(page: Path) -> str:
    return str(page.relative_to(ROOT))


pages = pytest.mark.parametrize("page", documents(), ids=as_id)
# The changelog contains former names.
present_pages = pytest.mark.parametrize("page", [p for p in documents() if p.name != "CHANGELOG.md"], ids=as_id)


@pages
def test_every_relative_link_leads_to_a_file_and_heading(page: Path) -> None:
    outside = re.compile(r"[a-z]+:")
    assert [str(link) for link in links(page) if not outside.match(link.target) and leads_nowhere(link)] == []


@present_pages
def test_every_path_that_a_page_names_exists(page: Path) -> None:
    assert [str(path) for path in codes(page, NAMED_PATH) if not (ROOT / path.target).exists()] == []


@present_pages
def test_every_dotted_name_that_a_page_names_is_defined(page: Path) -> None:
    assert [str(name) for name in codes(page, DOTTED_NAME) if not is_defined(name.target)] == []


def test_the_index_leads_to_every_page_of_the_documentation() -> None:
    index = ROOT / "docs" / "README.md"
    linked = {(index.parent / link.target.split("#")[0]).resolve() for link in links(index)}
    unlinked = {
        str(page.relative_to(ROOT))
        for page in (ROOT / "docs").rglob("*.md")
        if page != index and page not in linked and page.parent.name != "decisions"
    }
    assert unlinked == set()


def test_a_broken_link_a_missing_heading_and_a_link_out_of_the_checkout_are_noticed() -> None:
    page = ROOT / "docs" / "README.md"
    valid = ["architecture.md", "reference/settings.md#the-site", "../README.md", "decisions/"]
    broken = ["nothing.md", "reference/settings.md#no-such-heading", "../../elsewhere.md"]
    assert [target for target in (*valid, *broken) if leads_nowhere(Citation(page, 1, target))] == broken


def test_dotted_names_are_looked_up_in_the_checkout() -> None:
    assert is_defined("search.fusion")
    assert is_defined("search.fusion.weighted_fusion")
    assert is_defined("coolpapers.people")
    assert not is_defined("search.fusion.no_such_function")
    assert not is_defined("search.no_such_module")
