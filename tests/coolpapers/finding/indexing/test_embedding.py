"""Keeping vectors at the library's state."""

from __future__ import annotations

from pathlib import Path

import pytest

from coolpapers.finding.indexing import embedding
from coolpapers.finding.indexing.embedding import count_pending, count_to_embed, embed_papers, is_own
from coolpapers.papers.models import Paper, RevisionMark, Sequence, Tombstone, latest_revision
from search.errors import DenseUnavailable
from search.neural.vector_search import VectorSearch
from tests.coolpapers.papers.library import make_paper
from tests.rerank.vectors.older_folders import rewrite_as_version_1
from tests.search.concepts import ConceptRetriever

pytestmark = pytest.mark.django_db


@pytest.fixture
def retriever(tmp_path: Path) -> ConceptRetriever:
    return ConceptRetriever(path=tmp_path / "vectors")


def make_papers(n_papers: int) -> list[Paper]:
    return [make_paper(title=f"Paper {number} about cars") for number in range(n_papers)]


def test_an_empty_library_needs_nothing(retriever: ConceptRetriever) -> None:
    report = embed_papers(retriever)
    assert (report.n_changed, report.n_embedded, report.is_finished) == (0, 0, True)


def test_run_twice_the_second_does_nothing(retriever: ConceptRetriever) -> None:
    make_papers(3)
    assert count_pending(retriever) == 3
    assert embed_papers(retriever).n_embedded == 3
    assert count_pending(retriever) == 0
    assert embed_papers(retriever) == embedding.EmbedReport(0, 0, 0, latest_revision())


def test_only_what_changed_is_embedded(retriever: ConceptRetriever) -> None:
    first, second, third = make_papers(3)
    embed_papers(retriever)
    first.title = "Felines"
    first.save()
    second.comment = "no other text"
    second.save()
    third.delete()
    report = embed_papers(retriever)
    assert (report.n_changed, report.n_embedded, report.n_removed) == (2, 1, 1)
    assert retriever.vectors_of([first.key, second.key, third.key])[0] == [first.key, second.key]


def test_vectors_of_an_older_version_are_converted_although_no_paper_changed(retriever: ConceptRetriever) -> None:
    make_papers(3)
    embed_papers(retriever)
    state = retriever.open_vectors().manifest.extra["state"]
    rewrite_as_version_1(retriever.path)
    assert retriever.has_old_layout()
    report = embed_papers(retriever)
    assert (report.n_changed, report.n_embedded, report.is_finished) == (0, 0, True)
    assert not retriever.has_old_layout()
    assert (retriever.count(), retriever.open_vectors().manifest.extra["state"]) == (3, state)


def test_a_paper_without_abstract_has_a_vector(retriever: ConceptRetriever) -> None:
    paper = make_paper(title="Ocean", abstract="")
    embed_papers(retriever)
    assert VectorSearch(retriever).retrieve("water", depth=1)[0][0] == paper.key


@pytest.mark.parametrize("batch_size", [1, 2, 3, 4, 100])
def test_the_size_of_batches_changes_nothing(
    retriever: ConceptRetriever, batch_size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedding, "BATCH_SIZE", batch_size)
    make_papers(4)
    done: list[int] = []
    report = embed_papers(retriever, progress=done.append)
    assert (report.n_changed, report.n_embedded, report.revision) == (4, 4, latest_revision())
    assert retriever.count() == 4
    assert done[-1] == 4


def test_a_limit_is_kept_and_the_next_run_goes_on(retriever: ConceptRetriever) -> None:
    make_papers(5)
    reports = [embed_papers(retriever, limit=2) for _ in range(3)]
    assert [report.n_embedded for report in reports] == [2, 2, 1]
    assert [report.is_finished for report in reports] == [False, False, True]
    assert reports[-1].revision == latest_revision()


def test_papers_of_one_revision_stay_together(retriever: ConceptRetriever, monkeypatch: pytest.MonkeyPatch) -> None:
    papers = make_papers(4)
    Paper.objects.update(revision=papers[0].revision)
    monkeypatch.setattr(embedding, "BATCH_SIZE", 3)
    embed_papers(retriever, limit=1)
    embed_papers(retriever)
    assert retriever.count() == 4


def test_a_stopped_run_is_resumed(retriever: ConceptRetriever, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding, "BATCH_SIZE", 2)
    make_papers(6)
    asked = iter([False, True])
    report = embed_papers(retriever, should_stop=lambda: next(asked, True))
    assert not report.is_finished
    assert retriever.count() == 2
    report = embed_papers(retriever)
    assert (report.n_embedded, report.is_finished, retriever.count()) == (4, True, 6)


def test_another_model_embeds_everything_anew(retriever: ConceptRetriever) -> None:
    make_papers(3)
    embed_papers(retriever)
    other = ConceptRetriever(path=retriever.path, hash_of_model="concepts-2")
    assert count_pending(other) == 3
    assert embed_papers(other).n_embedded == 3
    assert count_pending(other) == 0


def test_vectors_of_another_history_are_compared_text_by_text(retriever: ConceptRetriever) -> None:
    """A backup is restored beside newer vectors; then other papers come in, up to the revision of the vectors."""
    kept = make_paper(title="Cars")
    before = latest_revision()
    make_paper(title="Trees", key="p:lost")
    embed_papers(retriever)
    Paper.objects.filter(key="p:lost").update(key="p:new", title="Oceans")  # as the backup and a later import have it
    RevisionMark.objects.filter(revision__gt=before).update(token="another")
    assert not is_own(retriever)
    assert count_pending(retriever) == 2
    report = embed_papers(retriever)
    assert (report.n_embedded, report.n_removed) == (1, 1)  # the text that did not change has its vector already
    assert set(retriever.keys()) == {kept.key, "p:new"}
    assert is_own(retriever)
    assert embed_papers(retriever).n_changed == 0


