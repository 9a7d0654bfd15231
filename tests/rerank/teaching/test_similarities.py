from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rerank.errors import ShapeError, TrainingDataError
from rerank.teaching.similarities import Scale, embedded_by_all, make_panel
from rerank.teaching.text_vectors import TextVectors
from tests.rerank.teaching.world import WordTeacher, store_of, taught_texts

EVERY = np.arange(48)


def two_stores(folder: Path) -> list[TextVectors]:
    texts = taught_texts()
    frequent = WordTeacher(texts.papers, name="frequent", min_papers=6)
    return [store_of(WordTeacher(texts.papers), texts, folder), store_of(frequent, texts, folder)]


def test_similarities_of_random_pairs_have_mean_0_and_deviation_1(tmp_path: Path) -> None:
    for store in two_stores(tmp_path):
        panel = make_panel([store], taught_texts())
        others = ~np.eye(48, dtype=bool)
        values = panel.between_papers(EVERY, EVERY)[others]
        assert values.mean() == pytest.approx(0, abs=0.05)
        assert values.std() == pytest.approx(1, abs=0.05)
        asked = panel.of_queries(np.arange(51), EVERY)
        assert asked.mean() == pytest.approx(0, abs=0.05)
        assert asked.std() == pytest.approx(1, abs=0.05)


def test_a_panel_is_the_weighted_mean_of_its_teachers(tmp_path: Path) -> None:
    stores, texts = two_stores(tmp_path), taught_texts()
    alone = [make_panel([store], texts).of_queries(EVERY, EVERY) for store in stores]
    both = make_panel(stores, texts, weights=(3, 1)).of_queries(EVERY, EVERY)
    # The random pairs of a panel are drawn for one teacher after the other, so its scales differ a little.
    assert both == pytest.approx(0.75 * alone[0] + 0.25 * alone[1], abs=0.05)
    assert make_panel(stores, texts, weights=(1, 0)).of_queries(EVERY, EVERY) == pytest.approx(alone[0])


def test_a_paper_is_nearest_to_its_own_title(tmp_path: Path) -> None:
    panel = make_panel(two_stores(tmp_path), taught_texts())
    nearest = panel.of_queries(EVERY, EVERY).argmax(axis=1)
    assert (nearest == EVERY).mean() > 0.7  # 1/48 by chance


def test_texts_that_a_teacher_lacks_are_known_and_refused(tmp_path: Path) -> None:
    texts = taught_texts()
    stores = two_stores(tmp_path)
    teacher = WordTeacher(texts.papers, name="late")
    late = TextVectors(tmp_path, teacher.name, teacher.model_hash, teacher.dim)
    late.embed(teacher, texts.papers[:5])
    assert embedded_by_all([*stores, late], texts.papers).tolist() == [True] * 5 + [False] * 43
    with pytest.raises(TrainingDataError, match="lacks"):
        make_panel([*stores, late], texts)


def test_weights_must_fit_and_a_teacher_without_an_order_is_refused(tmp_path: Path) -> None:
    stores = two_stores(tmp_path)
    for weights in ((1,), (1, -1), (0, 0)):
        with pytest.raises(ShapeError):
            make_panel(stores, taught_texts(), weights=weights)
    with pytest.raises(TrainingDataError, match="order"):
        Scale.of(np.ones(5, dtype=np.float32))
