"""The one allow-list every piece of foreign HTML passes last.

Nothing that runs, loads or overlays survives: no script, style, form, frame or image, no ``style``, ``id`` or
``on…`` attribute, no address but http, https and mailto. Start at :func:`sanitize`.
"""

from __future__ import annotations

import nh3

_TAGS = {
    "a", "blockquote", "br", "code", "del", "div", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "mark", "ol",
    "p", "pre", "s", "span", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES: dict[str, set[str]] = {
    "*": set(),  # nh3 allows lang and title everywhere by default
    "a": {"href", "title"},
    "code": {"class"},  # language-…, which the parser makes
    "ol": {"start"},
    "td": {"align"},
    "th": {"align"},
}
_CLASSES = {
    "span": {"math", "math-inline", "math-display", "notranslate"},
    "div": {"math", "math-display", "notranslate", "footnote"},
}
DIRECTED_TAGS = ("blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "ol", "p", "table", "ul")
_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    attributes=_ATTRIBUTES,
    allowed_classes=_CLASSES,
    tag_attribute_values={
        "span": {"translate": {"no"}, "dir": {"ltr"}},
        "div": {"translate": {"no"}, "dir": {"ltr", "auto"}},
        **{tag: {"dir": {"auto"}} for tag in DIRECTED_TAGS},
    },
    url_schemes={"http", "https", "mailto"},
    link_rel="nofollow noopener",
    strip_comments=True,
)


def sanitize(html: str) -> str:
    """Return ``html`` with everything outside the allow-list gone (tags dropped, their text kept)."""
    cleaned: str = _CLEANER.clean(html)
    return cleaned
