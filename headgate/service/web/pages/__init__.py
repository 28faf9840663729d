"""One file a page. Each declares a tuple PAGES of (method, path, endpoint)."""
