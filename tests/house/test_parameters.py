"""No function takes more than eight parameters, and a cached function that takes any keeps a bounded number of results.

Related values are passed as one object.
"""

from __future__ import annotations

import ast
from pathlib import Path

from tests.house.source import ROOT, python_files

MAX_PARAMETERS = 8
# "file: function", and why it may take more.
EXCEPTIONS = {
    "coolpapers/api/mcp/tools.py: search": "its signature is the schema of the tool that assistants see",
    "coolpapers/papers/records/record.py: make_record": "a flat record: one keyword a field",
}


def n_parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Named parameters, without ``self`` and ``cls``."""
    arguments = function.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return sum(argument.arg not in ("self", "cls") for argument in named)


def long_signatures(path: Path, *, name: str) -> dict[str, int]:
    """Functions of a file with more parameters than the bound: "file: function" and how many."""
    return {
        f"{name}: {node.name}": n_parameters(node)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and n_parameters(node) > MAX_PARAMETERS
    }


def test_no_function_takes_more_than_eight_parameters() -> None:
    too_long: dict[str, int] = {}
    for path in python_files():
        too_long |= long_signatures(path, name=str(path.relative_to(ROOT)))
    assert {function: n for function, n in too_long.items() if function not in EXCEPTIONS} == {}
    assert set(EXCEPTIONS) <= set(too_long)  # remove exceptions that are no longer needed


def test_self_and_defaults_are_counted_as_a_caller_sees_them(tmp_path: Path) -> None:
    source = tmp_path / "example.py"
    names = ", ".join(f"p{number}=0" for number in range(MAX_PARAMETERS))
    source.write_text(
        f"class A:\n    def fits(self, {names}): ...\n    def too_many(self, {names}, *, one_more): ...\n"
    )
    assert long_signatures(source, name="example.py") == {"example.py: too_many": MAX_PARAMETERS + 1}


def unbounded_caches(path: Path, *, name: str) -> set[str]:
    """Functions with parameters whose cache grows with each new argument: ``@cache``, ``@lru_cache(maxsize=None)``."""
    return {
        f"{name}: {node.name}"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and n_parameters(node) and any(map(_is_unbounded, node.decorator_list))
    }


def _is_unbounded(decorator: ast.expr) -> bool:
    text = ast.unparse(decorator)
    return text in ("cache", "functools.cache") or ("lru_cache(" in text and "None" in text)


def test_caches_of_functions_are_bounded() -> None:
    unbounded = [unbounded_caches(path, name=str(path.relative_to(ROOT))) for path in python_files()]
    assert set().union(*unbounded) == set()


def test_a_cache_without_arguments_has_one_entry(tmp_path: Path) -> None:
    source = tmp_path / "example.py"
    source.write_text(
        "@cache\ndef one(): ...\n@cache\ndef many(word): ...\n@lru_cache(maxsize=None)\ndef all_words(word): ...\n"
        "@lru_cache(None)\ndef more(word): ...\n@lru_cache(maxsize=9)\ndef nine(word): ...\n"
    )
    assert unbounded_caches(source, name="e") == {"e: many", "e: all_words", "e: more"}
