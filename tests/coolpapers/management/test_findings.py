"""Findings are kept for readers of all languages."""

from __future__ import annotations

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from coolpapers.management.findings import OK, Finding


def test_a_finding_speaks_the_language_of_its_reader() -> None:
    finding = Finding("index", OK, format_lazy("{papers}: {n}", papers=_("Papers"), n=3), _("Abstract"))
    with override("zh-hans"):
        assert (finding.sentence(), str(finding.cure)) == ("论文: 3", "摘要")
    with override("en"):
        assert (finding.sentence(), str(finding.cure)) == ("Papers: 3", "Abstract")


def test_programs_read_english_in_every_language() -> None:
    finding = Finding("database", OK, _("Papers"), _("Abstract"), "connection refused")
    with override("zh-hans"):
        assert finding.as_json() == {
            "part": "database",
            "state": "ok",
            "message": "Papers connection refused",
            "cure": "Abstract",
        }
