"""Papers of the library brought into line with planned works: merged anew, joined, parted.

Start at :func:`apply_plans`. :mod:`.works` plans, :mod:`.writing` calls this for each batch.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from coolpapers.papers.identity.evidence import own_doi
from coolpapers.papers.identity.keys import keys_of
from coolpapers.papers.importing.candidates import IncomingRecord
from coolpapers.papers.importing.followers import join_followers, part_followers
from coolpapers.papers.importing.rows import (
    PaperContent,
    PaperTables,
    SourceState,
    content_from_json,
    content_of_paper,
    with_versions,
)
from coolpapers.papers.importing.stored_records import StoredRecord, load_records, load_versions
from coolpapers.papers.importing.tables import as_json
from coolpapers.papers.importing.works import PlannedWork
from coolpapers.papers.models import FormerPaper, Paper, Tombstone, draw_revisions
from coolpapers.papers.records.merging import Described, merge_contents, merge_versions, succeed, text_rank
from coolpapers.papers.records.record import Record, Version


@dataclass(slots=True, eq=False)
class _Member:
    """A record of a planned work as it will be stored."""

    described: Described
    stored: StoredRecord | None
    incoming: IncomingRecord | None
    content_hash: str
    versions: list[Version]


@dataclass(slots=True, eq=False)
class _Draft:
    """A planned work with its members and the content made of them."""

    plan: PlannedWork
    members: list[_Member]
    content: PaperContent
    key: str  # of the paper; "" where the library has it
    paper_id: int = 0
    is_written: bool = False
    former: FormerPaper | None = None


@dataclass(slots=True)
class RegroupCounts:
    """``written`` papers changed or were added by parting; ``unchanged`` counts records that changed nothing."""

    written: int = 0
    unchanged: int = 0


def apply_plans(
    plans: Sequence[PlannedWork], *, tables: PaperTables, now: datetime, deleted: Container[str] = frozenset()
) -> RegroupCounts:
    """Write planned works that concern papers of the library; call inside a transaction.

    ``deleted`` holds keys of records that their sources took back.
    """
    if not plans:
        return RegroupCounts()
    return _Regrouping(plans, tables, now, deleted).run()


class _Regrouping:
    def __init__(
        self, plans: Sequence[PlannedWork], tables: PaperTables, now: datetime, deleted: Container[str]
    ) -> None:
        self._plans, self._tables, self._now, self._deleted = plans, tables, now, deleted
        ids = {plan.paper_id for plan in plans} | {pk for plan in plans for pk in plan.absorbed}
        ids |= {node.paper_id for plan in plans for node in plan.nodes}
        papers = (
            Paper.objects.filter(pk__in=[pk for pk in ids if pk is not None]).select_related("venue").order_by("pk")
        )
        self._papers = {paper.pk: paper for paper in papers}
        parted = [node.key for plan in plans if plan.paper_id is None for node in plan.nodes]
        self._formers = {former.key: former for former in FormerPaper.objects.filter(key__in=parted)}
        self._stored_versions = load_versions(self._papers)
        self._stored = load_records(self._papers, self._stored_versions)
        self._by_paper: dict[int, list[StoredRecord]] = defaultdict(list)
        for stored in self._stored.values():
            self._by_paper[stored.row.paper_id].append(stored)

    def run(self) -> RegroupCounts:
        planned = {node.key for plan in self._plans for node in plan.nodes}
        drafts = [self._draft(plan, planned) for plan in self._plans]
        self._write_papers(drafts)
        self._write_sources(drafts)
        self._write_versions(drafts)
        for draft in drafts:
            self._follow(draft)
        counts = RegroupCounts()
        for draft in drafts:
            counts.written += draft.is_written
            counts.unchanged += max(len(draft.plan.incoming), 1) - draft.is_written
        return counts

    def _draft(self, plan: PlannedWork, planned: Container[str]) -> _Draft:
        """The work's members: records of the plan, and those of its paper that no plan names."""
        members = [self._member(self._stored.get(node.key), node.incoming) for node in plan.nodes]
        beside = self._by_paper[plan.paper_id] if plan.paper_id is not None else ()
        members += [self._member(stored, None) for stored in beside if stored.row.key not in planned]
        content = merge_contents(member.described for member in members)
        former = self._former_paper(plan)
        content.update(self._corrections(plan, former))
        key = former.key if former is not None else plan.key if plan.paper_id is None else ""
        return _Draft(plan, members, PaperContent.of(content), key, former=former)

    def _former_paper(self, plan: PlannedWork) -> FormerPaper | None:
        """The paper that a parted work was before it was joined; of several, that of the oldest record."""
        if plan.paper_id is not None:
            return None
        nodes = sorted(plan.nodes, key=lambda node: node.order)
        return next((self._formers[node.key] for node in nodes if node.key in self._formers), None)

    def _corrections(self, plan: PlannedWork, former: FormerPaper | None) -> dict[str, Any]:
        """Fields that an administrator corrected, with their values."""
        if plan.paper_id is not None:
            paper = self._papers[plan.paper_id]
            own = content_of_paper(paper)
            return {name: own[name] for name in paper.edited if name in own}
        if former is None:
            return {}
        whole = content_from_json(former.corrections)
        return {name: whole[name] for name in former.corrections}

    def _member(self, stored: StoredRecord | None, incoming: IncomingRecord | None) -> _Member:
        if stored is None:
            assert incoming is not None
            record = incoming.record
            described = Described(record.key, record.source, incoming.content)
            return _Member(described, None, incoming, incoming.content_hash, list(record.versions))
        content, content_hash, versions = stored.content, stored.row.content_hash, stored.versions
        if incoming is not None:
            content, content_hash = succeed(content, incoming.content), incoming.content_hash
            versions = merge_versions([list(incoming.record.versions), versions])
        elif stored.row.key in self._deleted:
            content, content_hash = {**content, "withdrawn": True}, ""
        return _Member(Described(stored.row.key, stored.row.source, content), stored, incoming, content_hash, versions)

    def _write_papers(self, drafts: Sequence[_Draft]) -> None:
        """Insert papers that were parted, update those whose content or records changed."""
        parted = {draft.key: draft for draft in drafts if draft.plan.paper_id is None}
        if parted:
            Tombstone.objects.filter(key__in=parted).delete()
            contents = {key: draft.content for key, draft in parted.items()}
            ids = self._tables.insert_papers(contents, first_revision=draw_revisions(len(contents)))
            for key, draft in parted.items():
                draft.paper_id, draft.is_written = ids[key], True
        updated: dict[int, PaperContent] = {}
        for draft in drafts:
            if draft.plan.paper_id is None:
                continue
            draft.paper_id = draft.plan.paper_id
            has_new = any(member.stored is None for member in draft.members)
            stored_hash = self._papers[draft.paper_id].content_hash
            if has_new or draft.plan.is_regrouped or draft.content.content_hash != stored_hash:
                updated[draft.paper_id] = draft.content
                draft.is_written = True
        if updated:
            self._tables.update_papers(updated, first_revision=draw_revisions(len(updated)))

    def _write_sources(self, drafts: Sequence[_Draft]) -> None:
        inserted: list[tuple[SourceState, Record]] = []
        updated: list[tuple[SourceState, int]] = []
        for draft in drafts:
            several = len(draft.members) > 1
            for member in draft.members:
                state = _state(draft.paper_id, member, several=several)
                if member.stored is None:
                    assert member.incoming is not None
                    inserted.append((state, member.incoming.record))
                elif _has_changed(member, state):
                    updated.append((state, member.stored.row.pk))
        self._tables.update_sources(updated)
        self._tables.insert_sources(inserted)

    def _write_versions(self, drafts: Sequence[_Draft]) -> None:
        """Versions are numbered by each source for itself: those of the source whose text the paper has come first."""
        versions: dict[int, list[Version]] = {}
        for draft in drafts:
            ranked = sorted(draft.members, key=lambda member: text_rank(member.described))
            found = merge_versions(member.versions for member in ranked)
            if draft.plan.is_regrouped or draft.plan.paper_id is None or found:
                versions[draft.paper_id] = found
        changed = {pk: found for pk, found in versions.items() if found != self._stored_versions.get(pk, [])}
        if changed:
            self._tables.replace_versions(changed)

    def _follow(self, draft: _Draft) -> None:
        """Have summaries and the like follow, keep what only the paper knew, and delete papers that were joined."""
        if draft.plan.paper_id is None and draft.former is not None:
            origin = next(node.paper_id for node in draft.plan.nodes if node.key == draft.key)
            self._restore(draft, draft.former, of=origin)
        for paper_id in draft.plan.absorbed:
            self._absorb(self._papers[paper_id], into=draft.paper_id)

    def _restore(self, draft: _Draft, former: FormerPaper, *, of: int | None) -> None:
        names = list(former.corrections)
        Paper.objects.filter(pk=draft.paper_id).update(created_at=former.created_at, edited=names)
        if of is not None:
            part_followers(draft.paper_id, of=of, kept=former.followers)
        former.delete()

    def _absorb(self, paper: Paper, *, into: int) -> None:
        own = content_of_paper(paper)
        corrections = {name: own[name] for name in paper.edited if name in own}
        FormerPaper.objects.update_or_create(
            key=paper.key,
            defaults={
                "corrections": orjson.loads(as_json(corrections)),
                "followers": join_followers(paper.pk, into=into),
                "created_at": paper.created_at,
                "joined_at": self._now,
            },
        )
        Paper.objects.filter(pk=paper.pk).delete()


def _state(paper_id: int, member: _Member, *, several: bool) -> SourceState:
    content = member.described.content
    keys = keys_of(content["title"], content["authors"])
    stored = member.stored.row if member.stored else None
    record = member.incoming.record if member.incoming else None
    source, ident = (stored.source, stored.ident) if stored else (record.source, record.ident) if record else ("", "")
    return SourceState(
        paper_id,
        member.content_hash,
        with_versions(content, member.versions) if several else None,
        keys.title,
        keys.authors,
        own_doi(source, ident, content["doi"]),
    )


def _has_changed(member: _Member, state: SourceState) -> bool:
    """Whether the source row has to be written: moved, changed, or to hold its record or no longer."""
    assert member.stored is not None
    row = member.stored.row
    if (row.paper_id, row.content_hash, row.title_key) != (state.paper_id, state.content_hash, state.title_key):
        return True
    return member.incoming is not None or (row.record is None) != (state.record is None)
