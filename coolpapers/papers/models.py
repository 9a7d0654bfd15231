"""The catalogue's tables.

A :class:`Paper` is a *work*: what a reader sees once, however many places it was met in. Each place is a
:class:`PaperSource` (arXiv, the ACL Anthology, an own file), each dated text a :class:`PaperVersion`.
A ``Paper`` row holds everything its card shows (authors, categories in order), so a page of cards is one
query; :class:`PaperCategory` rows exist only to be looked up by.

Whatever changes a paper draws a new ``revision`` from :class:`Sequence` in the same transaction. Followers
(the search index, vectors) remember the last revision they saw and take what is above it; a deleted paper
leaves a :class:`Tombstone` with a revision of its own.
"""

from __future__ import annotations

import secrets
from typing import Any, cast

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from coolpapers.papers.names.kinds import KINDS
from coolpapers.papers.names.permalinks import paper_path
from coolpapers.papers.names.venues import venue_label

_AT_ONCE = 10_000  # row numbers in one query; SQLite takes at least 32,766 parameters


class Sequence(models.Model):
    """A named counter whose row stays locked until the drawing transaction commits.

    So revisions become visible in the order they were drawn, also on PostgreSQL with many writers.
    """

    name = models.CharField(max_length=32, primary_key=True)
    value = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name}={self.value}"


class RevisionMark(models.Model):
    """A random token beside the last revision of each drawing.

    Revision numbers of two libraries, or of a library and its older backup after further imports, may be equal although
    they stand for other papers. Their tokens never are.
    """

    revision = models.BigIntegerField(primary_key=True)
    token = models.CharField(max_length=16)

    def __str__(self) -> str:
        return f"{self.revision}:{self.token}"


def draw_revisions(count: int = 1) -> int:
    """Reserve ``count`` revisions and return the first; call inside ``transaction.atomic``."""
    counters = Sequence.objects.filter(name="revision")
    if not counters.update(value=models.F("value") + count):
        Sequence.objects.get_or_create(name="revision")
        counters.update(value=models.F("value") + count)
    last = int(counters.values_list("value", flat=True)[0])
    RevisionMark.objects.create(revision=last, token=secrets.token_hex(8))
    return last - count + 1


def revision_origin(revision: int) -> str:
    """The history that a revision belongs to, as the mark of the drawing that it came from; "" for revision 0.

    A drawing of several revisions has one mark, at its last. A follower may stop in the middle of it: the mark before
    would not tell it from another drawing that begins at the same revision.
    """
    if revision <= 0:
        return ""
    mark = RevisionMark.objects.filter(revision__gte=revision).order_by("revision").first()
    return str(mark) if mark else ""


def is_own_revision(revision: int, origin: str) -> bool:
    """Whether a follower at this revision has followed this library, in its present history.

    False for a follower of another library, and of this one before an older backup was restored. An empty ``origin``,
    from before origins were kept, is believed as long as the revision is not ahead of the library.
    """
    if revision > latest_revision():
        return False
    if not origin:
        return True
    number, _, token = origin.partition(":")
    return number.isdigit() and RevisionMark.objects.filter(revision=int(number), token=token).exists()


def latest_revision() -> int:
    """The revision of the newest change; 0 for an empty library."""
    return int(Sequence.objects.filter(name="revision").values_list("value", flat=True).first() or 0)


class PublishedRevision(models.Model):
    """The library as other sites could see it from a moment on: all changes up to this revision.

    The datestamp of a change is the moment of the first row at or above its revision, so a change that is committed
    after a site has asked never has a datestamp before that.
    """

    revision = models.BigIntegerField(primary_key=True)
    published_at = models.DateTimeField(db_index=True)  # whole seconds

    def __str__(self) -> str:
        return f"{self.revision} {self.published_at:%Y-%m-%dT%H:%M:%SZ}"


class MirroredRecord(models.Model):
    """Where a record of another site of this software comes from: the site that has it from no other one."""

    key = models.CharField(max_length=200, unique=True)  # PaperSource.key
    origin = models.CharField(max_length=200)  # repository identifier of that site
    origin_url = models.CharField(max_length=500, blank=True)  # its OAI-PMH address
    stamp = models.DateTimeField()  # its datestamp there
    via = models.CharField(max_length=500)  # OAI-PMH address of the site that gave it to us

    def __str__(self) -> str:
        return f"{self.key} {self.origin}"


