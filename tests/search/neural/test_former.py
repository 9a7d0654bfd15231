"""Vectors of a former encoder stay in use until those of the present one are complete."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from rerank.artifacts import Manifest, read_manifest
from rerank.encoders.weights import DEFAULT_ENCODER, SHIPPED, find_model, model_hash, vectors_hash
from rerank.vectors.index import KIND
from search.errors import DenseUnavailable
from search.neural.dense import VectorRetriever
from search.neural.former import ENCODER, find_model_of, place_of
from search.neural.texts import embedding_text
from search.neural.vector_search import VectorSearch
from search.ranking.preference import Preference, order_by_preference
from tests.rerank.conftest import save_encoder
from tests.search.concepts import ConceptRetriever
from tests.search.meanings import make_engine, make_library, make_retriever

PATIENT_S = 20.0
KEYS = [document["key"] for document in make_library()]
TEXTS = [embedding_text(document["title"], document["abstract"]) for document in make_library()]


@pytest.fixture
def former(tmp_path: Path) -> ConceptRetriever:
    return make_retriever(tmp_path / "vectors", make_library())


@pytest.fixture
def present(former: ConceptRetriever) -> ConceptRetriever:
    """The same folder in a process with another encoder."""
    return another(former.path)


def another(path: Path) -> ConceptRetriever:
    return ConceptRetriever(path=path, hash_of_model="wide-2", installed=["concepts-1"])


def nearest(retriever: VectorRetriever, query: str = "feline") -> list[str]:
    return [key for key, _score in VectorSearch(retriever, PATIENT_S).retrieve(query, depth=2)]


def test_searches_use_the_former_encoder(former: ConceptRetriever, present: ConceptRetriever) -> None:
    assert nearest(present) == nearest(former) == ["p:07", "p:09"]
    assert present.reader().former is not None
    assert (present.count(), present.revision(), present.damage(), present.verify()) == (12, 1, "", [])
    assert VectorSearch(present).query_hash() == "concepts-1"
    assert VectorSearch(present, PATIENT_S).neighbours("p:07", "", depth=1) == VectorSearch(former).neighbours(
        "p:07", "", depth=1
    )
    new = VectorSearch(present, PATIENT_S).neighbours("unknown", "feline", depth=1)
    assert [key for key, _score in new] == ["p:07"]
    moved = VectorSearch(present).similarities("feline", KEYS, toward=["p:10"], share=0.5)
    assert moved == pytest.approx(
        VectorSearch(former, PATIENT_S).similarities("feline", KEYS, toward=["p:10"], share=0.5)
    )


def test_stars_and_hidden_papers_order_by_former_vectors(former: ConceptRetriever, present: ConceptRetriever) -> None:
    preference = Preference(starred=["p:07"], hidden=["p:10"])
    engine = make_engine(make_library())
    expected = order_by_preference(KEYS, preference, engine=engine, dense=former)
    assert order_by_preference(KEYS, preference, engine=engine, dense=present) == expected
    assert expected.notes == ()
    assert expected.keys[:2] == ["p:07", "p:09"]


def test_the_new_vectors_are_made_aside_and_take_over_in_one_step(present: ConceptRetriever) -> None:
    follower = another(present.path)  # of another process
    before = (present.path / "manifest.json").read_bytes()
    writer = present.writer()
    writer.update(KEYS, TEXTS, removed=(), revision=1)
    writer.update(["new"], ["Feline water"], removed=["p:09"], revision=2)
    assert (present.path / "manifest.json").read_bytes() == before
    assert nearest(follower) == ["p:07", "p:09"]
    assert present.n_aside() == follower.n_aside() == 12
    assert present.writer().revision() == 2
    searching = VectorSearch(follower, PATIENT_S)  # a search that began before
    assert searching.reader.former is not None
    present.take_over(writer)
    for retriever in (present, follower):
        assert retriever.former() is None
        assert retriever.writer() is retriever
        assert (nearest(retriever), retriever.revision()) == (["p:07", "new"], 2)
        assert VectorSearch(retriever).query_hash() == "wide-2"
        assert retriever.vectors_of(["new"])[1].shape == (1, 24)
    assert searching.retrieve("feline", depth=1)[0][0] == "p:07"  # ends with the vectors and the encoder it began with
    assert not (present.path / "aside").exists()
    assert present.update(KEYS[:1], TEXTS[:1], removed=(), revision=3).finished


def test_an_encoder_that_is_gone_leaves_words_and_is_named(former: ConceptRetriever) -> None:
    present = ConceptRetriever(path=former.path, hash_of_model="wide-2")
    for _ in range(2):
        with pytest.raises(DenseUnavailable, match=r"encoder concepts, which is missing .* embed_papers"):
            nearest(present)
    assert present.strange_model() == "concepts"
    assert present.writer() is present
    present.update(KEYS, TEXTS, removed=(), revision=1)  # as before there was a way to keep the vectors
    assert (nearest(present), present.strange_model()) == (["p:07", "p:09"], "")


def test_the_log_names_the_former_encoder_once(present: ConceptRetriever, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(2):
        nearest(present)
        present.damage()
        present.writer().update(KEYS[:4], TEXTS[:4], removed=(), revision=1)
    lines = [record.message for record in caplog.records if "former encoder" in record.message]
    assert len(lines) == 1
    assert "model concepts-1" in lines[0]


def test_what_was_embedded_aside_is_used_when_the_former_encoder_goes(present: ConceptRetriever) -> None:
    present.writer().update(KEYS[:9], TEXTS[:9], removed=(), revision=1)
    alone = ConceptRetriever(path=present.path, hash_of_model="wide-2")
    alone.settle()
    assert (alone.count(), alone.writer() is alone) == (9, True)


def test_a_finished_replacement_is_settled_and_that_of_another_encoder_is_left(present: ConceptRetriever) -> None:
    writer = present.writer()
    writer.update(KEYS, TEXTS, removed=(), revision=1)
    kept = present.path.with_name("kept")
    shutil.copytree(writer.path, kept)
    with_old = ConceptRetriever(path=present.path)  # a process that still runs with the former setting
    with_old.settle()
    assert writer.path.is_dir()
    present.take_over(writer)
    shutil.copytree(kept, writer.path)  # killed before it was removed
    present.settle()
    assert not writer.path.exists()
    assert present.count() == 12


def test_nobody_embeds_aside_after_the_replacement(present: ConceptRetriever) -> None:
    first, second = present.writer(), another(present.path).writer()
    first.update(KEYS, TEXTS, removed=(), revision=1)
    present.take_over(first)
    with pytest.raises(DenseUnavailable, match="another process") as caught:
        second.update(KEYS, TEXTS, removed=(), revision=1)
    assert caught.value.is_transient


def test_damaged_former_vectors_are_reported(present: ConceptRetriever, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rerank.artifacts.VERIFIED_WHEN_OPENED_BYTES", 0)
    path = next(present.path.glob("vectors-*.npy"))
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    assert present.verify() == [path.name]
    assert path.name in present.damage()


def test_an_encoder_that_changes_twice_starts_anew_aside(present: ConceptRetriever) -> None:
    present.writer().update(KEYS, TEXTS, removed=(), revision=1)
    third = ConceptRetriever(path=present.path, hash_of_model="wide-3", installed=["concepts-1", "wide-2"])
    assert (third.n_aside(), third.writer().revision()) == (0, 0)
    third.writer().update(KEYS, TEXTS, removed=(), revision=1)
    third.take_over(third.writer())
    assert read_manifest(third.path, kind=KIND).model_hash == "wide-3"


KILLED = """
import os, signal, sys
from pathlib import Path
from rerank.vectors import vector_store
from tests.search.neural.test_former import KEYS, TEXTS, another

