"""Fold 2, first half: what happens to a payment, with reasons and evidence, within the budget of the people who read.

Facts, fired scenarios and a score of one payment enter in the order of the journal; a decision leaves. Nothing here
computes a fact, and no customer is harmed for good without a person.
"""
