from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.vocabulary.accents import COMBINING, decode_tex_accents, outside_math

CASES = [
    (r"Schr\"odinger", "Schrödinger"),
    (r"Schr\"{o}dinger", "Schrödinger"),
    (r"Schr{\"o}dinger", "Schrödinger"),
    (r"H{\"{o}}rmander", "Hörmander"),
    (r"Schr\" odinger", "Schrödinger"),
    (r"Garc\'{\i}a", "García"),
    (r"Fu\v{c}{\'{\i}}k", "Fučík"),
    (r"Krej\v{c}\'i", "Krejčí"),
    (r"Fran\c{c}ois", "François"),
    (r"\c{C}elik", "Çelik"),
    (r"S{\o}ren \O re", "Søren Øre"),
    (r"Stra\ss e", "Straße"),
    (r"\v{S}\'arka", "Šárka"),
    (r"Fu\v cik", "Fučik"),
    (r"Erd\H{o}s", "Erdős"),
    (r"Szeg\H o", "Szegő"),
    (r"Erd{\H o}s", "Erdős"),
    (r"Zengino\u{g}lu", "Zenginoğlu"),
    (r"Kre\u{\i}n", "Kreĭn"),
    (r"It\=o", "Itō"),
    (r"Bo\.zena", "Bożena"),
    (r"Damian D\k{a}browski", "Damian Dąbrowski"),
    (r"R\r{u}\v{z}i\v{c}ka", "Růžička"),
    (r"\AA ngstr\"om, \aa", "Ångström, å"),
    (r"Miko{\l}aj \L{}ukasz", "Mikołaj Łukasz"),
    (r"Mu\~noz, Assun\c{c}\~ao", "Muñoz, Assunção"),
    (r"Duch\^ene", "Duchêne"),
    (r"\`a la", "à la"),
    (r"{\AE}sir \oe uvre", "Æsir œuvre"),
    (r"Poincar{\'e} {\bf \'a}", r"Poincaré {\bf á}"),
    (r"\emph{Poincar\'e}", r"\emph{Poincaré}"),
    (r"says \"attention\" here", 'says "attention" here'),
    (r"\emph{\'e}tude, \textbf{\O}", r"\emph{é}tude, \textbf{Ø}"),
    (r"Nguy\~{\^e}n, Vi\d{\^e}t, {\'{\u a}}, \`{\u{A}}", "Nguyễn, Việt, ắ, Ằ"),
    (r"\'{\i}, \'\i, {\'\i}, \^\i{}le, {\"{\i}}", "í, í, í, île, ï"),
    (r"\textcommabelow{s}i, H\h{a}i, \v{L}ubo\v s", "și, Hải, Ľuboš"),
    (r"D{\textquoteright}Arcy \textendash{} 5{\textdegree} {\ldots}", "D’Arcy – 5° …"),
    (r"(\r{ho} = 0.9, \k{appa}, \b{eta}-TCVAE)", "(ρ = 0.9, κ, β-TCVAE)"),
]

UNCHANGED = [
    r"$\"{o}$ and $\dot{x}$, $\H(x)$",
    r"\(\hat{\i}\) and \[\v{x}\]",
    r"$$\c{c}$$",
    r"\begin{equation}\b{x}\end{equation}",
    r"\b black, \item \section{o} \Omega \lambda",
    r"\alpha \beta \order \Large",
    r"50\% \& \_ \{ \} \$5",
    "no backslash at all",
    r"\t{oo}",
    r"\textit{a}, \texttt{b}, \textendashes, \dotsb",
    "\\",
    r"\"",
]


@pytest.mark.parametrize(("tex", "text"), CASES)
def test_accents_become_characters(tex: str, text: str) -> None:
    assert decode_tex_accents(tex) == text


@pytest.mark.parametrize("tex", UNCHANGED)
def test_formulas_and_other_commands_stay_as_they_are(tex: str) -> None:
    assert decode_tex_accents(tex) == tex


def test_prose_around_a_formula_is_decoded() -> None:
    assert decode_tex_accents(r"Schr\"odinger's $\"o\'e$ by Erd\H{o}s") == "Schrödinger's $\\\"o\\'e$ by Erdős"


def test_currency_is_not_taken_for_math() -> None:
    assert decode_tex_accents(r"between $5 and $10 for M\"uller") == "between $5 and $10 for Müller"


@given(st.text(max_size=60), st.text(alphabet="\\{}\"'`^~=.uvHcdbkr oeiLss", max_size=30))
def test_text_between_dollars_is_unchanged(before: str, inside: str) -> None:
    formula = f"$x{inside}y$"
    text = before.replace("$", "").replace("\\", "") + " " + formula
    assert decode_tex_accents(text).endswith(formula)


@given(st.text())
def test_decoding_any_text_is_idempotent(text: str) -> None:
    assert isinstance(decode_tex_accents(text), str)
    assert outside_math(text, str) == text


@pytest.mark.parametrize(
    "mark",
    [r"\(", r"\[", "$$ a ", "$a ", r"\begin{align}", r"\begin{align}\begin{gather}", r"\'{", r"\'", r"\c ", "{ ", "\\"],
)
def test_unclosed_brackets_take_linear_time(mark: str) -> None:
    text = mark * (200_000 // len(mark))
    began = time.process_time()
    assert len(decode_tex_accents(text)) <= len(text)
    assert time.process_time() - began < 2


@given(st.sampled_from(sorted(COMBINING)), st.sampled_from("aeiouncszgyAEIOUNCSZ"))
def test_every_accent_stands_on_its_letter(command: str, letter: str) -> None:
    dotted = command == "." and letter == "i"  # an i has its dot
    composed = letter if dotted else unicodedata.normalize("NFC", letter + COMBINING[command])
    assert decode_tex_accents(rf"\{command}{{{letter}}}") == composed
