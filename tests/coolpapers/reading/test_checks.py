from __future__ import annotations

import pytest
from pytest_django import Settings

from coolpapers.reading.checks import check_summarizer


def ids(settings: Settings, alias: str) -> list[str | None]:
    settings.SUMMARIZER = alias
    return [message.id for message in check_summarizer(None)]


@pytest.mark.parametrize("alias", ["extractive", "off", ""])
def test_settings_that_work_pass(settings: Settings, alias: str) -> None:
    assert ids(settings, alias) == []


def test_a_summarizer_that_does_not_exist_is_an_error_with_a_cure(settings: Settings) -> None:
    settings.SUMMARIZER = "gpt"
    (message,) = check_summarizer(None)
    assert message.id == "reading.E001"
    assert "has no 'gpt'" in message.msg
    assert "COOLPAPERS_SUMMARIZER" in str(message.hint)


def test_one_that_writes_nothing_is_a_warning(settings: Settings) -> None:
    assert ids(settings, "imported") == ["reading.W001"]


def test_an_endpoint_without_address_is_an_error(settings: Settings) -> None:
    assert ids(settings, "endpoint") == ["reading.E002"]
