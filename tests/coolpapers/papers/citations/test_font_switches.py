from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coolpapers.papers.citations.font_switches import write_switches_as_commands
from coolpapers.papers.citations.tex_math import is_settable, standard_math


@pytest.mark.parametrize(
    ("math", "written"),
    [
        (r"${\rm GL}_N$", r"${\mathrm{GL}}_N$"),
        (r"$\rm{Log}\rm{Lip}_t \times \rm{Lip}_x$", r"$\mathrm{Log}\mathrm{Lip}_t \times \mathrm{Lip}_x$"),
        (r"$\frac{\rm d}{\rm d t}$", r"$\frac{\mathrm{d}}{\mathrm{d t}}$"),
        (r"$x_{\rm eff}$", r"$x_{\mathrm{eff}}$"),
        (r"${\rm a \bf b}$", r"${\mathrm{a \mathbf{b}}}$"),
        (r"$\left(\rm a\right)$", r"$\left(\mathrm{a}\right)$"),
        (r"$\rm \{x\}$", r"$\mathrm{\{x\}}$"),
        (r"\(\rm Re\, z\)", r"\(\mathrm{Re\, z}\)"),
        (r"${\cal O}(n)$ in ${\Bbb R}^n$ and $\Bbb R$", r"${\mathcal{O}}(n)$ in ${\mathbb R}^n$ and $\mathbb R$"),
        (r"$\frak{g}$", r"$\mathfrak{g}$"),
        (r"$x\rm$", "$x$"),
        # Text inside a formula knows no commands of formulas, and other names only begin alike.
        (r"$\mbox{\rm x}$", r"$\mbox{\rm x}$"),
        (r"$\text{if {\bf x}}$", r"$\text{if {\bf x}}$"),
        (r"$\rmax \item \calc$", r"$\rmax \item \calc$"),
    ],
)
def test_switches_become_commands(math: str, written: str) -> None:
    assert write_switches_as_commands(math) == written


@pytest.mark.parametrize(
    "title", [r"Regularity of $\rm{Log}\rm{Lip}_t$", r"Uniform bounds for ${\rm GL}_N$", r"On ${\Bbb H}^n \to {\bf R}$"]
)
def test_exported_formulas_have_no_switches_and_can_be_set(title: str) -> None:
    exported = standard_math(title)
    assert not any(switch in exported for switch in (r"\rm", r"\Bbb", r"\bf"))
    assert is_settable(exported[exported.index("$") :])
    assert standard_math(exported) == exported


@given(
    st.text(alphabet="{}\\rmbfca l$x^&") | st.lists(st.sampled_from([r"\rm", "{", "}", " ", "a", r"\cal"])).map("".join)
)
def test_any_text_is_read_and_braces_stay_as_balanced_as_they_were(text: str) -> None:
    written = write_switches_as_commands(text)
    assert written.count("{") - written.count("}") == text.count("{") - text.count("}")
