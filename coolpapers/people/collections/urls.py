"""Addresses of collections, saved searches, keywords, alerts and list exports."""

from __future__ import annotations

from django.urls import path

from coolpapers.people.alerts import views as alerts_views
from coolpapers.people.collections import views as collections_views
from coolpapers.people.keywords import views as keywords_views
from coolpapers.people.searches import views as searches_views
from coolpapers.people.sharing import exporting_views
from coolpapers.people.sharing import views as sharing_views

app_name = "collections"
urlpatterns = [
    path("search/export", exporting_views.export_search, name="export_search"),
    path("arxiv/search/export", exporting_views.export_search),
    path("venue/search/export", exporting_views.export_search),
    path("arxiv/<path:spec>/export", exporting_views.export_arxiv, name="export_arxiv"),
    path("venue/<path:spec>/export", exporting_views.export_venue, name="export_venue"),
    path("author/<path:name>/export", exporting_views.export_author, name="export_author"),
    path("me/collections", collections_views.list_collections, name="list_collections"),
    path("me/collections/export", exporting_views.export_keys, name="export_keys"),
    path("me/collections/<str:ident>", collections_views.show_collection, name="show_collection"),
    path("me/collections/<str:ident>/export", collections_views.export_collection, name="export_collection"),
    path("me/collect/<path:name>", collections_views.collect_paper, name="collect_paper"),
    path("shared/", sharing_views.show_named, name="show_named"),
    path("shared/<str:token>", sharing_views.show_shared, name="show_shared"),
    path("shared/<str:token>/export", sharing_views.export_shared, name="export_shared"),
    path("me/keywords", keywords_views.list_keywords, name="list_keywords"),
    path("me/searches", searches_views.list_searches, name="list_searches"),
    path("me/searches/save", searches_views.save_search, name="save_search"),
    path("me/news", searches_views.show_news, name="show_news"),
    path("me/searches/<str:ident>/open", searches_views.open_search, name="open_search"),
    path("me/alerts/stop/<str:token>", alerts_views.unsubscribe, name="unsubscribe"),
]
