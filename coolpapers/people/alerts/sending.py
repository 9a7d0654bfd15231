"""Send digest mails: one per reader, idempotent, and safe to kill at any point. Start at :func:`send_digests`.

:mod:`coolpapers.people.models.alerts` describes the life of one mail and what a kill leaves behind.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from smtplib import SMTPException, SMTPServerDisconnected
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.message import make_msgid
from django.db import OperationalError, transaction
from django.utils import translation

from coolpapers.base.outages import find_outage
from coolpapers.papers.lookup.selectors import papers_by_keys
from coolpapers.people.alerts.checking import CheckResult, check_searches
from coolpapers.people.alerts.digests import Links, compose, shown_keys
from coolpapers.people.alerts.leases import claim_mail, release
from coolpapers.people.alerts.sections import OVERLAP, has_news, reported_keys
from coolpapers.people.models import AlertState, Item, OpenMail, SentPaper
from coolpapers.people.models.kinds import Kind
from coolpapers.people.searches.subscriptions import unsubscribe_address
from coolpapers.people.state.languages import language_of

logger = logging.getLogger(__name__)

COMMIT_ATTEMPTS = 3

Clock = Callable[[], datetime]


@dataclass
class Report:
    """What a run did. ``failures`` are for the administrator: one line per reader or search that failed."""

    n_mails: int = 0
    n_papers: int = 0
    n_without_news: int = 0  # readers
    n_leased: int = 0  # readers whose mail another run is sending
    n_in_doubt: int = 0  # mails handed to the mail server by a run that was killed before the answer: not sent again
    n_invalid_queries: int = 0
    failures: list[str] = field(default_factory=list)
    would_send: list[str] = field(default_factory=list)  # of a dry run


def send_digests(
    *,
    clock: Clock,
    due_before: datetime | None = None,
    limit: int | None = None,
    dry_run: bool = False,
    should_stop: Callable[[], bool] = lambda: False,
) -> Report:
    """Mail every subscribed reader the new papers of their saved searches; readers without news get no mail.

    Parameters
    ----------
    due_before : only readers whose searches were last checked before this time
    limit : stop after so many mails
    dry_run : check, but send and store nothing
    should_stop : called before each reader

    A failure of one reader or search is reported and does not affect the others.
    """
    report = Report()
    for user in _recipients():
        if should_stop() or (limit is not None and report.n_mails + len(report.would_send) >= limit):
            break
        try:
            with translation.override(language_of(user)):
                _process_reader(user, report, clock=clock, due_before=due_before, dry_run=dry_run)
        except Exception as error:
            is_outage = find_outage(error) is not None  # of the machine: a traceback would say nothing
            logger.error("The mail of reader %s failed: %s", user.pk, error, exc_info=not is_outage)
            report.failures.append(f"reader {user.pk}: {type(error).__name__}: {error}")
    return report


def _recipients() -> Iterator[User]:
    """Active readers with an address and a saved search that asks for mail."""
    subscribed = Item.objects.active(Kind.SEARCH).filter(value__mail=True).values("user_id")
    users = User.objects.filter(is_active=True, pk__in=subscribed).exclude(email="").order_by("pk")
    # Read at once: an open cursor would hold SQLite's read snapshot while mails are sent.
    return iter(list(users))


def _process_reader(user: User, report: Report, *, clock: Clock, due_before: datetime | None, dry_run: bool) -> None:
    state = _state_of(user)
    is_done = due_before is not None and state.checked_at is not None and state.checked_at >= due_before
    if state.stopped_at is not None or is_done:
        return
    if dry_run:
        _check_only(user, state, report, now=clock())
        return
    mail = claim_mail(user, now=clock())
    if mail is not None and mail.attempts:
        _commit(state, mail, now=clock())
        report.n_in_doubt += 1
        mail = claim_mail(user, now=clock())
    if mail is None:
        report.n_leased += 1
        return
    try:
        state = _state_of(user)  # reread under the lease: no other run changes it now
        if mail.message_id or _prepare(user, state, mail, report, now=clock()):
            _send(user, state, mail, report, clock=clock)
        else:
            report.n_without_news += 1
    finally:
        release(mail)  # no effect where the mail was sent and deleted


def _state_of(user: User) -> AlertState:
    return AlertState.objects.filter(pk=user.pk).first() or AlertState(user=user)


def _check_only(user: User, state: AlertState, report: Report, *, now: datetime) -> None:
    result = check_searches(user, state, now=now)
    _add_to_report(result, report)
    if has_news(result.sections):
        n_papers, n_searches = len(reported_keys(result.sections)), len(result.sections)
        report.would_send.append(f"{user.get_username()} <{user.email}>: {n_papers} papers, {n_searches} searches")
    else:
        report.n_without_news += 1


def _add_to_report(result: CheckResult, report: Report) -> None:
    report.n_invalid_queries += result.n_invalid_queries
    report.failures += result.failures


# ---- one mail ----------------------------------------------------------------------------------------


def _prepare(user: User, state: AlertState, mail: OpenMail, report: Report, *, now: datetime) -> bool:
    """Compose the claimed mail; if there is no news, delete it and return False."""
    result = check_searches(user, state, now=now)
    _add_to_report(result, report)
    mail.keys, mail.searches = reported_keys(result.sections), result.records
    mail.checked_at = now if result.is_complete else None
    if not has_news(result.sections):
        _commit(state, mail, now=now)
        return False
    links = Links(settings.SITE_URL, unsubscribe_address(user))
    papers = papers_by_keys(shown_keys(result.sections))
    composed = compose(result.sections, papers, links, site_name=settings.SITE_NAME)
    mail.subject, mail.text, mail.html = composed.subject[:250], composed.text, composed.html
    mail.message_id = make_msgid(domain=urlsplit(settings.SITE_URL).hostname or "localhost")
    mail.save()
    return True


def _send(user: User, state: AlertState, mail: OpenMail, report: Report, *, clock: Clock) -> None:
    """Send the mail at most once: what the server may have accepted counts as sent, whatever happens then."""
    connection = get_connection()
    message = make_message(user, mail)
    is_handed_over = False
    try:
        connection.open()
        is_handed_over = _mark_handed_over(mail)
        connection.send_messages([message])
    except Exception as error:
        report.failures.append(f"reader {user.pk}: the mail was not sent: {type(error).__name__}: {error}")
        state.error, state.n_failures = f"{type(error).__name__}: {error}"[:500], state.n_failures + 1
        if is_handed_over and not _is_refusal(error):
            _commit(state, mail, now=clock())
            return
        mail.delete()  # the next run composes a new one, with papers that have arrived by then
        failure = {"error": state.error, "n_failures": state.n_failures}
        AlertState.objects.update_or_create(user=user, defaults=failure)
        return
    finally:
        _close(connection)
    report.n_mails += 1
    report.n_papers += len(mail.keys)
    state.mailed_at, state.error, state.n_failures = clock(), "", 0
    _commit(state, mail, now=clock())


def _mark_handed_over(mail: OpenMail) -> bool:
    """Store that the mail server gets the mail now. After a kill the next run does not send it again."""
    mail.attempts = 1
    mail.save(update_fields=["attempts"])
    return True


def _close(connection: Any) -> None:
    try:
        connection.close()
    except Exception:  # the mail has been accepted or refused before
        logger.info("The connection to the mail server did not close.", exc_info=True)


def make_message(user: User, mail: OpenMail) -> EmailMultiAlternatives:
    """The message to send."""
    address = unsubscribe_address(user)
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    headers = {
        "Message-ID": mail.message_id,
        "List-Id": f"{settings.SITE_NAME} <alerts.{host}>".replace("\n", " "),
        "List-Unsubscribe": f"<{address}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",  # RFC 8058
        "Auto-Submitted": "auto-generated",  # RFC 3834: no out-of-office answers
    }
    message = EmailMultiAlternatives(mail.subject, mail.text, to=[user.email], headers=headers)
    message.attach_alternative(mail.html, "text/html")
    return message


def _is_refusal(error: Exception) -> bool:
    """Whether it is certain that the server has not accepted the mail: it said so, or there was nothing to send."""
    if isinstance(error, SMTPServerDisconnected):
        return False
    return isinstance(error, SMTPException) or not isinstance(error, OSError)


def _commit(state: AlertState, mail: OpenMail, *, now: datetime) -> None:
    """Store that the mail's papers are reported, and delete the open mail, in one transaction.

    Retried while the database is busy: the mail has gone out already.
    """
    state.searches = mail.searches
    state.checked_at = mail.checked_at or state.checked_at
    sent = [SentPaper(user_id=mail.pk, key=key, sent_at=now) for key in mail.keys]
    for attempt in range(COMMIT_ATTEMPTS):
        try:
            with transaction.atomic():
                SentPaper.objects.bulk_create(sent, ignore_conflicts=True, batch_size=1000)
                if state.checked_at is not None:
                    # Papers sent before this time arrived before the start of the next check.
                    SentPaper.objects.filter(user_id=mail.pk, sent_at__lt=state.checked_at - OVERLAP).delete()
                state.save()
                OpenMail.objects.filter(pk=mail.pk).delete()
            return
        except OperationalError:
            if attempt == COMMIT_ATTEMPTS - 1:
                raise
