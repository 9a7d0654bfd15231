"""Titles and abstracts: TeX as authors write it in running text."""

from __future__ import annotations

import pytest

from coolpapers.reading.markup.markdown import plain_text, render_abstract, render_title


@pytest.mark.parametrize(
    ("text", "html"),
    [
        (r"\emph{a} \textbf{b} \textit{c} \texttt{d}", "<em>a</em> <strong>b</strong> <em>c</em> <code>d</code>"),
        (r"{\bf a} {\em b} {\it\bf c}", "<strong>a</strong> <em>b</em> <em><strong>c</strong></em>"),
        (r"\textsc{Foo} \underline{G}eneral \mbox{x}", "Foo General x"),
        (r"\textcolor{red}{a} \hyperlink{b}{c} \foo[opt]{d}{e} \bar f", "a c de  f"),
        (r"\emphk-means and \mathcalO(n)", "k-means and O(n)"),
        (r"x\cite{a}, \citep[p.~1][]{b} y\footnote{c {d} $e$}.", "x, y."),
        (r"see \cite{a} and \citet{b}.", "see and."),
        (r"\label{a}b \vspace{1em}c", "b c"),
        (r"\begin{itemize}\item a \item b\end{itemize}", " • a • b "),
        (r"a \begin{abstract}b\end{abstract}", "a  b "),
        (r"\begin{enumerate}\item[(a)] x\end{enumerate}", " • (a) x "),
        (r"\ie x, \eg y, \etc.", "i.e. x, e.g. y, etc."),
        (r"a \\[2pt] b\\*[1ex]c", "a   b c"),
        (r"\textbf{a", "<strong>a</strong>"),
        (r"a} b", "a} b"),
        (r"\textbf a \bf b", " a  b"),
    ],
)
def test_commands(text: str, html: str) -> None:
    assert render_abstract(text) == html


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (r"Schr\"odinger \'{e} \`a \^{\i} \'\i{}s \~n \=o \.z", "Schrödinger é à î ís ñ ō ż"),
        (r"\c{c} \v{s} \u{g} \H{o} \k{a} \r{a} \d{s} \b{a} \v s", "ç š ğ ő ą å ṣ a̱ š"),
        (r"\o \O \l \L \ss{} \ae\oe \aa \AA, S\o ren", "ø Ø ł Ł ß æœ å Å, Søren"),
        (r"{\"o} {\ss} {\'e}t\'e", "ö ß été"),
        (r"the model\'s \"word\" isn\'t", "the model's \"word\" isn't"),
        (r"\^ \~ x", "^ ~ x"),
    ],
)
def test_accents_and_letters(text: str, shown: str) -> None:
    assert plain_text(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (r"5\% \& \# \_ \$ \{\}", "5% & # _ $ {}"),
        (r"a\,b\;c\ d\\e hy\-phen it\/s \@x", "a b c d e hyphen its x"),
        (r"\alpha-helix, \Omega, 3\times, \sim5, \rightarrow, \infty", "α-helix, Ω, 3×, ∼5, →, ∞"),
        (r"\ldots{} \textendash{} \textquotedblleft a\textquotedblright", "… – “a”"),
        (r"\sqrt{n} \textbackslash{}x", "√n \\x"),
        ("``a'' ''b", "“a” ”b"),
        ("Fig.~3, A~B~C, a~~b", "Fig. 3, A B C, a b"),
        ("about ~5, (~5), +~5, 3~5, 5%~6%, a ~ b, ~a, b~", "about ~5, (~5), +~5, 3~5, 5%~6%, a ~ b, ~a, b~"),
        (r"https://a.b/~c\_d", "https://a.b/~c_d"),
        (r"a \] b \[ c \( d", "a ] b [ c ( d"),
    ],
)
def test_signs_quotes_and_ties(text: str, shown: str) -> None:
    assert plain_text(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("{BERT} and Schr{ö}dinger", "BERT and Schrödinger"),
        ("in {0, 1} or {a, b}", "in {0, 1} or {a, b}"),
        ("x^{2} and f_{i}", "x^{2} and f_{i}"),
        ("{28} {} {", "{28} {} {"),
    ],
)
def test_braces(text: str, shown: str) -> None:
    assert plain_text(text) == shown


@pytest.mark.parametrize(
    ("text", "html"),
    [
        (r"\url{https://a.b/c\_d}", '<a href="https://a.b/c_d" rel="nofollow noopener">https://a.b/c_d</a>'),
        (r"\href{https://a.b}{\emph{c}}", '<a href="https://a.b" rel="nofollow noopener"><em>c</em></a>'),
        (r"\href{https://a.b}", '<a href="https://a.b" rel="nofollow noopener">https://a.b</a>'),
        (r"\url{javascript:a}", "javascript:a"),
        (r"\href{mailto:a@b}{c}", "c"),
        (r"\url a", " a"),
        ("https://a.b/c.", '<a href="https://a.b/c" rel="nofollow noopener">https://a.b/c</a>.'),
        ("(http://a.b/c_(d))", '(<a href="http://a.b/c_(d)" rel="nofollow noopener">http://a.b/c_(d)</a>)'),
        (r"https://a.b/c\_d, e", '<a href="https://a.b/c_d" rel="nofollow noopener">https://a.b/c_d</a>, e'),
        ("见https://a.b/c。", '见<a href="https://a.b/c" rel="nofollow noopener">https://a.b/c</a>。'),
        (r"\href{https://a.b}{https://c.d}", '<a href="https://a.b" rel="nofollow noopener">https://c.d</a>'),
        ('https://a.b"onclick=c', '<a href="https://a.b" rel="nofollow noopener">https://a.b</a>"onclick=c'),
        ("https:// and https://)", "https:// and https://)"),
    ],
)
def test_addresses(text: str, html: str) -> None:
    assert render_abstract(text) == html


def test_a_title_keeps_the_words_of_its_links_and_stays_on_one_line() -> None:
    assert render_title("\\href{https://a.b}{c} \\url{https://d.e}\n\nf") == "c https://d.e f"
    assert render_abstract("a\n\nb") == "a<br><br>b"


def test_formulas_are_left_alone_by_everything() -> None:
    text = r"$\text{a ``b'' \% ~ \emph{c}}$ \textbf{\(x~y\)}"
    html = render_abstract(text)
    assert r"\(\text{a ``b'' \% ~ \emph{c}}\)" in html
    assert r"<strong><span" in html
    assert r"\(x~y\)" in html
