"""Addresses of summaries, citations and PDFs. ``<path:ident>`` because old arXiv ids contain a slash."""

from __future__ import annotations

from django.urls import path

from coolpapers.reading.pages import citation_views, pdf_views, views

app_name = "reading"
urlpatterns = [
    path("summary/<path:ident>/events", views.stream_summary, name="stream_summary"),
    path("summary/<path:ident>", views.show_summary, name="show_summary"),
    path("cite/<path:idents>", citation_views.show_citation, name="show_citation"),
    path("site/fetch-pdfs", pdf_views.decide_on_fetching, name="decide_on_fetching"),
    path("pdf/<path:ident>/get", pdf_views.get_pdf, name="get_pdf"),
    path("pdf/<path:ident>/file", pdf_views.send_pdf, name="send_pdf"),
    path("pdf/<path:ident>", pdf_views.show_pdf, name="show_pdf"),
]