class Venue(models.Model):
    """A conference or journal as a series: ``ICLR``; the year stands on the paper."""

    slug = models.CharField(max_length=60, unique=True)  # as in /venue/<slug>.<year>
    name = models.CharField(max_length=200)

    class Meta:
        ordering = ("slug",)

    def __str__(self) -> str:
        return self.slug

    @property
    def label(self) -> str:
        """The text that pages show: ``ICLR``, ``Annals of Statistics``."""
        return venue_label(self.slug, self.name)


class Category(models.Model):
    """A subject class, for arXiv papers its code: ``cs.CL``. Aliases are folded before they get here."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ("code",)
        verbose_name_plural = _("categories")

    def __str__(self) -> str:
        return self.code


class DateOrFirst(models.Func):
    """A date, and the first of all dates where there is none, which puts papers without it last, newest first.

    ``DESC NULLS LAST`` would say the same, but SQLite makes no index of it and PostgreSQL walks no other for it. The
    date is written out, not a parameter, because SQLite compares expressions with those of an index by their text.
    """

    template = "COALESCE(%(expressions)s, '0001-01-01')"
    output_field = models.DateField()


class TitleStart(models.Func):
    """The first 200 characters of a title in small letters, by which lists are sorted.

    PostgreSQL takes at most 2,704 bytes into an index, and a title may have 2,000 characters of four bytes.
    """

    template = "SUBSTR(LOWER(%(expressions)s), 1, 200)"
    output_field = models.TextField()


class PaperQuerySet(models.QuerySet["Paper"]):
    def update(self, **values: Any) -> int:
        """Update columns, the day also where category rows repeat it. The caller draws revisions."""
        if "announced" not in values:
            return super().update(**values)
        with transaction.atomic():
            pks = list(self.order_by().values_list("pk", flat=True))
            n_updated = super().update(**values)
            day = models.Subquery(Paper.objects.filter(pk=models.OuterRef("paper")).order_by().values("announced"))
            for start in range(0, len(pks), _AT_ONCE):
                PaperCategory.objects.filter(paper__in=pks[start : start + _AT_ONCE]).update(announced=day)
            return n_updated

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete, leaving a tombstone for each paper so that indexes learn of it."""
        with transaction.atomic():
            keys = list(self.values_list("key", flat=True))
            bury(keys)
            return super().delete()


