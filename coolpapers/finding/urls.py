"""Addresses of searches. They precede those of the catalogue, whose ``arxiv/<…>`` also matches ``arxiv/search``."""

from __future__ import annotations

from django.urls import path

from coolpapers.finding.authors import views as author_views
from coolpapers.finding.pages import foreign_searches, related_views, views

app_name = "search"
urlpatterns = [
    path("search", views.show_results, name="search_papers"),
    path("search/", foreign_searches.show_search),
    path("search/advanced", foreign_searches.show_advanced_search, name="show_advanced_search"),
    path("arxiv/search", views.show_results, name="search_arxiv"),
    path("venue/search", views.show_results, name="search_venue"),
    path("search/feed", views.feed_search, name="feed_search"),
    path("arxiv/search/feed", views.feed_search, name="feed_search_arxiv"),
    path("venue/search/feed", views.feed_search, name="feed_search_venue"),
    path("search/facets/<slug:name>", views.show_facet, name="show_facet"),
    path("search/suggest", views.suggest_queries, name="suggest_queries"),
    path("search/<str:archive>", foreign_searches.show_search),  # after ours
    path("find/", foreign_searches.show_found),
    path("find", foreign_searches.show_found),
    path("find/<path:rest>", foreign_searches.show_found, name="show_found"),
    path("related/<path:ident>", related_views.show_related, name="show_related"),
    path("author/", author_views.find_author_page, name="find_author"),
    path("author/<path:name>/feed", author_views.feed_author, name="feed_author"),
    path("author/<path:name>", author_views.show_author, name="show_author"),
    path("a/<path:name>", author_views.redirect_author, name="redirect_author"),
    path("opensearch.xml", views.describe_opensearch, name="describe_opensearch"),
]
