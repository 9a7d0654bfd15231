"""Direction of texts with right-to-left letters (R16).

The browser decides the direction of each block by its first letter (``dir="auto"``). Formulas keep their own direction
and do not count for that decision (``dir="ltr"``). Texts without such letters need neither attribute.
"""

from __future__ import annotations

import re

# Hebrew, Arabic, Syriac, Thaana, N'Ko and others of the Basic Multilingual Plane, then those beyond it.
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")


def has_right_to_left(text: str) -> bool:
    """Whether a text has a letter that is written from right to left."""
    return not text.isascii() and _RIGHT_TO_LEFT.search(text) is not None
