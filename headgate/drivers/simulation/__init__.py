"""A simulated bank: honest life, schemes that hide in it, and benign twins of every scheme.

A seed and a world enter; a dataset folder leaves, with the truth in files of its own. No real person or
account is in it, and nothing here computes a fact.
"""
