"""Foreign text is escaped: HTML is declared safe in two files only, and templates never switch escaping off."""

from __future__ import annotations

import re

from tests.house.source import ROOT, python_files

HTML_MAKERS = {"coolpapers/reading/markup/markdown.py", "search/display/highlight.py"}


def test_html_is_declared_safe_in_two_files_only() -> None:
    marks = re.compile(r"\b(mark_safe|SafeString|SafeText)\(")
    users = {str(p.relative_to(ROOT)) for p in python_files() if marks.search(p.read_text(encoding="utf-8"))}
    assert users <= HTML_MAKERS


def test_no_template_switches_escaping_off_or_runs_inline_code() -> None:
    # Inline data (JSON-LD) is no code: browsers do not run it, and the content policy does not apply to it.
    script = r"<script(?![^>]*(?:\bsrc=|application/ld\+json))"
    forbidden = re.compile(rf"\|\s*safe\b|autoescape off|\son[a-z]+\s*=|{script}|\sstyle\s*=|<style", re.I)
    offenders = {
        f"{path.relative_to(ROOT)}: {match.group(0).strip()}"
        for path in sorted((ROOT / "templates").rglob("*.*"))
        if path.suffix in {".html", ".xml", ".txt", ".jinja"}
        for match in forbidden.finditer(re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.S))
    }
    assert offenders == set()
