from __future__ import annotations

import gzip
import io
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connection

from coolpapers.papers.errors import SourceFormatError, StorageFull, UnknownFormat
from coolpapers.papers.importing.services import ImportHooks, ImportOptions, import_file, import_stream, upsert_records
from coolpapers.papers.importing.upserting import UpsertReport
from coolpapers.papers.models import ImportRun, Paper, PaperSource, latest_revision
from coolpapers.papers.records.record import Record, Refusal
from tests.coolpapers.papers.make import DATA, jsonl, record, row, write_jsonl
from tests.own_library import make_database
from tests.shared_data import SHARED, needs_shared

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[4]


def counts(report: UpsertReport) -> tuple[int, int, int, int]:
    return report.added, report.changed, report.skipped, report.refused


class Heard:
    """Collects what an import tells."""

    def __init__(self, *, stop_after: int | None = None) -> None:
        self.refusals: list[str] = []
        self.drops: list[str] = []
        self.shares: list[float | None] = []
        self.positions: list[int] = []
        self._stop_after = stop_after

    @property
    def hooks(self) -> ImportHooks:
        return ImportHooks(
            refused=self._refused,
            dropped=lambda refusal: self.drops.append(str(refusal)),
            progressed=self._progressed,
            should_stop=self._should_stop,
        )

    def _refused(self, refusal: Refusal) -> None:
        self.refusals.append(str(refusal))

    def _progressed(self, report: UpsertReport, share: float | None) -> None:
        self.positions.append(report.position)
        self.shares.append(share)

    def _should_stop(self) -> bool:
        return self._stop_after is not None and bool(self.positions) and self.positions[-1] >= self._stop_after


def test_a_second_import_changes_nothing(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "papers.jsonl.gz", [row() for _ in range(7)])
    assert counts(import_file(path)) == (7, 0, 0, 0)
    revision = latest_revision()
    assert counts(import_file(path)) == (0, 0, 7, 0)
    assert latest_revision() == revision


def test_only_what_changed_draws_a_revision(tmp_path: Path) -> None:
    rows = [row() for _ in range(5)]
    path = write_jsonl(tmp_path / "papers.jsonl", rows)
    import_file(path)
    before = dict(Paper.objects.values_list("key", "revision"))
    rows[2]["abstract"] = "Now there is one."
    assert counts(import_file(write_jsonl(path, rows))) == (0, 1, 4, 0)
    after = dict(Paper.objects.values_list("key", "revision"))
    assert [key for key in before if before[key] != after[key]] == [rows[2]["id"]]
    assert after[rows[2]["id"]] == latest_revision() > max(before.values())


def test_bad_records_are_refused_and_their_neighbours_kept(tmp_path: Path) -> None:
    rows = [row(id="a"), row(id="b", title=["no text"]), row(id="c", title=""), row(id="d")]
    heard = Heard()
    assert counts(import_file(write_jsonl(tmp_path / "p.jsonl", rows), hooks=heard.hooks)) == (2, 0, 0, 2)
    assert heard.refusals == [
        "p.jsonl, line 2: title: text is wanted, found a list",
        "p.jsonl, line 3: title: missing or empty",
    ]
    assert sorted(Paper.objects.values_list("key", flat=True)) == ["a", "d"]


def test_a_field_that_cannot_be_read_is_dropped_and_counted(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "p.jsonl", [row(id="a"), row(id="b", year=20245, submitted="soon")])
    heard = Heard()
    report = import_file(path, hooks=heard.hooks)
    assert (*counts(report), report.dropped) == (2, 0, 0, 0, 2)
    assert heard.drops == [
        "p.jsonl, line 2: submitted: 'soon' is not a date of the form 2024-05-31 (dropped from b)",
        "p.jsonl, line 2: year: 20245 is not between 1600 and 2100 (dropped from b)",
    ]
    assert str(report) == "2 added, 0 changed, 0 unchanged, 0 refused, 2 fields dropped"


