"""The allow-list lets nothing through that runs, loads or overlays."""

from __future__ import annotations

import pytest

from coolpapers.reading.markup.markdown import render_abstract, render_markdown, render_title
from coolpapers.reading.markup.sanitize import sanitize
from tests.coolpapers.reading.markup.judge import Verdict

# Ways around filters, from the usual collections.
ATTACKS = """
<script>alert(1)</script>
<ScRiPt src=//e.example/x.js></sCrIpT>
<script/x>alert(1)</script/x>
<img src=x onerror=alert(1)>
<img/src='x'/onerror=alert(1)>
<img src="x` `<script>alert(1)</script>"` `>
<svg onload=alert(1)>
<svg><script>alert(1)</script></svg>
<svg><animate onbegin=alert(1) attributeName=x>
<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>
<math href=javascript:alert(1)>x</math>
<iframe src=javascript:alert(1)>
<iframe srcdoc='<script>alert(1)</script>'>
<object data=javascript:alert(1)>
<embed src=javascript:alert(1)>
<form action=javascript:alert(1)><input type=submit>
<base href=//e.example>
<link rel=stylesheet href=//e.example>
<meta http-equiv=refresh content=0;url=javascript:alert(1)>
<style>*{background:url(//e.example)}</style>
<div style=background:url(javascript:alert(1))>x</div>
<body onload=alert(1)>
<input autofocus onfocus=alert(1)>
<details open ontoggle=alert(1)>
<video><source onerror=alert(1)>
<a href='java&#x0A;script:alert(1)'>x</a>
<a href=' javascript:alert(1)'>x</a>
<a href=&#106;&#97;vascript:alert(1)>x</a>
<a href='data:text/html,<script>alert(1)</script>'>x</a>
<a href=vbscript:msgbox(1)>x</a>
<template><script>alert(1)</script></template>
<noscript><p title='</noscript><img src=x onerror=alert(1)>'>
<!--><script>alert(1)</script>-->
<![CDATA[<script>alert(1)</script>]]>
<?xml version='1.0'?><script>alert(1)</script>
<span class='math' onclick=alert(1)>\\(x\\)</span>
<p id=x>y</p>
<textarea><script>alert(1)</script>
<select><option><style><img src=x onerror=alert(1)>
<xmp><script>alert(1)</script></xmp>
\x00<script>alert(1)</script>
javascript:alert(1)
data:text/html,<script>alert(1)</script>
" onmouseover="alert(1)
' onmouseover='alert(1)
""".strip().splitlines()
FRAMES = [
    "{}", "$ {} $", "$x{}$", "$$\n{}\n$$", "\\({}\\)", "\\[{}\\]", "\\begin{{align}}{}\\end{{align}}", "$`{}`$",
    "```math\n{}\n```", "```{}\n{}\n```", "`{}`", "# {}", "- {}", "> {}", "| {} |\n|---|\n| {} |", "[{}](http://a.b)",
    "[a]({})", "[a](<{}>)", "![{}](http://a.b/c.png)", "![a]({})", '[a](http://b "{}")', "[a]: {}\n\n[a]", "<{}>",
    "\\textbf{{{}}}", "\\href{{{}}}{{a}}", "\\href{{http://a.b}}{{{}}}", "\\url{{{}}}", "{{\\bf {}}}",
    "[^{}]\n\n[^{}]: {}", "<sub>{}</sub>", "<br {}>", "**{}**",
]  # fmt: skip


@pytest.mark.parametrize("frame", FRAMES)
def test_nothing_executable_survives_in_any_place(frame: str) -> None:
    for attack in ATTACKS:
        text = frame.replace("{}", attack).replace("{{", "{").replace("}}", "}")
        for render in (render_markdown, render_abstract, render_title):
            html = render(text)
            assert Verdict(html).unsafe == [], (text, html)


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_sanitiser_alone_is_enough(attack: str) -> None:
    assert Verdict(sanitize(attack)).unsafe == []


def test_addresses_are_http_https_or_mailto() -> None:
    assert sanitize('<a href="https://a.b">c</a>') == '<a href="https://a.b" rel="nofollow noopener">c</a>'
    assert 'href="mailto:' in sanitize('<a href="mailto:a@b.c">d</a>')
    for scheme in ("ftp", "tel", "file", "blob", "data", "javascript", "vbscript"):
        assert "href" not in sanitize(f'<a href="{scheme}:a">b</a>')


def test_only_classes_that_we_write_ourselves_survive() -> None:
    kept = '<span class="math math-inline notranslate" translate="no">x</span>'
    assert sanitize(kept) == kept
    assert sanitize('<span class="paper overlay">x</span>') == '<span class="">x</span>'
    assert sanitize('<div class="footnote card">x</div>') == '<div class="footnote">x</div>'
    assert sanitize("<p class=x title=y>z</p>") == "<p>z</p>"
    assert sanitize('<span translate="x">y</span>') == "<span>y</span>"
