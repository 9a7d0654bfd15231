"""Interfaces for programs: a JSON API, arXiv's query API, unAPI and an MCP server, with API tokens."""
