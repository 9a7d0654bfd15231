"""Addresses for whoever runs the site, and for crawlers."""

from __future__ import annotations

from django.urls import path

from coolpapers.operating.pages import crawlers, metrics, setup

app_name = "operating"
urlpatterns = [
    path("metrics", metrics.show_metrics, name="show_metrics"),
    path("site/setup", setup.set_up, name="set_up"),
    path("robots.txt", crawlers.show_robots, name="show_robots"),
    path("favicon.ico", crawlers.send_icon, name="send_icon"),
    path("sitemap.xml", crawlers.show_sitemap, name="show_sitemap"),
    path("sitemap/pages.xml", crawlers.show_sitemap_pages, name="show_sitemap_pages"),
    path("sitemap/papers-<int:number>.xml", crawlers.show_sitemap_papers, name="show_sitemap_papers"),
]
