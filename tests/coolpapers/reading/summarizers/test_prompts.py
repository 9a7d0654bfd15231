from __future__ import annotations

from pathlib import Path

import pytest

from coolpapers.reading.summarizers.prompts import load_prompts


def test_the_shipped_file_has_the_sites_languages_with_as_many_questions() -> None:
    prompts = load_prompts()
    assert prompts.keys() == {"en", "zh"}
    assert len(prompts["en"].questions) == len(prompts["zh"].questions) == 6
    assert "LaTeX" in prompts["en"].system


def test_an_own_file_replaces_it(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_text('[zh-CN]\nsystem = "S"\nquestions = ["一", "二"]\n', encoding="utf-8")
    assert load_prompts(path)["zh"].questions == ("一", "二")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "no language"),
        ("not toml [", "Cannot read"),
        ('[en]\nsystem = "S"\n', r"\[en\] needs"),
        ('[en]\nsystem = "S"\nquestions = []\n', r"\[en\] needs"),
        ('[en]\nsystem = "S"\nquestions = ["a", 2]\n', r"\[en\] needs"),
        ("en = 1\n", r"\[en\] needs"),
        ('["no language"]\nsystem = "S"\nquestions = ["a"]\n', "language tag"),
    ],
)
def test_a_wrong_file_is_named_with_what_is_wrong(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "p.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        load_prompts(path)


def test_a_missing_file_is_named() -> None:
    with pytest.raises(ValueError, match=r"Cannot read the prompts file nowhere\.toml"):
        load_prompts(Path("nowhere.toml"))
