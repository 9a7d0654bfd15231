"""E-mail alerts, from saved search to mail box: what is sent, what is not, and what a kill leaves."""

from __future__ import annotations

import datetime as dt
import smtplib
from collections.abc import Callable
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPServerDisconnected
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coolpapers.finding.indexing.index import update_index
from coolpapers.papers.models import Paper
from coolpapers.people.alerts.checking import check_searches
from coolpapers.people.models import AlertState, Item, OpenMail, SentPaper
from coolpapers.people.models.kinds import Kind
from coolpapers.people.searches.subscriptions import start_alerts, stop_alerts
from coolpapers.people.state.languages import save_language
from search.engines.registry import search_backend
from tests.coolpapers.people.alerts.alerting import after, come_in, follow, make_reader, run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("library")]


@pytest.fixture
def library(index_papers: Callable[[], None], settings: Any) -> None:
    settings.SITE_URL = "https://papers.example.org"
    index_papers()


def outbox() -> list[Any]:
    return list(mail.outbox)


# ---- what is sent ----------------------------------------------------------------------------------------


def test_one_mail_per_reader_covers_all_searches() -> None:
    reader = make_reader("graphs", "ti:networks")
    come_in("Graphs and networks", on=1)
    come_in("Graphs", on=1)
    come_in("Trees", on=1)
    report = run(2)
    (message,) = outbox()
    assert message.to == [reader.email]
    assert (report.n_mails, report.n_papers, report.failures) == (1, 2, [])
    assert message.subject == "2 new papers: graphs"
    assert message.body.count("Graphs and networks") == 1
    assert "1 matching paper is already listed above." in message.body
    assert "Trees" not in message.body
    assert message.alternatives[0][1] == "text/html"


def test_each_reader_is_mailed_in_their_own_language() -> None:
    save_language(make_reader("graphs"), "zh-hans")
    make_reader("graphs")
    come_in("Graphs", on=1)
    run(2)
    assert [message.subject for message in outbox()] == ["1 篇新论文: graphs", "1 new paper: graphs"]


def test_each_paper_once_over_all_mails() -> None:
    make_reader("graphs")
    first = come_in("Graphs one", on=1)
    assert run(2).n_mails == 1
    assert run(2.1).n_mails == 0
    Paper.objects.get(pk=first.pk).save()  # a replacement (PRODUCT.md 9, case 16)
    come_in("Graphs two", on=3)
    assert run(4).n_papers == 1
    assert "Graphs one" not in outbox()[1].body
    assert run(5).n_mails == 0


def test_without_new_papers_no_mail_is_sent() -> None:
    make_reader("graphs")
    come_in("Graphs of old", on=-1)
    come_in("Trees", on=1)
    report = run(2)
    assert (report.n_mails, report.n_without_news) == (0, 1)
    assert outbox() == []
    assert not OpenMail.objects.exists()


def test_papers_indexed_late_are_not_missed() -> None:
    make_reader("graphs")
    run(1)
    paper = come_in("Graphs", on=0.5)  # was there before the last look, but not in the index
    assert run(2).n_papers == 1
    assert SentPaper.objects.get().key == paper.key


def test_unsubscribed_readers_get_no_mail() -> None:
    make_reader("graphs", mail=False)
    make_reader()
    nowhere = make_reader("graphs")
    nowhere.email = ""
    nowhere.save()
    gone = make_reader("graphs")
    gone.is_active = False
    gone.save()
    deleted = make_reader("graphs")
    Item.objects.filter(user=deleted).update(deleted=True)
    stopped = make_reader("graphs")
    stop_alerts(stopped, now=after(0))
    come_in("Graphs", on=1)
    assert run(2).n_mails == 0


def test_after_resubscribing_only_recent_papers_are_reported() -> None:
    reader = make_reader("graphs")
    run(1)
    stop_alerts(reader, now=after(1))
    come_in("Graphs early", on=2)
    come_in("Graphs late", on=29)
    start_alerts(reader, now=after(30))
    assert run(31).n_papers == 1


def test_a_message_has_one_click_unsubscribe_headers() -> None:
    make_reader("graphs")
    come_in("Graphs", on=1)
    run(2)
    headers = outbox()[0].message()
    address = headers["List-Unsubscribe"].strip("<>")
    assert address.startswith("https://papers.example.org/me/alerts/stop/")
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert headers["Auto-Submitted"] == "auto-generated"
    assert headers["Message-ID"].endswith("@papers.example.org>")
    assert address in outbox()[0].body


