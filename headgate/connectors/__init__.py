"""Connectors: payments in from files and streams, as entries of the journal. They decide and compute nothing."""
