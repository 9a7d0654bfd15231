from __future__ import annotations

import pytest

from coolpapers.reading.summarizers.languages import summary_language


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("en", "en"),
        ("en-GB", "en"),
        ("EN_us", "en"),
        ("zh", "zh"),
        ("zh-hans", "zh"),
        ("zh_CN", "zh"),
        ("zh-TW", "zh-hant"),
    ],
)
def test_tags_fold_to_the_language_that_summaries_are_kept_under(code: str, language: str) -> None:
    assert summary_language(code) == language


@pytest.mark.parametrize("code", ["", "e", "english", "12", "../x", "zh; drop"])
def test_what_is_no_language_tag_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="language tag"):
        summary_language(code)