def test_an_invalid_query_is_reported_once_and_others_continue() -> None:
    reader = make_reader("graphs")
    follow(reader, "year:soon", name="Broken")
    report = run(1)
    assert (report.n_mails, report.n_invalid_queries, report.failures) == (1, 1, [])
    assert outbox()[0].subject == "A saved search has an invalid query"
    assert run(2).n_mails == 0
    come_in("Graphs", on=3)
    assert run(4).n_mails == 1
    assert "This query is no longer valid" in outbox()[1].body
    Item.objects.filter(value__name="Broken").update(value={"name": "Broken", "query": "year:never", "mail": True})
    assert run(5).n_mails == 1  # another query, another problem


def test_a_search_that_fails_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    real = check_searches.__globals__["find_new_papers"]

    def failing(text: str, **arguments: Any) -> Any:
        if text == "trees":
            raise RuntimeError("the engine fell over")
        return real(text, **arguments)

    make_reader("trees", "graphs")
    come_in("Graphs", on=1)
    come_in("Trees", on=1)
    with monkeypatch.context() as patch:
        patch.setitem(check_searches.__globals__, "find_new_papers", failing)
        report = run(2)
    assert (report.n_mails, report.n_papers) == (1, 1)
    assert "the engine fell over" in report.failures[0]
    assert run(20).n_papers == 1  # the next run looks as far back: nothing is lost
    assert "Trees" in outbox()[1].body


def test_a_reader_who_fails_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    readers = [make_reader("graphs", email=f"reader{n}@example.org") for n in range(3)]
    come_in("Graphs", on=1)
    real = EmailBackend.send_messages

    def refusing(self: Any, messages: Any) -> Any:
        if messages[0].to == [readers[1].email]:
            raise smtplib.SMTPRecipientsRefused({readers[1].email: (550, b"no such user")})
        return real(self, messages)

    with monkeypatch.context() as patch:
        patch.setattr(EmailBackend, "send_messages", refusing)
        report = run(2)
    assert (report.n_mails, len(report.failures)) == (2, 1)
    assert "550" in AlertState.objects.get(user=readers[1]).error
    assert run(3).n_mails == 1
    assert AlertState.objects.get(user=readers[1]).error == ""
    assert [message.to[0] for message in outbox()] == [readers[n].email for n in (0, 2, 1)]


# ---- runs that overlap, stop and are killed --------------------------------------------------------------


def test_a_dry_run_sends_and_stores_nothing() -> None:
    reader = make_reader("graphs")
    come_in("Graphs", on=1)
    report = run(2, dry_run=True)
    assert report.would_send == [f"{reader.username} <{reader.email}>: 1 papers, 1 searches"]
    assert outbox() == []
    assert not any(model.objects.exists() for model in (AlertState, OpenMail, SentPaper))
    assert run(2).n_mails == 1


def test_a_limited_or_stopped_run_is_continued_by_the_next() -> None:
    for _ in range(4):
        make_reader("graphs")
    come_in("Graphs", on=1)
    assert run(2, limit=1).n_mails == 1
    asked = iter([False, True])
    assert run(2, should_stop=lambda: next(asked)).n_mails == 0  # the first reader has had the mail
    assert run(2).n_mails == 3
    assert len({message.to[0] for message in outbox()}) == 4


def test_only_readers_who_are_due_are_mailed() -> None:
    make_reader("graphs")
    come_in("Graphs", on=1)
    assert run(2, due_before=after(2)).n_mails == 1
    come_in("Graphs again", on=2.1)
    assert run(2.2, due_before=after(2)).n_mails == 0
    assert run(3, due_before=after(3)).n_mails == 1


class Killed(BaseException):
    """What kill -9 is for these tests: nothing after it runs in the sender."""


