from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coolpapers.papers.citations.keys import citation_key, unique_keys
from tests.coolpapers.papers.works import make_work


@pytest.mark.parametrize(
    ("author", "title", "date", "key"),
    [
        # Keys that arXiv itself gives for these papers.
        ("Ashish Vaswani", "Attention Is All You Need", dt.date(2023, 8, 2), "vaswani2023attentionneed"),
        (
            "Jacob Devlin",
            "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding",
            dt.date(2019, 5, 24),
            "devlin2019bertpretrainingdeepbidirectional",
        ),
        ("Diederik P. Kingma", "Adam: A Method for Stochastic Optimization", dt.date(2017, 1, 30), None),
        ("Kaiming He", "Deep Residual Learning for Image Recognition", dt.date(2015, 12, 10), None),
        ("Maria Inês Silva", "A Public Dataset For the ZKsync Rollup", dt.date(2024, 7, 26), None),
    ],
)
def test_the_key_is_arxivs(author: str, title: str, date: dt.date, key: str | None) -> None:
    expected = (
        key
        or {
            "Diederik P. Kingma": "kingma2017adammethodstochasticoptimization",
            "Kaiming He": "he2015deepresiduallearningimage",
            "Maria Inês Silva": "silva2024publicdatasetzksyncrollup",
        }[author]
    )
    assert citation_key(make_work(authors=[author], title=title, updated=date)) == expected


def test_accents_fold_and_particles_stay() -> None:
    assert (
        citation_key(make_work(authors=["Johannes von Świętosław"], title="Über Größe"))
        == "vonswietoslaw2025ubergrosse"
    )


def test_formulas_lend_their_letters_only() -> None:
    assert citation_key(make_work(authors=["A. Bee"], title="$L_2$ norms")) == "bee2025l2norms"


def test_a_work_without_latin_letters_is_called_by_its_own_id() -> None:
    work = make_work(authors=["张三"], title="注意力机制", key="file:zhang-1")
    assert citation_key(work) == "filezhang1"


def test_equal_keys_get_letters_and_the_first_stays_bare() -> None:
    works = [make_work()] * 28
    keys = unique_keys(works)
    assert keys[:3] == [keys[0], keys[0] + "a", keys[0] + "b"]
    assert keys[27] == keys[0] + "aa"


def test_a_letter_never_makes_the_key_of_another_work() -> None:
    # "bee2025x" twice would give "bee2025xa", which is another work's own key.
    works = [make_work(authors=["A. Bee"], title=title) for title in ("X", "X", "Xa")]
    assert unique_keys(works) == ["bee2025x", "bee2025xb", "bee2025xa"]


@given(st.lists(st.tuples(st.text(max_size=8), st.sampled_from(["X", "Xa", "x a", "Y", "字", ""])), max_size=30))
def test_keys_are_unique_ascii_and_one_a_work(rows: list[tuple[str, str]]) -> None:
    keys = unique_keys([make_work(authors=[author], title=title) for author, title in rows])
    assert len(set(keys)) == len(rows)
    assert all(key.isascii() and key.isalnum() for key in keys)
