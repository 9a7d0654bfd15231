"""Addresses of the catalogue."""

from __future__ import annotations

from django.urls import path

from coolpapers.papers.pages import feeds, redirects, views
from coolpapers.papers.pages.narrowing import category_choice

# Where other sites have a paper: its abstract, its HTML, PostScript and source, a choice of formats, readers' sites.
PAPER_PLACES = ("abs", "papers", "paper", "html", "format", "ps", "e-print", "src", "tb")
# Where arXiv lists its archives and categories.
CATEGORY_PLACES = ("archive", "archive/", "list", "list/", "catchup", "catchup/", "year", "year/", "category_taxonomy")

app_name = "papers"
urlpatterns = [
    path("", views.show_home, name="show_home"),
    path("arxiv/", category_choice.choose_categories, name="choose_categories"),
    path("arxiv/kimi", redirects.redirect_summary),
    path("arxiv/<path:spec>/feed", feeds.feed_arxiv, name="feed_arxiv"),
    path("arxiv/<path:spec>", views.show_arxiv, name="show_arxiv"),
    path("venue/", views.list_venues, name="list_venues"),
    path("venue/latest", redirects.redirect_latest_venue, name="redirect_latest_venue"),
    path("venue/latest/feed", feeds.feed_venues, name="feed_venues"),
    path("venue/kimi", redirects.redirect_summary),
    path("venue/<path:spec>/feed", feeds.feed_venue, name="feed_venue"),
    path("venue/<path:spec>", views.show_venue, name="show_venue"),
    *(path(f"{name}/<path:ident>", redirects.redirect_paper) for name in PAPER_PLACES),
    path("overview/<path:ident>", redirects.redirect_summary, name="redirect_summary"),
    path("pdf", redirects.redirect_forum),
    path("forum", redirects.redirect_forum, name="redirect_forum"),
    path("pdf/<path:ident>", redirects.redirect_pdf, name="redirect_pdf"),
    path("bibtex/<path:ident>", redirects.show_bibtex, name="show_bibtex"),
    path("list/<str:category>", redirects.redirect_list, name="redirect_category"),
    path("list/<str:category>/<str:period>", redirects.redirect_list, name="redirect_list"),
    path("year/<str:category>", redirects.redirect_year),
    path("year/<str:category>/<str:year>", redirects.redirect_year, name="redirect_year"),
    path("catchup/<str:category>", redirects.redirect_day),
    path("catchup/<str:category>/<str:day>", redirects.redirect_day, name="redirect_day"),
    path("rss/<str:category>", redirects.redirect_feed, {"kind": "rss"}, name="redirect_rss"),
    path("atom/<str:category>", redirects.redirect_feed, {"kind": "atom"}, name="redirect_atom"),
    path("archive/<str:category>", redirects.redirect_to_categories, name="redirect_archive"),
    *(path(name, redirects.redirect_to_categories) for name in CATEGORY_PLACES),
]