class Paper(models.Model):
    """One work. ``key`` is the id of the first source record it was met in, such as ``arxiv:2406.01234``."""

    key = models.CharField(max_length=200, unique=True)
    title = models.TextField()
    # Folded title and first author (identity/keys.py): papers that were never joined but may be one share it.
    match_key = models.CharField(max_length=64, blank=True)
    abstract = models.TextField(blank=True)
    abstract_label = models.CharField(
        max_length=120,
        blank=True,
        help_text=_("Says who wrote the abstract where it is not the authors' own."),
    )
    authors = models.JSONField(default=list, help_text=_("Names in order, as a list of strings."))
    year = models.PositiveSmallIntegerField(null=True, blank=True, db_index=True)
    submitted = models.DateField(null=True, blank=True)  # first version
    updated = models.DateField(null=True, blank=True)  # newest version
    announced = models.DateField(null=True, blank=True)  # day of the list it appears in
    categories = models.JSONField(default=list, blank=True, help_text=_("Codes in order, primary first."))
    # An index below begins with the venue.
    venue = models.ForeignKey(
        Venue, null=True, blank=True, on_delete=models.PROTECT, related_name="papers", db_index=False
    )
    venue_year = models.PositiveSmallIntegerField(null=True, blank=True)
    venue_text = models.CharField(max_length=400, blank=True)  # as the source wrote it
    track = models.CharField(max_length=60, blank=True)  # Oral, Poster, Findings, …
    comment = models.TextField(blank=True)
    journal_ref = models.TextField(blank=True)
    doi = models.CharField(max_length=200, blank=True, db_index=True)  # lower case, without resolver
    arxiv_id = models.CharField(max_length=32, blank=True, db_index=True)  # canonical, without version
    page_url = models.URLField(max_length=500, blank=True)
    pdf_url = models.URLField(max_length=500, blank=True)
    code_url = models.URLField(max_length=500, blank=True)
    keywords = models.JSONField(default=list, blank=True)
    tldr = models.TextField(blank=True)
    n_citations = models.PositiveIntegerField(null=True, blank=True)
    withdrawn = models.BooleanField(default=False)
    kind = models.CharField(max_length=20, blank=True, choices=[(kind, kind) for kind in KINDS])
    editors = models.JSONField(default=list, blank=True, help_text=_("Names in order, as a list of strings."))
    volume = models.CharField(max_length=60, blank=True)
    issue = models.CharField(max_length=60, blank=True)
    pages = models.CharField(max_length=60, blank=True)  # 436-444, or an article number
    publisher = models.CharField(max_length=200, blank=True)  # also the school of a thesis
    affiliations = models.JSONField(default=list, blank=True)
    report_numbers = models.JSONField(default=list, blank=True)
    # Names whose family name cannot be told from their words: names/people.py. NULL: none, from before they were kept.
    sort_names = models.JSONField(null=True, blank=True)
    # Names of fields that an administrator changed by hand; imports leave them as they are.
    edited = models.JSONField(default=list, blank=True)
    content_hash = models.CharField(max_length=32, blank=True)  # of all fields a source can set
    revision = models.BigIntegerField(db_index=True)
    created_at = models.DateTimeField(auto_now_add=True)
    modified_at = models.DateTimeField(auto_now=True)

    objects = PaperQuerySet.as_manager()

    class Meta:
        ordering = ("-announced", "-pk")
        indexes = [
            models.Index(fields=["venue", "venue_year", "track"], name="paper_venue_year_track"),
            models.Index(fields=["announced", "id"], name="paper_announced_id"),
            # What lists are sorted by beside their day (lookup/list_pages.py).
            models.Index(TitleStart("title"), "id", name="paper_title_id"),
            models.Index(DateOrFirst("updated"), "id", name="paper_updated_id"),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.title[:60]}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save one paper (the admin's way) with a new revision; batches go through services."""
        with transaction.atomic():
            self.revision = draw_revisions()
            if kwargs.get("update_fields") is not None:
                kwargs["update_fields"] = {*cast(Any, kwargs["update_fields"]), "revision", "modified_at"}
            super().save(*args, **kwargs)
            self.category_rows.update(announced=self.announced)

    def get_absolute_url(self) -> str:
        return paper_path(self)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        with transaction.atomic():
            bury([self.key])
            return super().delete(*args, **kwargs)


class PaperCategory(models.Model):
    """A paper stands in a category, at a place (0 = primary).

    ``announced`` repeats the paper's day, so that a list of any length is read from the index of its categories and
    days alone. Whoever writes a paper's day writes it here too; ``repair_lists`` finds rows where they differ.
    """

    # Both keys lead an index below.
    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="category_rows", db_index=False)
    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="paper_rows", db_index=False)
    position = models.PositiveSmallIntegerField(default=0)
    announced = models.DateField(null=True, blank=True, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["paper", "category"], name="paper_category_once")]
        indexes = [models.Index(fields=["category", "announced", "paper"], name="paper_category_day")]

    def __str__(self) -> str:
        return f"{self.paper_id} {self.category_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.announced = self.paper.announced
        super().save(*args, **kwargs)

    @staticmethod
    def misdated(rows: models.QuerySet[PaperCategory]) -> models.QuerySet[PaperCategory]:
        """Those of the rows whose day is not that of their paper."""
        day = Paper.objects.filter(pk=models.OuterRef("paper")).order_by().values("announced")
        return rows.alias(day=DateOrFirst(models.Subquery(day))).exclude(day=DateOrFirst("announced"))


class PaperSource(models.Model):
    """One record of one source that describes a paper: ``(acl, 2020.acl-main.1)``."""

    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="sources")
    source = models.CharField(max_length=30)  # arxiv, acl, openreview, pmlr, file, …
    ident = models.CharField(max_length=200)
    key = models.CharField(max_length=200, unique=True)  # the record's own id in its file
    page_url = models.URLField(max_length=500, blank=True)
    pdf_url = models.URLField(max_length=500, blank=True)
    content_hash = models.CharField(max_length=32, blank=True)  # of the record as read
    # What the record says, kept only where the paper has several sources: the paper's row is then made from
    # all of them (see merging.py). With one source the row itself says it.
    record = models.JSONField(null=True, blank=True)
    # By which records that may describe one work find each other (identity/keys.py).
    title_key = models.BigIntegerField(null=True, blank=True, db_index=True)
    authors_key = models.BigIntegerField(null=True, blank=True, db_index=True)
    doi = models.CharField(max_length=200, blank=True)  # the record's own, not that of its volume

    class Meta:
        indexes = [
            models.Index(fields=["source", "ident"], name="source_ident"),
            models.Index(fields=["doi"], name="source_doi", condition=models.Q(doi__gt="")),
        ]

    def __str__(self) -> str:
        return self.key


