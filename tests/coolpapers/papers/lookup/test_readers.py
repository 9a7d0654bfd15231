"""What lists ask of readers where nobody is known."""

from __future__ import annotations

from typing import Any

from django.test import RequestFactory

from coolpapers.papers.lookup.readers import Preferred, Readers, current_readers, most_starred_first


def test_the_settings_name_who_knows_readers(settings: Any) -> None:
    settings.READERS = {"default": {"BACKEND": "coolpapers.papers.lookup.readers.Readers"}}
    assert type(current_readers()) is Readers


def test_nobody_known_means_no_stars_and_the_order_as_it_was() -> None:
    nobody = Readers()
    assert nobody.count_stars(["a"]) == {}
    assert list(nobody.starred_keys()) == []
    assert nobody.order(RequestFactory().get("/"), ["b", "a"]) == Preferred(["b", "a"])


def test_the_most_starred_come_first_and_equal_ones_keep_their_order() -> None:
    assert most_starred_first(["a", "b", "c", "d"], {"c": 2, "b": 5, "d": 2}) == ["b", "c", "d", "a"]
