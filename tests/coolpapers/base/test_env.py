from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from coolpapers.base.env import (
    EnvironmentValueError,
    read_bool,
    read_choice,
    read_float,
    read_hour,
    read_int,
    read_list,
    read_path,
    read_str,
)

SetEnv = Callable[[str], None]


@pytest.fixture
def variable(monkeypatch: pytest.MonkeyPatch) -> SetEnv:
    monkeypatch.delenv("COOLPAPERS_X", raising=False)
    return lambda value: monkeypatch.setenv("COOLPAPERS_X", value)


@pytest.mark.parametrize(
    ("read", "default"),
    [(read_str, "a"), (read_bool, True), (read_int, 3), (read_float, 0.5), (read_list, ["a"]), (read_path, Path("/a"))],
)
def test_an_unset_variable_gives_the_default(read: Callable[[str, object], object], default: object) -> None:
    assert read("COOLPAPERS_UNSET", default) == default


@pytest.mark.parametrize(
    ("value", "wanted"), [("1", True), ("Yes", True), ("on", True), ("0", False), ("FALSE", False)]
)
def test_yes_and_no_have_several_spellings(variable: SetEnv, value: str, wanted: bool) -> None:
    variable(value)
    assert read_bool("COOLPAPERS_X", not wanted) is wanted


def test_numbers_lists_and_folders_are_read(variable: SetEnv) -> None:
    variable("12")
    assert read_int("COOLPAPERS_X", 0) == 12
    assert read_float("COOLPAPERS_X", 0) == 12.0
    variable("a, b,,c ")
    assert read_list("COOLPAPERS_X", []) == ["a", "b", "c"]
    variable("~/papers")
    assert read_path("COOLPAPERS_X", Path()) == Path.home() / "papers"


@pytest.mark.parametrize(
    ("read", "wanted"),
    [(read_bool, "yes or no"), (read_int, "an integer"), (read_float, "a number")],
)
def test_an_invalid_value_error_names_the_variable_and_the_expected_type(
    variable: SetEnv, read: Callable[[str, object], object], wanted: str
) -> None:
    variable("many")
    with pytest.raises(
        EnvironmentValueError, match=rf"COOLPAPERS_X='many' in the environment is not {wanted}"
    ) as caught:
        read("COOLPAPERS_X", 0)
    assert caught.value.name == "COOLPAPERS_X"


def test_a_word_that_is_no_choice_is_refused_with_all_that_are(variable: SetEnv) -> None:
    assert read_choice("COOLPAPERS_X", "off", ("off", "invited", "open")) == "off"
    variable("invited")
    assert read_choice("COOLPAPERS_X", "off", ("off", "invited", "open")) == "invited"
    variable("Open")
    with pytest.raises(
        EnvironmentValueError, match="COOLPAPERS_X='Open' in the environment is not off, invited or open"
    ):
        read_choice("COOLPAPERS_X", "off", ("off", "invited", "open"))


def test_a_secret_can_be_read_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hush\n", encoding="utf-8")
    monkeypatch.setenv("COOLPAPERS_X_FILE", str(secret))
    assert read_str("COOLPAPERS_X", "") == "hush"
    monkeypatch.setenv("COOLPAPERS_X", "said aloud")
    assert read_str("COOLPAPERS_X", "") == "said aloud"


def test_a_missing_secret_file_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COOLPAPERS_X_FILE", str(tmp_path / "none"))
    with pytest.raises(EnvironmentValueError, match="COOLPAPERS_X_FILE"):
        read_str("COOLPAPERS_X", "")


@pytest.mark.parametrize("value", ["24", "-1"])
def test_an_hour_is_one_of_a_day(variable: SetEnv, value: str) -> None:
    assert read_hour("COOLPAPERS_X", 6) == 6
    variable(value)
    with pytest.raises(EnvironmentValueError, match="an hour from 0 to 23"):
        read_hour("COOLPAPERS_X", 6)