def test_problems_are_kept_with_the_run(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    rows = [row(id="a"), row(id="b", year=20245), row(id="c", title=""), row(id="a", title="Another title")]
    import_file(write_jsonl(path, rows), options=ImportOptions(batch_size=2))
    run = ImportRun.objects.get()
    assert (run.n_refused, run.n_dropped) == (2, 1)
    assert list(run.problems.values_list("refused", "location", "line", "field")) == [
        (False, "p.jsonl", 2, "year"),
        (True, "p.jsonl", 3, "title"),
        (True, "p.jsonl", 4, "id"),
    ]
    import_file(write_jsonl(path, [row(id="a"), row(id="d")]))
    assert not ImportRun.objects.get().problems.exists()


@pytest.mark.parametrize(
    ("name", "data"), [("p.jsonl", b"\n\n"), ("p.bib", b"% nothing here\n"), ("p.json", b'{"notes": []}')]
)
def test_a_file_in_which_nothing_is_recognised_is_an_error(tmp_path: Path, name: str, data: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    for dry_run in (True, False):
        with pytest.raises(SourceFormatError, match="nothing in it was recognised as"):
            import_file(path, options=ImportOptions(dry_run=dry_run))


@pytest.mark.parametrize("batch_size", [1, 2, 100])
def test_an_id_given_twice_is_refused_unless_it_says_the_same(tmp_path: Path, batch_size: int) -> None:
    path = write_jsonl(
        tmp_path / "p.jsonl",
        [
            row(id="a", title="The first title"),
            row(id="b"),
            row(id="a", title="Another title"),
            row(id="a", title="The first title"),
        ],
    )
    heard = Heard()
    report = import_file(path, options=ImportOptions(batch_size=batch_size), hooks=heard.hooks)
    assert counts(report) == (2, 0, 1, 1)
    assert heard.refusals == [
        "p.jsonl, line 3: id: a: this id came before in the file, with other content; the first record is kept"
    ]
    assert Paper.objects.get(key="a").title == "The first title"
    assert counts(import_file(path, options=ImportOptions(batch_size=batch_size))) == (0, 0, 3, 1)


def test_an_abstract_may_be_empty_and_one_of_ten_megabytes_is_cut(tmp_path: Path) -> None:
    long = "word " * (2 * 2**20)
    path = write_jsonl(tmp_path / "p.jsonl", [row(id="a", abstract=""), row(id="b", abstract=long), row(id="c")])
    report = import_file(path)
    assert (*counts(report), report.dropped) == (3, 0, 0, 0, 1)
    assert Paper.objects.get(key="b").abstract == long[:99_999]


def test_control_characters_are_cleaned_away(tmp_path: Path) -> None:
    damaged = row(id="a", title="Bell\x07 and\x00 null\r\nhere", abstract="x\u0085y\x1b[0m")
    import_file(write_jsonl(tmp_path / "p.jsonl", [damaged]))
    paper = Paper.objects.get(key="a")
    assert (paper.title, paper.abstract) == ("Bell and null here", "x…y[0m")


def test_another_encoding_is_refused_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    path.write_bytes(jsonl([row(id="a")]) + '{"id": "b", "title": "Café"}\n'.encode("latin-1") + jsonl([row(id="c")]))
    heard = Heard()
    assert counts(import_file(path, hooks=heard.hooks)) == (2, 0, 0, 1)
    assert heard.refusals == ["p.jsonl, line 2: not UTF-8 at byte 26 of the line (found 0xe9); save the file as UTF-8"]


def test_a_truncated_gzip_file_keeps_what_came_before(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl.gz"
    whole = gzip.compress(jsonl(row(abstract=os.urandom(300).hex()) for _ in range(200)))
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(SourceFormatError, match="the gzip file ends too early: it was cut off"):
        import_file(path, options=ImportOptions(batch_size=10))
    kept = Paper.objects.count()
    assert 50 < kept < 150
    path.write_bytes(whole)
    assert import_file(path).added == 200 - kept


def test_a_damaged_gzip_file_says_so(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl.gz"
    whole = bytearray(gzip.compress(jsonl(row(abstract=os.urandom(300).hex()) for _ in range(200))))
    middle = len(whole) // 2
    whole[middle : middle + 50] = b"\xff" * 50
    path.write_bytes(whole)
    with pytest.raises(SourceFormatError, match="the gzip file is damaged"):
        import_file(path, options=ImportOptions(batch_size=10))


def test_a_file_of_no_known_form_and_a_folder_say_so(tmp_path: Path) -> None:
    path = tmp_path / "diary.txt"
    path.write_text("dear diary")
    with pytest.raises(UnknownFormat, match="no source recognises this file"):
        import_file(path)
    with pytest.raises(SourceFormatError, match="is a folder; JsonLinesSource reads single files"):
        import_file(tmp_path, options=ImportOptions(source="jsonl"))
    with pytest.raises(FileNotFoundError):
        import_file(tmp_path / "missing.jsonl")


def test_standard_input_is_read_compressed_or_not() -> None:
    rows = [row(), row()]
    options = ImportOptions(source="jsonl")
    plain = io.BufferedReader(io.BytesIO(jsonl(rows)))
    assert counts(import_stream(plain, options=options)) == (2, 0, 0, 0)
    packed = io.BufferedReader(io.BytesIO(gzip.compress(jsonl(rows))))
    assert counts(import_stream(packed, options=options)) == (0, 0, 2, 0)


def test_a_limit_takes_the_first_and_leaves_no_trace(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "p.jsonl", [row() for _ in range(10)])
    assert counts(import_file(path, options=ImportOptions(limit=3))) == (3, 0, 0, 0)
    assert not ImportRun.objects.exists()
    assert counts(import_file(path)) == (7, 0, 3, 0)


def test_a_dry_run_counts_and_saves_nothing(tmp_path: Path) -> None:
    rows = [row(venue="ICLR 2025", categories=["cs.CL"]) for _ in range(5)] + [row(title="")]
    path = write_jsonl(tmp_path / "p.jsonl", rows)
    report = import_file(path, options=ImportOptions(dry_run=True, batch_size=2))
    assert counts(report) == (5, 0, 0, 1)
    assert not Paper.objects.exists()
    assert not ImportRun.objects.exists()
    assert counts(import_file(path)) == (5, 0, 0, 1)


def test_a_stopped_import_goes_on_where_it_stopped(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "p.jsonl", [row() for _ in range(10)])
    options = ImportOptions(batch_size=2)
    import_file(path, options=options, hooks=Heard(stop_after=4).hooks)
    run = ImportRun.objects.get()
    assert (run.position, run.n_added, run.finished) == (4, 4, False)
    report = import_file(path, options=options)
    assert (report.resumed_at, *counts(report)) == (4, 6, 0, 0, 0)
    run.refresh_from_db()
    assert (run.position, run.finished) == (10, True)


def test_an_id_repeated_across_an_interruption_is_still_refused(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "p.jsonl", [row(id="a"), row(id="b"), row(id="a", title="Another one of that id")])
    options = ImportOptions(batch_size=1)
    import_file(path, options=options, hooks=Heard(stop_after=2).hooks)
    assert counts(import_file(path, options=options)) == (0, 0, 0, 1)


def test_a_file_that_was_written_anew_is_read_from_its_beginning(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "p.jsonl", [row() for _ in range(10)])
    import_file(path, options=ImportOptions(batch_size=2), hooks=Heard(stop_after=4).hooks)
    write_jsonl(path, [row() for _ in range(3)])
    report = import_file(path)
    assert (report.resumed_at, report.added) == (0, 3)


def test_progress_tells_the_share_of_the_file(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "p.jsonl", [row(abstract="x" * 5000) for _ in range(40)])
    heard = Heard()
    import_file(path, options=ImportOptions(batch_size=10), hooks=heard.hooks)
    assert heard.positions == [10, 20, 30, 40]
    shares = [share for share in heard.shares if share is not None]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def make_library(folder: Path) -> dict[str, str]:
    """A database in a folder of its own, and the environment that chooses it."""
    environment = {**os.environ, "COOLPAPERS_DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "coolpapers.settings"}
    environment.pop("COOLPAPERS_POSTGRES_DB", None)
    make_database(folder)
    return environment


def test_a_killed_import_loses_nothing_and_goes_on(tmp_path: Path) -> None:
    """kill -9 in the middle; the second run takes up the place and the library is whole."""
    n_papers = 8_000
    path = write_jsonl(tmp_path / "p.jsonl.gz", (row(id=f"own:{n}", abstract="x " * 300) for n in range(n_papers)))
    environment = make_library(tmp_path / "data")
    command = [sys.executable, "manage.py", "import_papers", str(path)]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    database = sqlite3.connect(tmp_path / "data" / "db.sqlite3")
    deadline = time.monotonic() + 60
    while _n_papers(database) < 1000 and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    kept = _n_papers(database)
    assert 1000 <= kept < n_papers
    assert database.execute("SELECT position FROM papers_importrun").fetchone() == (kept,)
    second = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert f"went on after record {kept:,}" in second.stdout
    assert f"{n_papers - kept:,} added, 0 changed, 0 unchanged, 0 refused" in second.stdout
    assert _n_papers(database) == n_papers
    assert database.execute("SELECT count(DISTINCT revision), max(revision) FROM papers_paper").fetchone() == (
        n_papers,
        n_papers,
    )
    assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def _n_papers(database: sqlite3.Connection) -> int:
    return int(database.execute("SELECT count(*) FROM papers_paper").fetchone()[0])


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite can be told to be full, other databases cannot")
@pytest.mark.django_db(transaction=True)
def test_a_full_disk_is_told_and_earlier_batches_stay(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "p.jsonl", [row(abstract=os.urandom(1000).hex()) for _ in range(400)])
    options = ImportOptions(batch_size=20)
    with connection.cursor() as cursor:
        pages = cursor.execute("PRAGMA page_count").fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages + 100}")
    try:
        with pytest.raises(StorageFull, match=r"no room left to write the database") as caught:
            import_file(path, options=options)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA max_page_count = 1073741823")
    kept = Paper.objects.count()
    assert kept > 0
    assert kept % 20 == 0
    assert f"{kept} papers of this run were saved and stay; make room" in str(caught.value)
    report = import_file(path, options=options)
    assert (report.resumed_at, report.added) == (kept, 400 - kept)


def test_every_recorded_answer_can_be_imported() -> None:
    files = ["jsonl/papers.jsonl", "arxiv_json/snapshot.jsonl", "arxiv_oai/arxiv.xml", "arxiv_atom/feed.xml",
             "acl_xml/2020.acl.xml", "conference_json/iclr2025.json", "bibtex/library.bib"]  # fmt: skip
    for name in files:
        report = import_file(DATA / name)
        assert report.added + report.changed
    assert PaperSource.objects.filter(paper__isnull=False).count() >= Paper.objects.count()


def test_harvested_and_queried_forms_of_one_paper_are_one_record() -> None:
    import_file(DATA / "arxiv_oai" / "arxiv.xml")
    report = import_file(DATA / "arxiv_atom" / "feed.xml")
    assert counts(report)[:2] == (0, 1)
    paper = Paper.objects.get(key="arxiv:2405.90001")
    assert str(paper.updated) == "2024-05-30"
    assert str(paper.announced) == "2024-05-27"
    assert list(paper.versions.values_list("number", flat=True)) == [1, 3]
    assert paper.categories == ["cs.CL", "cs.AI"]


def test_records_can_be_given_directly() -> None:
    refused: list[str] = []
    items: list[Record | Refusal] = [record(key="a"), Refusal("here", 2, "title", "missing"), record(key="c")]
    report = upsert_records(items, refused=lambda refusal: refused.append(str(refusal)))
    assert counts(report) == (2, 0, 0, 1)
    assert refused == ["here, line 2: title: missing"]
    assert str(report) == "2 added, 0 changed, 0 unchanged, 1 refused"


@needs_shared[0]
@needs_shared[1]
def test_two_thousand_real_papers_come_in_whole_and_once() -> None:
    path = SHARED / "papers_small.jsonl.gz"
    first = import_file(path)
    assert (first.refused, first.added + first.changed) == (0, 2000)
    assert counts(import_file(path)) == (0, 0, 2000, 0)
    for paper in Paper.objects.prefetch_related("category_rows__category"):
        assert "(cid:" not in paper.title + paper.abstract
        assert not any("(" in name.rpartition(" ")[2] for name in paper.authors)
        assert sorted(row.category.code for row in paper.category_rows.all()) == sorted(paper.categories)
