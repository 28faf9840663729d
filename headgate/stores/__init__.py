"""Stores: where journal, decisions, alerts, cases and users are kept. They know values, never how these came about."""
