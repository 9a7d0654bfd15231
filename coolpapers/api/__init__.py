"""What the site tells tools: a JSON API, arXiv's query API, unAPI and an MCP server, with tokens for them."""
