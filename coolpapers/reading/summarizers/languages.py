"""Languages of summaries: short codes that records, browsers and the site's own settings agree on."""

from __future__ import annotations

import re

_CODE = re.compile(r"[a-z]{2,3}(?:-[a-z]{4})?")


def summary_language(code: str) -> str:
    """Fold a language tag to what summaries are kept under: ``zh-CN`` and ``zh-hans`` are ``zh``, ``en-GB`` is ``en``.

    Traditional Chinese keeps its script (``zh-hant``), since readers of one may not read the other with ease.

    Raises ValueError for what is not a language tag.
    """
    tag = code.strip().lower().replace("_", "-")
    primary, _, rest = tag.partition("-")
    if primary == "zh" and rest in ("hant", "tw", "hk", "mo"):
        return "zh-hant"
    if not _CODE.fullmatch(primary):
        raise ValueError(f"{code!r} is not a language tag such as en or zh")
    return primary
