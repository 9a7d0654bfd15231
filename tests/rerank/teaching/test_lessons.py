from __future__ import annotations

from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from rerank.errors import ShapeError
from rerank.teaching.lessons import N_NEAR, Lesson, Lessons
from rerank.teaching.similarities import make_panel
from tests.rerank.teaching.world import WordTeacher, lessons_in, store_of, taught_texts


def same(first: Lesson, second: Lesson) -> bool:
    return np.array_equal(first.papers, second.papers) and np.array_equal(first.queries, second.queries)


def test_a_lesson_has_near_and_random_papers_each_once_with_their_queries(tmp_path: Path) -> None:
    lessons = lessons_in(tmp_path)
    for lesson in islice(lessons.batches(seed=0), 20):
        assert len(set(lesson.papers.tolist())) == len(lesson.papers) == 16
        owners = lessons.texts.paper_of[lesson.queries]
        assert set(owners.tolist()) - {-1} == set(lesson.papers.tolist())
        assert (owners == -1).sum() == 3  # all of the readers' queries
        assert lesson.between_papers.shape == (16, 16)
        assert lesson.of_queries.shape == (len(lesson.queries), 16)


def test_half_of_a_lesson_is_nearer_than_random_papers(tmp_path: Path) -> None:
    lessons = lessons_in(tmp_path)
    near, far = [], []
    for lesson in islice(lessons.batches(seed=0), 20):
        off = ~np.eye(N_NEAR, dtype=bool)
        near.append(lesson.between_papers[:N_NEAR, :N_NEAR][off].mean())
        far.append(lesson.between_papers[N_NEAR:, N_NEAR:][off].mean())
    assert np.mean(near) > np.mean(far) + 0.3


def test_lessons_depend_on_the_seed_and_go_on_from_any_number(tmp_path: Path) -> None:
    lessons = lessons_in(tmp_path)
    all_of_them = list(islice(lessons.batches(seed=3), 60))  # more than one pass
    later = list(islice(lessons.batches(seed=3, start=50), 10))
    assert all(map(same, all_of_them[50:], later))
    other = next(lessons.batches(seed=4))
    assert not same(all_of_them[0], other)


def test_hard_papers_come_first(tmp_path: Path) -> None:
    texts = taught_texts()
    teacher = WordTeacher(texts.papers)
    lessons = lessons_in(tmp_path)
    knows_all = teacher.encode(texts.papers)
    knows_half = knows_all.copy()
    knows_half[24:] = np.random.default_rng(0).permuted(knows_half[24:], axis=1)  # confused on the second half
    difficulty = lessons.difficulty(knows_half)
    assert difficulty[24:].mean() > difficulty[:24].mean()
    hardest = int(difficulty.argmax())
    assert hardest in next(lessons.batches(seed=0, first=difficulty)).papers


def test_queries_are_compared_with_all_papers_and_all_are_asked(tmp_path: Path) -> None:
    lessons = lessons_in(tmp_path)
    n_batches = len(lessons.texts.queries) // lessons.n_queries
    one_pass = list(islice(lessons.of_queries(seed=0), n_batches))
    assert sorted(row for lesson in one_pass for row in lesson.queries.tolist()) == list(range(51))
    assert all(lesson.of_queries.shape == (len(lesson.queries), 48) for lesson in one_pass)
    assert same(next(lessons.of_queries(seed=0, start=5)), one_pass[5])


def test_too_few_papers_are_refused(tmp_path: Path) -> None:
    texts = taught_texts()
    panel = make_panel([store_of(WordTeacher(texts.papers), texts, tmp_path)], texts)
    for n_papers in (8, 64):
        with pytest.raises(ShapeError, match="papers"):
            Lessons(panel, texts, n_papers=n_papers)