@pytest.mark.parametrize("moment", ["before the server was reached", "before it was asked", "after it said yes"])
def test_a_mail_is_sent_at_most_once_where_a_run_is_killed(monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    make_reader("graphs")
    come_in("Graphs", on=1)
    real = EmailBackend.send_messages

    def dying(self: Any, messages: Any = None) -> Any:
        if moment.startswith("after"):
            real(self, messages)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(EmailBackend, "open" if "reached" in moment else "send_messages", dying)
        patch.setattr("coolpapers.people.alerts.sending.release", lambda *_args: None)
        with pytest.raises(Killed):
            run(2)
    OpenMail.objects.update(claim="another-machine:1")
    assert run(2).n_leased == 1  # its lease runs
    come_in("Graphs two", on=2)
    report = run(2.1)
    if "reached" in moment:
        assert (report.n_mails, report.n_in_doubt) == (1, 0)
        assert "Graphs two" not in outbox()[-1].body  # the mail as it was composed
        assert run(3).n_papers == 1
    else:
        assert (report.n_mails, report.n_in_doubt) == (1, 1)
        assert len(outbox()) == (2 if moment.startswith("after") else 1)
    assert "Graphs two" in outbox()[-1].body
    assert run(4).n_mails == 0


@pytest.mark.parametrize("error", [TimeoutError("no answer"), SMTPServerDisconnected("gone"), ConnectionResetError()])
def test_a_mail_without_an_answer_is_not_sent_again(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    make_reader("graphs")
    come_in("Graphs", on=1)
    with monkeypatch.context() as patch:
        patch.setattr(EmailBackend, "send_messages", _raising(error))
        assert len(run(2).failures) == 1
    assert not OpenMail.objects.exists()
    state = AlertState.objects.get()
    assert (state.n_failures, type(error).__name__ in state.error) == (1, True)
    assert run(3).n_papers == 0


@pytest.mark.parametrize(
    ("method", "error"),
    [
        ("open", ConnectionRefusedError("refused")),
        ("open", TimeoutError("no answer")),
        ("open", SMTPServerDisconnected("gone")),
        ("send_messages", SMTPDataError(554, b"spam")),
        ("send_messages", SMTPRecipientsRefused({"a@example.org": (550, b"unknown")})),
        ("send_messages", ValueError("a header with a line break")),
    ],
)
def test_a_mail_that_certainly_did_not_leave_is_composed_again(
    monkeypatch: pytest.MonkeyPatch, method: str, error: Exception
) -> None:
    make_reader("graphs")
    come_in("Graphs", on=1)
    with monkeypatch.context() as patch:
        patch.setattr(EmailBackend, method, _raising(error))
        assert len(run(2).failures) == 1
        assert len(run(2.1).failures) == 1
    assert AlertState.objects.get().n_failures == 2
    come_in("Graphs two", on=2)
    assert run(3).n_papers == 2


def _raising(error: Exception) -> Any:
    def fail(*_args: Any) -> None:
        raise error

    return fail


def test_records_of_sent_papers_are_deleted_when_too_old_to_be_new() -> None:
    make_reader("graphs")
    come_in("Graphs", on=1)
    run(2)
    run(5)
    assert SentPaper.objects.count() == 1
    run(2 + 7.1)
    assert SentPaper.objects.count() == 0
    assert run(10).n_mails == 0
    assert len(outbox()) == 1


@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(["paper", "run", "late", "killed", "replace"]), max_size=10))
def test_every_paper_is_reported_exactly_once(steps: list[str]) -> None:
    """Whatever happens between, a kill after the acceptance too: each paper is in one mail."""
    for model in (Paper, Item, AlertState, OpenMail, SentPaper):
        model.objects.all().delete()
    mail.outbox.clear()
    make_reader("graphs")
    titles, at = [], 0.0
    for number, step in enumerate(steps):
        at += 0.5
        if step in ("paper", "late"):
            titles.append(f"Graphs {number}x")
            come_in(titles[-1], on=at if step == "paper" else max(0.0, at - 3), is_indexed=False)
        elif step == "replace" and Paper.objects.exists():
            Paper.objects.order_by("?")[0].save()
        else:
            update_index(search_backend())
            (_run_killed if step == "killed" else run)(at)
    update_index(search_backend())
    run(at + 1)  # sends what a killed run left
    run(at + 2)
    told = "".join(message.body for message in outbox())
    assert [told.count(title) for title in titles] == [1] * len(titles)


def _run_killed(at: float) -> None:
    real = EmailBackend.send_messages

    def dying(self: Any, messages: Any) -> Any:
        real(self, messages)
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(EmailBackend, "send_messages", dying)
        try:
            run(at)
        except Killed:
            OpenMail.objects.update(claim="another-machine:1", claimed_at=after(at) - dt.timedelta(hours=1))


def test_items_of_other_kinds_are_ignored() -> None:
    reader = make_reader()
    Item.objects.create(user=reader, kind=Kind.STAR, key="k", value={"mail": True}, changed=1, revision=1)
    assert run(1).n_without_news == 0
