"""What every store of vectors does: in files, and on servers. Start at :class:`VectorContract`."""

from __future__ import annotations

import os
import signal
from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from search.errors import DenseUnavailable
from search.neural.vector_search import VectorSearch
from tests.search.concepts import ConceptEncoder, ConceptRetriever

if TYPE_CHECKING:
    from search.base.aliases import Vectors

PATIENT_S = 30.0
CONCEPT_WORDS = ("car", "tree", "graph", "cat", "ocean")


def texts_of(n_papers: int, *, seed: int = 0) -> list[str]:
    """Texts of two concepts and some other words, so that few cosines are equal."""
    rng = np.random.default_rng(seed)
    others = [f"w{number}" for number in range(40)]
    return [
        " ".join([*rng.choice(CONCEPT_WORDS, size=2), *rng.choice(others, size=6), f"n{number}"])
        for number in range(n_papers)
    ]


def keys_of(n_papers: int) -> list[str]:
    return [f"p:{number:04}" for number in range(n_papers)]


def exact_order(query: Vectors, keys: Sequence[str], vectors: Vectors) -> list[tuple[str, float]]:
    scores = vectors.astype(np.float16).astype(np.float32) @ query
    return sorted(zip(keys, scores.tolist(), strict=True), key=lambda item: (-item[1], item[0]))


