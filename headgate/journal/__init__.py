"""The journal: the only input. Entry kinds as values, their columns, validation, and the rules of time.

Nothing here computes a fact or decides anything.
"""