vector_store.CHUNK_TEXTS = 4
present = another(Path(sys.argv[1]))
writer = present.writer()
writer.update(KEYS[:4], TEXTS[:4], removed=(), revision=1)
kill = lambda done, total: os.kill(os.getpid(), signal.SIGKILL)
writer.update(KEYS[4:], TEXTS[4:], removed=(), revision=1, progress=kill)
"""


def test_a_killed_run_is_resumed(present: ConceptRetriever) -> None:
    run = subprocess.run([sys.executable, "-c", KILLED, str(present.path)], check=False)
    assert run.returncode == -signal.SIGKILL
    assert nearest(present) == ["p:07", "p:09"]
    assert present.n_aside() > 4
    writer = present.writer()
    assert writer.update(KEYS, TEXTS, removed=(), revision=1).embedded == 4
    present.take_over(writer)
    assert (nearest(present), present.former()) == (["p:07", "p:09"], None)


# ---- real models ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("encoders")
    return save_encoder(folder / "one", seed=1), save_encoder(folder / "two", seed=2)


def manifest_of(model: str, hash_of_model: str, place: str = "") -> Manifest:
    return Manifest(
        kind=KIND, model=model, model_hash=hash_of_model, extra={"state": {ENCODER: place}} if place else {}
    )


def test_a_model_is_found_where_it_was_recorded(models: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = models
    own = vectors_hash(one)
    monkeypatch.chdir(one.parent)
    assert place_of("one") == str(one)
    assert find_model_of(manifest_of("one", own, place_of(one))) == one
    monkeypatch.chdir("/")
    assert find_model_of(manifest_of("one", own)) is None
    assert find_model_of(manifest_of("one", own, str(two))) is None  # other weights
    assert find_model_of(manifest_of("\0", own, "no/such\0place")) is None


def test_shipped_models_are_tried_for_vectors_of_older_versions() -> None:
    base = vectors_hash(find_model("papers-query-encoder"))
    assert place_of("papers-query-encoder") == "papers-query-encoder"
    assert find_model_of(manifest_of("papers-query-encoder", base)) == SHIPPED / "papers-query-encoder"
    assert find_model_of(manifest_of("an-older-name", base)) == SHIPPED / "papers-query-encoder"
    own = model_hash(find_model(DEFAULT_ENCODER))
    assert find_model_of(manifest_of(DEFAULT_ENCODER, own)) == find_model(DEFAULT_ENCODER)


def test_an_incomplete_model_is_not_used(models: tuple[Path, Path], tmp_path: Path) -> None:
    folder = shutil.copytree(models[0], tmp_path / "cut")
    weights = next(folder.glob("*.safetensors"))
    own = vectors_hash(folder)
    assert find_model_of(manifest_of("cut", own, str(folder))) == folder
    weights.write_bytes(weights.read_bytes()[:-10])
    assert find_model_of(manifest_of("cut", own, str(folder))) is None
    assert find_model_of(manifest_of("cut", vectors_hash(folder), str(folder))) is None


@pytest.mark.parametrize("change", ["other encoder", "query encoder alone"])
def test_real_encoders(models: tuple[Path, Path], tmp_path: Path, change: str) -> None:
    one, two = models
    texts = ["graph neural network", "prime numbers gaps", "speech translation", "quantum field theory"]
    keys = ["a", "b", "c", "d"]
    of_one = VectorRetriever(path=tmp_path / "vectors", model=one, min_similarity=-1.0)
    of_one.update(keys, texts, removed=(), revision=1)
    model = two if change == "other encoder" else shutil.copytree(one, tmp_path / "same weights")
    later = VectorRetriever(path=tmp_path / "vectors", model=model, min_similarity=-1.0)
    expected = VectorSearch(of_one, PATIENT_S).retrieve("neural graph", depth=4)
    assert VectorSearch(later, PATIENT_S).retrieve("neural graph", depth=4) == expected
    assert (later.former() is None) == (change == "query encoder alone")
    writer = later.writer()
    writer.update(keys, texts, removed=(), revision=1)
    later.take_over(writer)
    alone = VectorRetriever(path=tmp_path / "alone", model=model, min_similarity=-1.0)
    alone.update(keys, texts, removed=(), revision=1)
    np.testing.assert_array_equal(later.vectors_of(keys)[1], alone.vectors_of(keys)[1])
    own = VectorSearch(alone, PATIENT_S).retrieve("neural graph", depth=4)
    assert VectorSearch(later, PATIENT_S).retrieve("neural graph", depth=4) == own
    assert (own == expected) == (change == "query encoder alone")
