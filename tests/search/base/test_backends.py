from __future__ import annotations

import threading
from dataclasses import dataclass

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from search.base.backends import BackendHandler, UnknownBackend


@dataclass
class Engine:
    """A backend that counts how often it was built."""

    size: int = 1
    built = 0

    def __post_init__(self) -> None:
        Engine.built += 1


@pytest.fixture
def engines(settings: Settings) -> BackendHandler[Engine]:
    path = f"{__name__}.Engine"
    settings.TEST_ENGINES = {
        "default": {"BACKEND": path},
        "large": {"BACKEND": path, "OPTIONS": {"size": 9}},
        "misspelt": {"BACKEND": path, "OPTIONS": {"sise": 9}},
        "gone": {"BACKEND": "coolpapers.no_such_module.Engine"},
        "nameless": {"OPTIONS": {}},
    }
    Engine.built = 0
    return BackendHandler("TEST_ENGINES")


def test_options_arrive_as_keyword_arguments(engines: BackendHandler[Engine]) -> None:
    assert engines["default"].size == 1
    assert engines["large"].size == 9


def test_concurrent_threads_share_one_object(engines: BackendHandler[Engine]) -> None:
    start = threading.Barrier(8)
    built: list[Engine] = []

    def ask() -> None:
        start.wait()
        built.append(engines["default"])

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Engine.built == 1
    assert all(engine is built[0] for engine in built)


def test_an_unknown_alias_names_the_known_ones(engines: BackendHandler[Engine]) -> None:
    with pytest.raises(UnknownBackend, match="TEST_ENGINES has no 'tiny'; it has: default, gone, large"):
        engines["tiny"]


@pytest.mark.parametrize("alias", ["misspelt", "gone", "nameless"])
def test_an_entry_that_cannot_be_built_is_named(engines: BackendHandler[Engine], alias: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=f"TEST_ENGINES\\['{alias}'\\] cannot be built"):
        engines[alias]


def test_a_changed_setting_rebuilds_the_backend(engines: BackendHandler[Engine], settings: Settings) -> None:
    assert engines["default"].size == 1
    settings.TEST_ENGINES = {"default": {"BACKEND": f"{__name__}.Engine", "OPTIONS": {"size": 3}}}
    assert engines["default"].size == 3
    assert list(engines) == ["default"]
