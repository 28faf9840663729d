"""A writer that is killed over and over on a disk that loses what was not synced, and what must be true after it.

`python -m torture N` with `tests` on the path; `make torture N=1000`.
"""
