"""Announcements go out by webhook: signed, at least once, in order for each subscriber.

What was committed comes in; HTTP requests to the addresses of the settings go out. Nothing is decided here, and no
account id ever leaves.
"""