class VectorContract:
    """Each method of a subclass's ``make`` opens the same store again, as another process would."""

    @abstractmethod
    def make(self, **options: Any) -> ConceptRetriever: ...

    def filled(self, n_papers: int, **options: Any) -> ConceptRetriever:
        retriever = self.make(**options)
        retriever.update(keys_of(n_papers), texts_of(n_papers), removed=(), revision=1, origin="1:a")
        return retriever

    def test_nothing_is_there_before_the_first_update(self) -> None:
        empty = self.make()
        assert (empty.count(), empty.revision(), empty.origin(), empty.damage()) == (0, 0, "", "")
        assert not empty.has_vectors()
        with pytest.raises(DenseUnavailable, match=r"run manage\.py embed_papers") as caught:
            VectorSearch(empty, PATIENT_S).retrieve("car", depth=3)
        assert not caught.value.is_transient

    def test_the_nearest_papers_have_the_cosines_of_exact_search(self) -> None:
        retriever = self.filled(300)
        texts = texts_of(300)
        vectors = ConceptEncoder().encode(texts)
        for text in ("car tree", "ocean w3", texts[17]):
            query = retriever.query_vector(text, wait_s=PATIENT_S)
            expected = exact_order(query, keys_of(300), vectors)[:40]
            found = retriever.reader().nearest(query, depth=40, min_score=-1.0)
            assert [score for _, score in found] == pytest.approx([score for _, score in expected], abs=1e-6)
            by_key = dict(expected)
            for key, score in found:
                assert by_key.get(key, expected[-1][1]) == pytest.approx(score, abs=1e-6)

    def test_a_filter_restricts_the_search_and_not_its_result(self) -> None:
        retriever = self.filled(200)
        query = retriever.query_vector("car", wait_s=PATIENT_S)
        far = dict(retriever.reader().nearest(query, depth=200, min_score=-1.0)[-5:])
        found = retriever.reader().nearest(query, depth=3, min_score=-1.0, among=[*far, "unknown"])
        assert dict(found) == pytest.approx({key: far[key] for key, _ in found}, abs=1e-6)
        assert [score for _, score in found] == pytest.approx(sorted(far.values(), reverse=True)[:3], abs=1e-6)
        assert retriever.reader().nearest(query, depth=3, min_score=-1.0, among=[]) == []

    def test_no_paper_below_the_least_score_is_found(self) -> None:
        retriever = self.filled(50)
        query = retriever.query_vector("car", wait_s=PATIENT_S)
        everything = retriever.reader().nearest(query, depth=50, min_score=-1.0)
        floor = everything[9][1]
        assert len(retriever.reader().nearest(query, depth=50, min_score=floor)) >= 10
        assert all(score >= floor for _, score in retriever.reader().nearest(query, depth=50, min_score=floor))

    def test_vectors_of_papers_come_in_the_order_of_their_keys(self) -> None:
        retriever = self.filled(30)
        asked = ["p:0007", "unknown", "p:0003", "p:0007"]
        expected = ConceptEncoder().encode([texts_of(30)[number] for number in (7, 3, 7)])
        for _ in range(2):  # the second time from what was fetched
            keys, vectors = retriever.vectors_of(asked)
            assert keys == ["p:0007", "p:0003", "p:0007"]
            np.testing.assert_allclose(vectors, expected, atol=1e-3)
        keys, vectors = retriever.vectors_of(["unknown"])
        assert (keys, vectors.shape) == ([], (0, expected.shape[1]))

    def test_candidates_and_their_cosines_are_of_one_moment(self) -> None:
        retriever = self.filled(60)
        found, cosines = VectorSearch(retriever, PATIENT_S).retrieve_among("car", ["p:0001", "x", "p:0002"], depth=5)
        assert len(found) == 5
        assert set(cosines) == {"p:0001", "p:0002", *(key for key, _ in found)}
        assert VectorSearch(retriever).similarities("car", list(cosines)) == pytest.approx(cosines, abs=1e-6)

    def test_neighbours_and_feedback_use_stored_vectors(self) -> None:
        retriever = self.filled(60)
        search = VectorSearch(retriever, PATIENT_S)
        neighbours = search.neighbours("p:0001", "ignored: it has a vector", depth=5)
        assert "p:0001" not in dict(neighbours)
        assert len(neighbours) == 5
        plain = search.similarities("car", ["p:0001", "p:0002"])
        moved = search.similarities("car", ["p:0001", "p:0002"], toward=["p:0002"], share=0.5)
        assert moved["p:0002"] == pytest.approx(plain["p:0002"] + 0.5, abs=2e-3)

    def test_an_update_changes_only_what_differs(self) -> None:
        retriever = self.filled(40)
        before = retriever.stub.n_texts
        version, identity = retriever.version(), retriever.identity()
        texts = [*texts_of(40)[:38], "ocean ocean", "a new text"]
        report = retriever.update([*keys_of(39), "new"], texts, removed=["p:0039", "unknown"], revision=2)
        assert (report.added, report.replaced, report.removed, report.unchanged) == (1, 1, 1, 38)
        assert retriever.stub.n_texts == before + 2
        other = self.make()
        assert (other.count(), other.revision()) == (40, 2)
        assert set(other.keys()) == {*keys_of(39), "new"}
        assert retriever.version() != version
        assert retriever.identity() != identity
        np.testing.assert_allclose(other.vectors_of(["p:0038"])[1], ConceptEncoder().encode(["ocean"]), atol=1e-3)

    def test_a_revision_without_changes_keeps_the_version(self) -> None:
        retriever = self.filled(10)
        version = retriever.version()
        retriever.update([], [], removed=(), revision=9, origin="9:x")
        assert (retriever.revision(), retriever.origin()) == (9, "9:x")
        assert retriever.version() == version

    def test_a_text_that_another_paper_had_is_not_embedded_again(self) -> None:
        retriever = self.filled(10)
        before = retriever.stub.n_texts
        retriever.update(["renamed"], [texts_of(10)[4]], removed=["p:0004"], revision=2)
        assert retriever.stub.n_texts == before
        assert set(retriever.keys()) == {*keys_of(10), "renamed"} - {"p:0004"}

    def test_hashes_of_texts_tell_what_is_embedded(self) -> None:
        retriever = self.filled(5)
        first, missing, again = retriever.text_hashes(["p:0000", "unknown", "p:0000"])
        assert (len(first), missing, again) == (32, "", first)
        is_embedded = retriever.text_lookup()
        assert is_embedded(texts_of(5)[2])
        assert not is_embedded("something else")

    def test_a_sample_is_spread_and_the_same_each_time(self) -> None:
        retriever = self.filled(100)
        sample = retriever.reader().sample(20)
        assert 20 <= len(sample) <= 25
        np.testing.assert_array_equal(sample, self.make().reader().sample(20))
        np.testing.assert_allclose(np.linalg.norm(sample, axis=1), 1, atol=2e-3)

    def test_vectors_of_another_encoder_are_refused_with_the_cure_and_replaced(self) -> None:
        self.filled(10)
        other = self.make(hash_of_model="concepts-2")
        with pytest.raises(DenseUnavailable, match="embed"):
            VectorSearch(other, PATIENT_S).retrieve("car", depth=3)
        assert (other.count(), other.revision(), other.damage()) == (0, 0, "")
        other.update(keys_of(4), texts_of(4), removed=(), revision=3)
        assert (other.count(), other.stub.n_texts) == (4, 4)
        with pytest.raises(DenseUnavailable, match="embed"):
            VectorSearch(self.make(), PATIENT_S).retrieve("car", depth=3)

    def test_a_stopped_update_goes_on_where_it_stopped(self, small_chunks: int) -> None:
        retriever = self.filled(5)
        stops = iter([False, False, True])
        report = retriever.update(
            keys_of(50), texts_of(50), removed=["p:0000"], revision=2, should_stop=lambda: next(stops)
        )
        assert (report.finished, report.embedded) == (False, 2 * small_chunks)
        again = self.make()
        assert again.revision() == 1
        report = again.update(keys_of(50)[1:], texts_of(50)[1:], removed=["p:0000"], revision=2)
        assert report.finished
        assert retriever.stub.n_texts + again.stub.n_texts <= 50
        assert (again.count(), again.revision()) == (49, 2)

    def test_a_killed_update_is_completed_by_the_next_one(self, small_chunks: int) -> None:
        retriever = self.filled(5)
        child = os.fork()
        if not child:
            killed = self.make()
            _kill_after(killed, n_calls=3)
            killed.update(keys_of(50), texts_of(50), removed=["p:0001"], revision=2)
            os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        assert retriever.revision() == 1
        assert VectorSearch(retriever, PATIENT_S).retrieve("car", depth=3)
        again = self.make()
        again.update(keys_of(50), texts_of(50), removed=(), revision=2)
        assert again.stub.n_texts <= 50 - 5 - 2 * small_chunks
        assert (again.count(), again.revision()) == (50, 2)

    def test_nan_is_not_stored(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(ConceptEncoder, "encode", lambda self, texts: np.full((len(texts), 4), np.nan, np.float32))
        retriever = self.make()
        with pytest.raises(DenseUnavailable, match="NaN"):
            retriever.update(["a"], ["car"], removed=(), revision=1)
        assert retriever.count() == retriever.revision() == 0

    def test_texts_without_a_direction_are_stored(self) -> None:
        retriever = self.make()
        retriever.update(["a", "b"], ["", "car"], removed=(), revision=1)
        assert retriever.count() == 2
        assert VectorSearch(retriever, PATIENT_S).retrieve("car", depth=2)[0][0] == "b"

    def test_one_process_writes_at_a_time(self) -> None:
        retriever = self.filled(3)
        other = self.make()

        def encode_while_another_writes(texts: Sequence[str]) -> Vectors:
            with pytest.raises(DenseUnavailable, match="another process") as caught:
                other.update(["late"], ["feline"], removed=(), revision=2)
            assert caught.value.is_transient
            return ConceptEncoder().encode(texts)  # type: ignore[no-any-return]

        retriever.stub.encode = encode_while_another_writes  # type: ignore[method-assign]
        assert retriever.update(["new"], ["feline"], removed=(), revision=2).finished
        assert set(retriever.keys()) == {*keys_of(3), "new"}


def _kill_after(retriever: ConceptRetriever, *, n_calls: int) -> None:
    """End the process when the encoder is called for the ``n_calls``-th time."""
    encode: Callable[[Sequence[str]], Any] = retriever.stub.encode
    calls = []

    def count(texts: Sequence[str]) -> Any:
        calls.append(1)
        if len(calls) == n_calls:
            os.kill(os.getpid(), signal.SIGKILL)
        return encode(texts)

    retriever.stub.encode = count  # type: ignore[method-assign]
