"""What `bench.kernel` runs in child processes, one measurement each, so that neither side shares memory with the other.

`gfp` and `tiny` run under a Python that holds the snapml wheel and no headgate: they and what they import use nothing
but numpy and the standard library.
"""
