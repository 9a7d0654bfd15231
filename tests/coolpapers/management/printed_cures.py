"""The cures that the code can print, read from the code: a new one without a trial is noticed."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator

from tests.house.source import ROOT

Cure = tuple[str, str]  # where it is printed, and its text with {} for each value


def printed_cures() -> Counter[Cure]:
    """The cures of ``doctor`` and of the pages that answer 503, each as often as it stands in the code."""
    return Counter([*_of_doctor(), *_of_pages()])


def _of_doctor() -> Iterator[Cure]:
    for call in findings():
        if len(call.args) > 3:
            yield _text(call.args[0]), _text(call.args[3])


def findings() -> Iterator[ast.Call]:
    """The places where ``doctor`` makes a finding: part, state, message, cure, detail."""
    for name in ("diagnosis.py", "search_checks.py"):
        yield from _calls(f"coolpapers/management/{name}", "Finding")


def _of_pages() -> Iterator[Cure]:
    for call in _calls("coolpapers/finding/pages/error_pages.py", "unavailable"):
        if len(call.args) > 2 and _text(call.args[2]):
            yield "page", _text(call.args[2])


def _calls(path: str, name: str) -> Iterator[ast.Call]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
            yield node


def _text(node: ast.expr) -> str:
    """A text as it is printed; {} for what is computed, and the source of what is computed as a whole."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in parts)  # type: ignore[misc]
        case ast.Call(func=ast.Name(id="_" | "format_lazy"), args=[text, *_values]):
            return re.sub(r"\{\w+\}", "{}", _text(text))
        case _:
            return ast.unparse(node)
