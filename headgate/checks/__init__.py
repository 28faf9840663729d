"""The laws that every engine, store and scenario of headgate obeys, as functions for whoever writes one.

Each file is one law. It takes your part, puts it to the test, returns nothing when the law holds and raises LawError
with the first place where it does not.
"""
