"""Language codes of summaries, normalized from records, browsers and settings."""

from __future__ import annotations

import re

_CODE = re.compile(r"[a-z]{2,3}(?:-[a-z]{4})?")


def summary_language(code: str) -> str:
    """Normalize a language tag to the code of summaries: ``zh-CN`` and ``zh-hans`` to ``zh``, ``en-GB`` to ``en``.

    Traditional Chinese keeps its script (``zh-hant``): readers of one script may not read the other easily.

    Raises ValueError for an invalid language tag.
    """
    tag = code.strip().lower().replace("_", "-")
    primary, _, rest = tag.partition("-")
    if primary == "zh" and rest in ("hant", "tw", "hk", "mo"):
        return "zh-hant"
    if not _CODE.fullmatch(primary):
        raise ValueError(f"{code!r} is not a language tag such as en or zh")
    return primary
