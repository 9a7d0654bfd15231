"""Kinds of items: the single list shared by the database, the browser and export files."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """Kinds of :class:`coolpapers.people.models.Item`, with the content of ``key`` and ``value``."""

    STAR = "star"  # key = paper key
    HIDE = "hide"  # key = paper key
    READ = "read"  # key = paper key
    NOTE = "note"  # key = paper key, value {"text"}
    KEYWORD = "keyword"  # key = word, value {"weight"}
    COLLECTION = "collection"  # key = id, value {"name", "note"}
    MEMBER = "member"  # key = "<collection id>/<paper key>", value {"position", "note"}
    SEARCH = "search"  # key = id, value {"name", "query", "mail", "opened", "row", "paper"}
    PIN = "pin"  # key = category code
    SETTING = "setting"  # key = name, value depends on the setting