class PaperVersion(models.Model):
    """One dated text of a paper: v1, v2, …"""

    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="versions", db_index=False)  # see below
    number = models.PositiveSmallIntegerField()
    date = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("number",)
        constraints = [models.UniqueConstraint(fields=["paper", "number"], name="paper_version_once")]

    def __str__(self) -> str:
        return f"{self.paper_id}v{self.number}"


class PaperPair(models.Model):
    """Two records that may describe one work: left open for an administrator, or decided by one.

    Records are named by ``PaperSource.key``, smaller key first, so that a decision outlives papers and holds for
    records that are deleted and imported again.
    """

    class State(models.TextChoices):
        OPEN = "open", _("to be decided")
        SAME = "same", _("one work")
        APART = "apart", _("two works")

    first = models.CharField(max_length=200)
    second = models.CharField(max_length=200, db_index=True)
    state = models.CharField(max_length=5, choices=State, default=State.OPEN, db_index=True)
    reason = models.CharField(max_length=40, blank=True)  # the row of identity/verdicts.py that decided
    decided_by = models.CharField(max_length=150, blank=True)
    changed_at = models.DateTimeField(auto_now=True)
    # One decision on two papers can concern several pairs of records; undoing it gives all of them their former states.
    decision = models.CharField(max_length=32, blank=True, db_index=True)
    # What the pair was before each decision, newest last: state, decided_by and decision. Empty where the first
    # decision added the pair.
    history = models.JSONField(default=list, blank=True)

    class Meta:
        verbose_name = _("possible duplicate")
        verbose_name_plural = _("possible duplicates")
        ordering = ("pk",)
        constraints = [models.UniqueConstraint(fields=["first", "second"], name="paper_pair_once")]

    def __str__(self) -> str:
        return f"{self.first} {self.second} {self.state}"


class FormerPaper(models.Model):
    """What a paper held that became part of another one, and that its records do not say.

    When its record is parted again, the paper comes back with it.
    """

    key = models.CharField(max_length=200, unique=True)
    corrections = models.JSONField(default=dict, blank=True)  # fields that an administrator had corrected
    followers = models.JSONField(default=dict, blank=True)  # what other tables keep for it, by follower
    created_at = models.DateTimeField()  # of the paper
    joined_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key


class Tombstone(models.Model):
    """A paper that is gone, for followers that have not noticed yet."""

    key = models.CharField(max_length=200, unique=True)
    revision = models.BigIntegerField(db_index=True)

    def __str__(self) -> str:
        return self.key


def bury(keys: list[str]) -> None:
    """Leave tombstones for papers about to be deleted; call inside ``transaction.atomic``."""
    if not keys:
        return
    revision = draw_revisions()
    Tombstone.objects.bulk_create(
        [Tombstone(key=key, revision=revision) for key in keys],
        update_conflicts=True,
        unique_fields=["key"],
        update_fields=["revision"],
    )


class ImportRun(models.Model):
    """Where an import of a file or a harvest of a feed stands, so that it can go on after a kill."""

    source = models.CharField(max_length=30)
    location = models.CharField(max_length=500)  # file path or base URL with its set
    fingerprint = models.CharField(max_length=64, blank=True)  # size and time of the file, so a new one starts anew
    position = models.BigIntegerField(default=0)  # records committed
    token = models.TextField(blank=True)  # OAI resumption token, or the last datestamp seen
    n_added = models.PositiveIntegerField(default=0)
    n_changed = models.PositiveIntegerField(default=0)
    n_skipped = models.PositiveIntegerField(default=0)
    n_refused = models.PositiveIntegerField(default=0)
    n_dropped = models.PositiveIntegerField(default=0)  # fields left out of papers that were taken
    finished = models.BooleanField(default=False)
    started_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "location"], name="import_run_once")]

    def __str__(self) -> str:
        return f"{self.source} {self.location}"


class ImportProblem(models.Model):
    """A record that an import refused, or a field that it dropped from a record, with the reason.

    The first :data:`~coolpapers.papers.importing.problems.MAX_PROBLEMS` of a run are kept; the run counts all.
    """

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="problems")
    refused = models.BooleanField()  # False: the paper was taken without the field
    location = models.CharField(max_length=200)  # the file, also that of a folder
    line = models.PositiveIntegerField(default=0)
    field = models.CharField(max_length=60, blank=True)
    reason = models.CharField(max_length=500)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.location}:{self.line} {self.field}"
