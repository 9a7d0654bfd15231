"""Nothing in an exported bibliography acts, wherever it stands."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coolpapers.papers.citations import cite
from coolpapers.papers.citations.tex import escape_tex
from coolpapers.papers.citations.tex_safety import MATH_COMMANDS, TEXT_COMMANDS, defuse_math, is_text_command
from tests.coolpapers.papers.works import make_paper

# Commands that read, write, define, or change how TeX reads what follows.
_ACTING = (
    "input include includeonly InputIfFileExists IfFileExists endinput openin openout closein closeout newread "
    "newwrite read readline write immediate special directlua luadirect latelua luaexec luacode ShellEscape "
    "pdfobj pdfliteral pdffiledump pdfmdfivesum pdfshellescape catcode lccode uccode sfcode mathcode delcode "
    "csname endcsname def edef gdef xdef let futurelet global long outer newcommand renewcommand providecommand "
    "DeclareRobustCommand DeclareMathOperator newenvironment renewenvironment newif newcount newtoks newdimen "
    "newbox newlength expandafter noexpand afterassignment aftergroup scantokens detokenize unexpanded string "
    "meaning jobname the number romannumeral everypar everymath everydisplay everyjob everycr output shipout "
    "message errmessage typeout show showthe loop repeat usepackage RequirePackage documentclass documentstyle "
    "makeatletter makeatother lstinputlisting verbatiminput includegraphics bibliography bibliographystyle bye "
    "stop dump font fontdimen hyphenchar char mathchar lowercase obeylines obeyspaces verb par write18 "
    "inputlineno endlinechar newlinechar escapechar uchyph batchmode nonstopmode scrollmode errorstopmode "
    "interaction tracingall csstring Ucharcat protected everyeof AtBeginDocument AtEndDocument AddToHook "
    "document"
)
ACTING_COMMANDS = frozenset(_ACTING.split())
ACTING = re.compile(r"\\(" + "|".join(sorted(ACTING_COMMANDS, key=len, reverse=True)) + r")(?![A-Za-z@])")
HOSTILE = [
    r"\input{/etc/passwd}",
    r"$\input{/etc/passwd}$",
    r"\immediate\write18{rm -rf x}",
    r"$x \openout5=a.tex y$",
    r"\catcode`\@=0 @input x",
    r"\csname input\endcsname x",
    r"$\csname inp\string ut\endcsname$",
    r"\def\x{\x\x}\x",
    r"\(\let\a\input \a x\)",
    r"\[\newcommand{\a}{b}\]",
    r"$^^5cinput{x}$ and ^^5cinput{x}",
    r"\emph{\include{x}}",
    r"\end{document}",
    r"$\begin{filecontents}x\end{filecontents}$",
    r"\InputIfFileExists{x}{}{}",
    r"\ours \input",
    r"{\catcode 0=1}",
    r"R^{\catcode 0=1}",
    r"\unknowncommand{x}",
    r"x^{\input}",
    r"\[ \input{x}",
]


def active(text: str) -> list[str]:
    """Commands that act, and circumflexes in pairs, of what TeX would read."""
    environments = re.findall(r"\\(?:begin|end)\s*\{(?:document|filecontents|verbatim|lstlisting)", text)
    return [match[0] for match in ACTING.finditer(text)] + re.findall(r"\^\^", text) + environments


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_printed_instead_of_run(text: str) -> None:
    assert active(text) or "unknown" in text
    assert active(escape_tex(text)) == []
    assert active(escape_tex(text, protect=True)) == []


@pytest.mark.parametrize("field", ["title", "journal_ref", "publisher", "volume", "pages"])
@pytest.mark.parametrize("text", HOSTILE)
def test_no_field_of_an_entry_acts(field: str, text: str) -> None:
    paper = make_paper(**{"journal_ref": "Nature 521, 436 (2015)", field: text}, authors=[text, "Ada Lovelace"])
    assert active(cite([paper], "bibtex")) == []


@given(
    st.lists(
        st.sampled_from(
            [*HOSTILE, "$", "$$", "{", "}", "\\", "^", "^^", "\\(", "\\)", " a ", "5c", "%", "~", "\\[", "\\]", "\n"]
        ),
        max_size=8,
    )
)
def test_no_mixture_acts(parts: list[str]) -> None:
    assert active(escape_tex("".join(parts))) == []


@pytest.mark.parametrize(
    "formula", [r"$\frac{a}{b} \in \mathbb{R}^{2}$", r"$\begin{pmatrix} a & b \end{pmatrix}$", r"\(x^{2}_{1}\)"]
)
def test_formulas_stay_as_they_are(formula: str) -> None:
    assert defuse_math(formula) == formula


def test_text_commands_stay_and_none_of_them_acts() -> None:
    assert (TEXT_COMMANDS | MATH_COMMANDS).isdisjoint(ACTING_COMMANDS)
    for command in (r"\emph", r"\\'"[1:], r"\&", r"\o", r"\LaTeX"):
        assert is_text_command(command)
    assert escape_tex(r"\emph{open} \o") == r"\emph{open} \o"
    assert escape_tex(r"\ours: a model") == r"\textbackslash{}ours: a model"
