"""Sending mails with new papers: one a reader, and safe to kill and to run twice. Start at :func:`send_digests`.

The way of one mail, and what a kill at any point leaves, is written down in :mod:`coolpapers.people.models.alerts`.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from smtplib import SMTPException, SMTPServerDisconnected
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import EmailMultiAlternatives
from django.core.mail.message import make_msgid
from django.db import OperationalError, transaction
from django.utils import translation

from coolpapers.papers.lookup.selectors import papers_by_keys
from coolpapers.people.alerts.checking import Outlook, look
from coolpapers.people.alerts.digests import OVERLAP, Links, compose, is_worth_a_mail, shown_keys, told_keys
from coolpapers.people.alerts.leases import claim_mail, give_back
from coolpapers.people.models import AlertState, Item, OpenMail, SentPaper
from coolpapers.people.models.kinds import Kind
from coolpapers.people.searches.subscriptions import stop_address
from coolpapers.people.state.languages import language_of
from search.base.aliases import ShouldStop, never_stop

logger = logging.getLogger(__name__)

# A mail of which the server never says whether it took it is composed anew after so many attempts.
MAX_ATTEMPTS = 5
COMMIT_ATTEMPTS = 3

Clock = Callable[[], datetime]


@dataclass
class Report:
    """What a run did. ``failures`` are for the librarian, a line for each reader or search that was not served."""

    n_mails: int = 0
    n_papers: int = 0
    n_nothing: int = 0  # readers without news
    n_busy: int = 0  # readers whose mail another run has in hand
    n_broken: int = 0  # queries that do not parse
    failures: list[str] = field(default_factory=list)
    would_send: list[str] = field(default_factory=list)  # of a dry run


def send_digests(
    *,
    clock: Clock,
    due_before: datetime | None = None,
    limit: int | None = None,
    dry_run: bool = False,
    should_stop: ShouldStop = never_stop,
) -> Report:
    """Mail every reader who wants it what is new for the saved searches; nothing where nothing is.

    Parameters
    ----------
    due_before : only readers whose searches were last looked at before this moment
    limit : stop after so many mails
    dry_run : find, but send and remember nothing
    should_stop : asked before each reader

    What fails for one reader or one search is in the report and does not keep others from their mail.
    """
    report = Report()
    for user in _readers():
        if should_stop() or (limit is not None and report.n_mails + len(report.would_send) >= limit):
            break
        try:
            with translation.override(language_of(user)):
                _serve(user, report, clock=clock, due_before=due_before, dry_run=dry_run)
        except Exception as error:
            logger.exception("The mail of reader %s failed", user.pk)
            report.failures.append(f"reader {user.pk}: {type(error).__name__}: {error}")
    return report


def _readers() -> Iterator[User]:
    """Readers with an address and a saved search that asks for mail."""
    wanting = Item.objects.kept(Kind.SEARCH).filter(value__mail=True).values("user_id")
    users = User.objects.filter(is_active=True, pk__in=wanting).exclude(email="").order_by("pk")
    # Not one long cursor: it would hold SQLite's read snapshot while mails are sent.
    return iter(list(users))


def _serve(user: User, report: Report, *, clock: Clock, due_before: datetime | None, dry_run: bool) -> None:
    state = _state_of(user)
    is_done = due_before is not None and state.checked_at is not None and state.checked_at >= due_before
    if state.stopped_at is not None or is_done:
        return
    if dry_run:
        _count_only(user, state, report, now=clock())
        return
    mail = claim_mail(user, now=clock())
    if mail is None:
        report.n_busy += 1
        return
    try:
        state = _state_of(user)  # as it is now that no other run changes it
        if mail.message_id or _prepare(user, state, mail, report, now=clock()):
            _send(user, state, mail, report, clock=clock)
        else:
            report.n_nothing += 1
    finally:
        give_back(mail)  # where it is still there


def _state_of(user: User) -> AlertState:
    return AlertState.objects.filter(pk=user.pk).first() or AlertState(user=user)


def _count_only(user: User, state: AlertState, report: Report, *, now: datetime) -> None:
    outlook = look(user, state, now=now)
    _note(outlook, report)
    if is_worth_a_mail(outlook.sections):
        n_papers, n_searches = len(told_keys(outlook.sections)), len(outlook.sections)
        report.would_send.append(f"{user.get_username()} <{user.email}>: {n_papers} papers, {n_searches} searches")
    else:
        report.n_nothing += 1


def _note(outlook: Outlook, report: Report) -> None:
    report.n_broken += outlook.n_broken
    report.failures += outlook.failures


# ---- one mail ----------------------------------------------------------------------------------------


def _prepare(user: User, state: AlertState, mail: OpenMail, report: Report, *, now: datetime) -> bool:
    """Fill the claimed mail; False, and the mail gone, where there is nothing to tell."""
    outlook = look(user, state, now=now)
    _note(outlook, report)
    mail.keys, mail.searches = told_keys(outlook.sections), outlook.searches
    mail.checked_at = now if outlook.is_whole else None
    if not is_worth_a_mail(outlook.sections):
        _remember(state, mail, now=now)
        return False
    links = Links(settings.SITE_URL, stop_address(user))
    papers = papers_by_keys(shown_keys(outlook.sections))
    written = compose(outlook.sections, papers, links, site_name=settings.SITE_NAME)
    mail.subject, mail.text, mail.html = written.subject[:250], written.text, written.html
    mail.message_id = make_msgid(domain=urlsplit(settings.SITE_URL).hostname or "localhost")
    mail.save()
    return True


def _send(user: User, state: AlertState, mail: OpenMail, report: Report, *, clock: Clock) -> None:
    try:
        make_message(user, mail).send()
    except Exception as error:
        report.failures.append(f"reader {user.pk}: the mail was not sent: {type(error).__name__}: {error}")
        if _may_have_arrived(error) and mail.attempts + 1 < MAX_ATTEMPTS:
            give_back(mail, n_attempts=mail.attempts + 1)
        else:
            mail.delete()  # composed anew, with what has come in by then
        failed = {"error": f"{type(error).__name__}: {error}"[:500], "n_failures": state.n_failures + 1}
        AlertState.objects.update_or_create(user=user, defaults=failed)
        return
    report.n_mails += 1
    report.n_papers += len(mail.keys)
    state.mailed_at, state.error, state.n_failures = clock(), "", 0
    _remember(state, mail, now=clock())


def make_message(user: User, mail: OpenMail) -> EmailMultiAlternatives:
    """The message as it goes out; sent again, it is the same."""
    address = stop_address(user)
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


def _may_have_arrived(error: Exception) -> bool:
    """Whether the server may have taken the mail though we were not told: the line broke or went silent."""
    if isinstance(error, SMTPServerDisconnected):
        return True
    return isinstance(error, OSError) and not isinstance(
        error, SMTPException | ConnectionRefusedError | socket.gaierror
    )


def _remember(state: AlertState, mail: OpenMail, *, now: datetime) -> None:
    """Write down that the mail is told and forget it. A busy database is waited for: the mail has gone out."""
    state.searches = mail.searches
    state.checked_at = mail.checked_at or state.checked_at
    sent = [SentPaper(user_id=mail.pk, key=key, sent_at=now) for key in mail.keys]
    for attempt in range(COMMIT_ATTEMPTS):
        try:
            with transaction.atomic():
                SentPaper.objects.bulk_create(sent, ignore_conflicts=True, batch_size=1000)
                if state.checked_at is not None:
                    # Came in before they were sent, and the next look begins later than that.
                    SentPaper.objects.filter(user_id=mail.pk, sent_at__lt=state.checked_at - OVERLAP).delete()
                state.save()
                OpenMail.objects.filter(pk=mail.pk).delete()
            return
        except OperationalError:
            if attempt == COMMIT_ATTEMPTS - 1:
                raise
