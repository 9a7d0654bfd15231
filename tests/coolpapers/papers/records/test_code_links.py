from __future__ import annotations

import pytest

from coolpapers.papers.records.code_links import find_code_url


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Code: https://github.com/ada/engine.", "https://github.com/ada/engine"),
        ("See (github.com/ada/engine-2.0), please", "https://github.com/ada/engine-2.0"),
        (r"\url{https://github.com/ada/my\_engine}", "https://github.com/ada/my_engine"),
        ("https://www.github.com/ada/engine.git and more", "https://github.com/ada/engine"),
        ("https://github.com/ada/engine/tree/main/src", "https://github.com/ada/engine"),
        ("https://gitlab.com/ada/engine", "https://gitlab.com/ada/engine"),
        ("https://anonymous.4open.science/r/engine-1234/", "https://anonymous.4open.science/r/engine-1234"),
        ("our page github.com/ada", ""),
        ("https://github.com/topics/graphs", ""),
        ("https://arxiv.org/abs/2406.01234", ""),
        ("no address at all", ""),
    ],
)
def test_a_repository_is_found_in_prose(text: str, expected: str) -> None:
    assert find_code_url(text) == expected


def test_the_first_text_that_names_one_wins() -> None:
    assert find_code_url("12 pages", "at github.com/a/b", "at github.com/c/d") == "https://github.com/a/b"
