"""The archive is whole or refused, whatever happened to its bytes."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from coolpapers.operating.backups.archive import FORMAT, MANIFEST, ArchiveWriter, Manifest, Table, open_archive
from coolpapers.operating.errors import BackupUnreadable

ROWS = b"".join(b'[%d,"row"]\n' % number for number in range(5_000))


def write_archive(path: Path, **changes: object) -> Manifest:
    writer = ArchiveWriter(path)
    writer.write("tables/papers.paper.jsonl", [ROWS[:100], ROWS[100:]])
    writer.write("data/files/own/a.pdf", [b"%PDF-1.7 ", bytes(range(256)) * 40])
    values: dict[str, object] = {
        "version": "0.2.0",
        "created_at": "2026-03-02T00:00:00+00:00",
        "database": "sqlite",
        "migrations": (("papers", "0001_initial"),),
        "tables": (Table("papers.paper", ("id", "title"), 5_000),),
        "members": dict(writer.members),
        **changes,
    }
    manifest = Manifest(**values)  # type: ignore[arg-type]
    writer.finish(manifest)
    return manifest


def test_what_was_written_is_read(tmp_path: Path) -> None:
    manifest = write_archive(tmp_path / "b.zip")
    with open_archive(tmp_path / "b.zip") as archive:
        archive.verify()
        assert archive.manifest == manifest
        assert archive.manifest.files() == ["data/files/own/a.pdf"]
        with archive.lines("tables/papers.paper.jsonl") as lines:
            assert b"".join(lines) == ROWS


def test_a_common_tool_opens_it(tmp_path: Path) -> None:
    write_archive(tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        assert archive.testzip() is None


def test_damage_anywhere_is_noticed(tmp_path: Path) -> None:
    write_archive(tmp_path / "b.zip")
    content = (tmp_path / "b.zip").read_bytes()
    damaged = tmp_path / "damaged.zip"
    n_harmless = 0
    for place in range(0, len(content), 97):
        damaged.write_bytes(content[:place] + bytes([content[place] ^ 0x55]) + content[place + 1 :])
        try:
            with open_archive(damaged) as archive:
                archive.verify()
                assert archive.manifest.tables[0].n_rows == 5_000
                n_harmless += 1  # fields that nobody reads: times, attributes
        except BackupUnreadable:
            pass
    assert n_harmless < 8


@pytest.mark.parametrize("n_bytes", [0, 1, 100, 5_000, -1])
def test_a_file_that_was_cut_off_is_refused(tmp_path: Path, n_bytes: int) -> None:
    write_archive(tmp_path / "b.zip")
    path = tmp_path / "cut.zip"
    path.write_bytes((tmp_path / "b.zip").read_bytes()[:n_bytes])
    with pytest.raises(BackupUnreadable, match="cut off"), open_archive(path):
        pass


def test_another_zip_file_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("thesis.tex", "text")
    with pytest.raises(BackupUnreadable, match="is no backup of coolpapers"), open_archive(tmp_path / "other.zip"):
        pass


def test_a_newer_format_names_the_cure(tmp_path: Path) -> None:
    write_archive(tmp_path / "b.zip", format=FORMAT + 1, version="9.0")
    with (
        pytest.raises(BackupUnreadable, match=r"coolpapers 9\.0 in a newer format; upgrade"),
        open_archive(tmp_path / "b.zip"),
    ):
        pass


@pytest.mark.parametrize("name", ["../evil", "/etc/passwd", "data/../../x", "data//x", "data\\..\\x"])
def test_a_member_outside_the_data_folder_is_refused(tmp_path: Path, name: str) -> None:
    write_archive(tmp_path / "b.zip", members={name: (0, "")})
    with pytest.raises(BackupUnreadable, match="leaves the folder"), open_archive(tmp_path / "b.zip"):
        pass


def test_a_member_that_the_manifest_does_not_name_is_refused(tmp_path: Path) -> None:
    write_archive(tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip", "a") as archive:
        archive.writestr("data/secret_key", "x")
    with open_archive(tmp_path / "b.zip") as opened, pytest.raises(BackupUnreadable, match="not those"):
        opened.verify()


def test_a_changed_member_with_a_right_crc_is_noticed(tmp_path: Path) -> None:
    manifest = write_archive(tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as archive, zipfile.ZipFile(tmp_path / "b.zip") as original:
        for name in manifest.members:
            archive.writestr(name, original.read(name).replace(b"[7,", b"[8,"))
        archive.writestr(MANIFEST, original.read(MANIFEST))
    with open_archive(tmp_path / "c.zip") as opened, pytest.raises(BackupUnreadable, match="differs from its checksum"):
        opened.verify()


def test_a_discarded_archive_is_none(tmp_path: Path) -> None:
    writer = ArchiveWriter(tmp_path / "b.zip")
    writer.write("tables/a.b.jsonl", [b"[1]\n"])
    writer.discard()
    with pytest.raises(BackupUnreadable), open_archive(tmp_path / "b.zip"):
        pass


def test_the_manifest_is_readable_text(tmp_path: Path) -> None:
    write_archive(tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        assert json.loads(archive.read(MANIFEST))["tables"][0]["model"] == "papers.paper"
