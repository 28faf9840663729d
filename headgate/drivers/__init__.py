"""Drivers bring the journal to the folds: simulate, import, train, evaluate, replay.

They own order and input and output of whole runs; facts and decisions are computed in the folds alone.
"""
