from __future__ import annotations

import io
import json

import pytest

from coolpapers.people.errors import InvalidFile
from coolpapers.people.state import file_pieces, transfer
from coolpapers.people.state.transfer import FORMAT, Imported, read_file, write_export
from coolpapers.people.state.writes import Write
from tests.coolpapers.papers.library import make_paper, make_venue_paper

pytestmark = pytest.mark.django_db
NOW = 1_700_000_000_000


def as_file(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode()


def read(data: bytes, *, now_ms: int) -> Imported:
    return read_file(io.BytesIO(data), now_ms=now_ms)


def stars(data: bytes) -> list[str]:
    return [write.key for write in read(data, now_ms=NOW).writes if write.kind == "star"]


def test_an_export_can_be_imported() -> None:
    writes = (
        Write("star", "arxiv:1706.03762", 5),
        Write("hide", "arxiv:2401.00001", 6, deleted=True),
        Write("note", "arxiv:1706.03762", 7, {"text": "“ü”\n$x$"}),
        Write("member", "c1/arxiv:1706.03762", 8, {"position": 0, "note": ""}),
    )
    exported = write_export(writes, exported="2026-11-22T08:00:00+00:00")
    assert read(as_file(exported), now_ms=NOW).writes == writes


def test_an_invalid_item_does_not_affect_the_others() -> None:
    items = [{"kind": "star", "key": "a", "changed": 1}, {"kind": "colour", "key": "b", "changed": 1}]
    imported = read(as_file({"format": FORMAT, "version": 1, "items": items}), now_ms=NOW)
    assert ([write.key for write in imported.writes], [refused.key for refused in imported.refusals]) == (["a"], ["b"])


@pytest.mark.parametrize(
    "text",
    [
        "2401.00001\nhttps://arxiv.org/abs/2401.00002v3\n",
        "2401.00001, arXiv:2401.00002",
        '["2401.00001", "2401.00002v1"]',
        '[{"id": "2401.00001"}, {"_id": "2401.00002"}]',
        "\ufeff2401.00001;2401.00002@arXiv;2401.00002",
    ],
)
def test_lists_of_ids_become_stars(text: str) -> None:
    assert stars(text.encode()) == ["arxiv:2401.00001", "arxiv:2401.00002"]


def test_ids_are_resolved_and_unknown_ones_are_saved_and_listed() -> None:
    make_paper(arxiv_id="2401.00001", key="acl:2024.acl-long.1")
    make_venue_paper("Xy_12-abc", venue="ICLR", year=2025)
    imported = read(b"2401.00001 Xy_12-abc@OpenReview 2401.00009", now_ms=NOW)
    assert [write.key for write in imported.writes] == ["acl:2024.acl-long.1", "iclr2025:Xy_12-abc", "arxiv:2401.00009"]
    assert imported.missing == ("2401.00009",)
    assert all(write.changed == NOW for write in imported.writes)


def test_an_invalid_id_in_a_list_is_skipped_and_listed() -> None:
    imported = read(b"2401.00001\n2401.00002\nid\n", now_ms=NOW)
    assert len(imported.writes) == 2
    assert [refused.key for refused in imported.refusals] == ["id"]


@pytest.mark.parametrize(
    "content",
    [
        {"graphs": ["2401.00001", "2401.00002"], "all": ["2401.00003"]},
        {"ada": {"graphs": ["2401.00001"]}, "bob": {"graphs": ["2401.00002"], "all": ["2401.00003"]}},
    ],
)
def test_tags_become_collections(content: object) -> None:
    imported = read(as_file(content), now_ms=NOW)
    collections = [write for write in imported.writes if write.kind == "collection"]
    assert [write.value["name"] for write in collections] == ["graphs"]
    members = [write.key for write in imported.writes if write.kind == "member"]
    assert members == [f"{collections[0].key}/arxiv:2401.0000{number}" for number in (1, 2)]
    assert stars(as_file(content)) == [f"arxiv:2401.0000{number}" for number in (1, 2, 3)]
    assert imported.writes == read(as_file(content), now_ms=NOW).writes  # twice is the same collection


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"%PDF-1.7 \xff\xfe\x00", "UTF-8"),
        (b"{", "not valid JSON"),
        (b"[" * 100_000, "not valid JSON"),
        (b"To be, or not to be, that is the question", "for example “To”"),
        (b"[]", "list is empty"),
        (b"[1, 2]", "contains “1”"),
        (b'{"a": 1}', "neither an export"),
        (b"{}", "neither an export"),
        (b'{"a": {"b": 1}}', "neither an export"),
        (as_file({"format": "something else", "items": []}), "something else"),
        (as_file({"format": FORMAT, "version": 99, "items": []}), "version 99"),
        (as_file({"format": FORMAT, "version": 1}), "no list of items"),
        (as_file({"format": FORMAT, "version": 1, "items": [{"kind": "colour"}]}), "colour"),
    ],
)
def test_an_invalid_file_is_refused_with_a_message(data: bytes, words: str) -> None:
    with pytest.raises(InvalidFile, match=words):
        read(data, now_ms=NOW)


def test_a_file_too_large_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "MAX_FILE_BYTES", 10)
    with pytest.raises(InvalidFile, match="larger"):
        read(b"2401.00001 2401.00002", now_ms=NOW)


def test_an_export_longer_than_a_piece_is_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_pieces, "PIECE_CHARS", 7)
    writes = tuple(Write("note", f"arxiv:2401.{n:05}", n, {"text": "“ü”, [\\{\n" * n}) for n in range(40))
    exported = write_export(writes, exported="2026-11-22T08:00:00+00:00")
    reordered = {name: exported[name] for name in ("items", "exported", "version", "format")}
    assert read(as_file(exported), now_ms=NOW).writes == read(as_file(reordered), now_ms=NOW).writes == writes
    assert stars(b"2401.00001 2401.00002\n2401.00003") == [f"arxiv:2401.0000{n}" for n in (1, 2, 3)]


@pytest.mark.parametrize("content", [b"2401.00001 ", b'"2401.00001", '])
def test_a_list_of_too_many_ids_is_refused(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr(transfer, "MAX_IDS", 3)
    ids = b"".join(content.replace(b"1", str(n).encode(), 1) for n in range(1, 9)).rstrip(b", ")
    with pytest.raises(InvalidFile, match="more than 3 ids"):
        read(b"[" + ids + b"]" if content.startswith(b'"') else ids, now_ms=NOW)


def test_text_after_the_end_is_refused() -> None:
    with pytest.raises(InvalidFile, match="not valid JSON: Extra data"):
        read(as_file(write_export((), exported="")) + b" {}", now_ms=NOW)
