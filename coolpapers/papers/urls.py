"""Addresses of the catalogue."""

from __future__ import annotations

from django.urls import path

from coolpapers.papers.pages import feeds, redirects, views

app_name = "papers"
urlpatterns = [
    path("", views.show_home, name="show_home"),
    path("arxiv/", views.choose_categories, name="choose_categories"),
    path("arxiv/<path:spec>/feed", feeds.feed_arxiv, name="feed_arxiv"),
    path("arxiv/<path:spec>", views.show_arxiv, name="show_arxiv"),
    path("venue/", views.list_venues, name="list_venues"),
    path("venue/<path:spec>/feed", feeds.feed_venue, name="feed_venue"),
    path("venue/<path:spec>", views.show_venue, name="show_venue"),
    path("abs/<path:ident>", redirects.redirect_paper, name="redirect_abstract"),
    path("papers/<path:ident>", redirects.redirect_paper, name="redirect_paper"),
    path("pdf/<path:ident>", redirects.redirect_pdf, name="redirect_pdf"),
    path("bibtex/<path:ident>", redirects.show_bibtex, name="show_bibtex"),
    path("list/<str:category>", redirects.redirect_list, name="redirect_category"),
    path("list/<str:category>/<str:period>", redirects.redirect_list, name="redirect_list"),
]
