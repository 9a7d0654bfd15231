from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import Settings

from coolpapers.reading.models import PdfFetch, Summary
from coolpapers.reading.pdfs.requests import decide_fetching, fetching_decision, request_fetch
from tests.coolpapers.reading.made import NOW, make_finished, make_summary

pytestmark = pytest.mark.django_db
LIST = "/admin/reading/summary/"


def test_the_list_shows_and_filters_summaries(admin_client: Client) -> None:
    make_finished(language="zh")
    failed = make_summary(status="failed", error="it broke")
    page = admin_client.get(f"{LIST}?status__exact=failed&q=Sorting").content.decode()
    assert failed.paper.title in page
    assert "1 summary" in page


def test_one_is_for_reading_only(admin_client: Client) -> None:
    summary = make_summary(status="failed", error="it broke")
    page = admin_client.get(f"{LIST}{summary.pk}/change/").content.decode()
    assert "it broke" in page
    assert 'name="_save"' not in page
    assert admin_client.get(f"{LIST}add/").status_code == 403


def test_chosen_ones_are_written_again_and_readable_meanwhile(admin_client: Client) -> None:
    summary = make_finished(markdown="Old.")
    data = {"action": "write_again", "_selected_action": [summary.pk]}
    page = admin_client.post(LIST, data, follow=True).content.decode()
    assert "1 summary will be written." in page
    summary.refresh_from_db()
    assert (summary.status, summary.markdown) == ("queued", "Old.")


def test_where_nothing_writes_the_administrator_is_told(admin_client: Client, settings: Settings) -> None:
    settings.SUMMARIZER = "off"
    summary = make_finished()
    page = admin_client.post(LIST, {"action": "write_again", "_selected_action": [summary.pk]}, follow=True)
    assert "COOLPAPERS_SUMMARIZER is off" in page.content.decode()
    assert Summary.objects.get().status == "done"


def test_the_decision_on_fetching_can_be_changed(admin_client: Client) -> None:
    decide_fetching(is_on=False)
    address = "/admin/reading/sitepreference/fetch-pdfs/change/"
    assert admin_client.post(address, {"name": "fetch-pdfs", "is_on": "on"}).status_code == 302
    assert fetching_decision() is True


def test_fetched_pdfs_are_listed_with_the_reason_of_a_failure(admin_client: Client) -> None:
    request_fetch("https://arxiv.org/pdf/1", now=NOW)
    PdfFetch.objects.update(status="failed", error="HTTP 404")
    assert "HTTP 404" in admin_client.get("/admin/reading/pdffetch/").content.decode()
    assert admin_client.get("/admin/reading/pdffetch/add/").status_code == 403
