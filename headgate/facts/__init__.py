"""Fold 1: what was known about a payment just before it. Nothing here decides."""
