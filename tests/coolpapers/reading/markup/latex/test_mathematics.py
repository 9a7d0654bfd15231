"""Mathematics outside the formulas of titles and abstracts."""

from __future__ import annotations

import pytest

from coolpapers.reading.markup.markdown import plain_text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (r"O(n\log n), \log(n), 2\max_i x", "O(n log n), log(n), 2 max_i x"),
        (r"\frac{a+1}{b}, \frac12, \binom{n}{k}", "(a+1)/b, 1/2, (n choose k)"),
        (r"x\frac{1}{2}y and \frac", "x 1/2 y and frac"),
        (r"\sqrt{n+1}, \sqrt[3]{n}, \sqrt[5]{n}, \sqrt", "√(n+1), ∛n, n^(1/5), √"),
        (r"\tilde{O}(n), \hat\alpha, \bar x, \overline{ab}", "Õ(n), α̂,  x, ab"),
        (r"\SI{5}{\metre\per\second} \num{3} \ang{45} \SI{9}{\percent}", "5 metre per second 3 45° 9%"),
        (r"5\metre{} long", "5 metre long"),
    ],
)
def test_it_states_what_the_author_stated(text: str, shown: str) -> None:
    assert plain_text(text) == shown
