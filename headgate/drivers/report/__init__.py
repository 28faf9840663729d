"""Reports as single HTML files: style, script and data inline, nothing fetched, readable in ten years.

Results enter as values; a page leaves as text. Nothing here computes a measure or names an account.
"""