def test_papers_that_have_their_vector_do_not_count_toward_the_limit(retriever: ConceptRetriever) -> None:
    """After a restore a bounded run reaches the new papers, which have the highest revisions, at once."""
    make_papers(5)
    embed_papers(retriever)
    RevisionMark.objects.update(token="another")
    make_paper(title="Oceans")
    make_paper(title="Forest")
    assert embed_papers(retriever, limit=1).n_embedded == 1
    report = embed_papers(retriever, limit=1)
    assert (report.n_embedded, report.is_finished, retriever.count()) == (1, True, 7)


def test_vectors_of_papers_that_an_emptied_library_lacks_are_removed(retriever: ConceptRetriever) -> None:
    make_papers(2)
    embed_papers(retriever)
    for model in (Paper, Tombstone, RevisionMark, Sequence):
        model.objects.all().delete()
    assert embed_papers(retriever).n_removed == 2
    assert retriever.count() == 0


def test_deleted_papers_are_not_forgotten_where_the_vectors_cannot_be_read_now(
    retriever: ConceptRetriever, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The servers of the vectors were down for a moment: an update then must not end without their removal."""
    kept, deleted = make_papers(2)
    embed_papers(retriever)
    deleted.delete()

    def unreadable(*_args: object) -> list[str]:
        raise DenseUnavailable("no server answers", is_transient=True)

    with monkeypatch.context() as outage:
        outage.setattr(retriever, "revision", lambda: 0)
        outage.setattr(retriever, "keys", unreadable)
        with pytest.raises(DenseUnavailable, match="no server answers"):
            embed_papers(retriever)
    embed_papers(retriever)
    assert retriever.keys() == [kept.key]


# ---- the encoder changes ----------------------------------------------------------------------------


def with_another_encoder(retriever: ConceptRetriever) -> ConceptRetriever:
    return ConceptRetriever(path=retriever.path, hash_of_model="wide-2", installed=["concepts-1"])


def nearest(retriever: ConceptRetriever, query: str) -> list[str]:
    return [key for key, _score in VectorSearch(retriever, 20.0).retrieve(query, depth=1)]


def test_former_vectors_are_in_use_until_all_papers_are_embedded(
    retriever: ConceptRetriever, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedding, "BATCH_SIZE", 2)
    papers = [*make_papers(4), make_paper(title="Cats", abstract="")]
    embed_papers(retriever)
    present, elsewhere = with_another_encoder(retriever), with_another_encoder(retriever)
    assert (count_pending(present), count_to_embed(present), is_own(present)) == (0, 5, True)
    asked = iter([False, True])
    assert not embed_papers(present, should_stop=lambda: next(asked, True)).is_finished
    assert count_to_embed(present) == 3
    added = make_paper(title="Oak", abstract="")
    papers[0].delete()
    assert not embed_papers(present, limit=1).is_finished
    for process in (present, elsewhere):
        assert (nearest(process, "feline"), nearest(process, "trees")) == ([papers[4].key], [])
        assert process.count() == 5
    report = embed_papers(present)
    assert (report.is_finished, report.revision) == (True, latest_revision())
    for process in (present, elsewhere):
        assert (nearest(process, "feline"), nearest(process, "trees")) == ([papers[4].key], [added.key])
        assert (process.former(), process.count(), process.revision()) == (None, 5, latest_revision())
        assert count_to_embed(process) == 0
    assert embed_papers(elsewhere) == embedding.EmbedReport(0, 0, 0, latest_revision())


def test_a_run_that_was_killed_before_the_replacement_ends_it(
    retriever: ConceptRetriever, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper = make_paper(title="Cats", abstract="")
    embed_papers(retriever)
    present = with_another_encoder(retriever)
    with monkeypatch.context() as killed:
        killed.setattr(ConceptRetriever, "take_over", interrupted)
        with pytest.raises(KeyboardInterrupt):
            embed_papers(present)
    assert present.former() is not None
    n_texts = present.stub.n_texts
    assert embed_papers(present).is_finished
    assert (present.former(), nearest(present, "feline"), present.stub.n_texts) == (None, [paper.key], n_texts + 1)


def interrupted(_retriever: ConceptRetriever, _writer: ConceptRetriever) -> None:
    raise KeyboardInterrupt


def test_papers_of_another_state_of_the_library_do_not_stay_aside(retriever: ConceptRetriever) -> None:
    first, second = make_paper(title="Cats", abstract=""), make_paper(title="Oak", abstract="")
    embed_papers(retriever)
    present = with_another_encoder(retriever)
    writer = present.writer()
    writer.update(["gone:1", first.key], ["Sea", "Cats"], removed=(), revision=99, origin="elsewhere")
    report = embed_papers(present)
    assert (report.n_removed, report.is_finished) == (1, True)
    assert sorted(present.keys()) == sorted([first.key, second.key])


def test_an_empty_library_with_former_vectors_is_left(retriever: ConceptRetriever) -> None:
    retriever.update(["a"], ["Cats"], removed=(), revision=1)
    assert embed_papers(with_another_encoder(retriever)).n_embedded == 0
