"""The tables hold what they say."""

from __future__ import annotations

from coolpapers.reading.markup.latex import symbols as texsymbols
from coolpapers.reading.markup.sanitize import sanitize


def test_no_name_has_two_meanings() -> None:
    formatting = set(texsymbols.TAGS) | set(texsymbols.SWITCHES) | set(texsymbols.PLAIN_COMMANDS)
    assert not formatting & set(texsymbols.NAMED)
    assert not formatting & set(texsymbols.DROPPED_WITH_ARGUMENT)
    assert not set(texsymbols.GREEK) & set(texsymbols.SIGNS)


def test_every_sign_is_short_text_and_every_tag_survives_the_sanitiser() -> None:
    assert all(len(sign) <= 7 and "$" not in sign for sign in texsymbols.NAMED.values())
    for tag in {*texsymbols.TAGS.values(), *texsymbols.SWITCHES.values()}:
        assert sanitize(f"<{tag}>a</{tag}>") == f"<{tag}>a</{tag}>"
