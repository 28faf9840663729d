"""Benchmarks: ratios of two things in one run, with memory beside them. Run by `make bench` or `make bench-NAME`."""
