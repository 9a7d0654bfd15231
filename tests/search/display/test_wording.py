from __future__ import annotations

import pytest

from search.display.wording import Wording, marked_words


def test_marks_are_read_as_text() -> None:
    html = "A <mark>R&amp;D</mark> of <mark>Gr<em>aph</em>s</mark>, <mark>R&amp;D</mark>"
    assert marked_words(html) == ["R&D", "Graphs"]


@pytest.mark.parametrize(
    ("words", "term", "shown"),
    [
        (["Diffusion", "diffusing"], "diffus", "Diffusion"),
        (["Schrödinger"], "schrodinger", "Schrödinger"),
        (["graph neural networks"], '"graph neural network"', '"graph neural networks"'),
        (["non-invasive"], "invas", "invasive"),
        (["multi-tasks"], "multitask", "multi-tasks"),
        (["transformers"], "transf*", "transf*"),
        (["注意力"], "注意", "注意"),
        ([], "diffus", "diffus"),
    ],
)
def test_a_term_is_described_by_the_first_word_that_yields_it(words: list[str], term: str, shown: str) -> None:
    assert Wording(words).describe(term) == shown


def test_a_term_of_no_word_is_told_apart() -> None:
    assert "diffus" in Wording(["diffusion"])
    assert "graph" not in Wording(["diffusion"])
