"""Every module has its test file, at the same path."""

from __future__ import annotations

from tests.house.source import ROOT, python_files

# Modules without behaviour of their own: names, wiring, declarations.
WITHOUT_TESTS = frozenset({"__init__.py", "__main__.py", "apps.py", "urls.py", "wsgi.py", "errors.py", "base.py"})
DECLARATIONS = ROOT / "coolpapers" / "settings"


def test_every_module_has_a_test_file_at_the_same_path() -> None:
    missing = []
    for path in python_files():
        relative = path.relative_to(ROOT)
        if path.name in WITHOUT_TESTS or path.parent == DECLARATIONS:
            continue
        mirror = ROOT / "tests" / relative.parent / f"test_{relative.name}"
        if not mirror.is_file():
            missing.append(str(mirror.relative_to(ROOT)))
    assert missing == []
