from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest

from rerank import arrays

PACKAGE = Path(arrays.__file__).parent
ALIASES = {name: value for name, value in vars(arrays).items() if hasattr(value, "__origin__")}


def used_names(path: Path) -> set[str]:
    return {node.id for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Name)}


def test_every_alias_is_used_and_none_is_defined_elsewhere() -> None:
    modules = [path for path in PACKAGE.rglob("*.py") if path.name != "arrays.py"]
    names = {path: used_names(path) for path in modules}
    assert set(ALIASES) - set().union(*names.values()) == set()
    assert [path for path in modules if "npt.NDArray" in path.read_text(encoding="utf-8")] == []


@pytest.mark.parametrize(
    ("name", "dtype"), [("Vectors", np.float32), ("Scores", np.float32), ("Rows", np.int64), ("Mask", np.bool_)]
)
def test_aliases_have_the_type_that_the_functions_return(name: str, dtype: type) -> None:
    assert str(np.dtype(dtype).type.__name__) in str(ALIASES[name])
