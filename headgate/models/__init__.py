"""The model: a score for a payment, learnt from the outcomes of earlier payments, with reasons in words.

Facts and known labels enter as columns. Scores belong to payments; nothing here scores or ranks an account or a
person, and a column that the charter refuses cannot be learnt from.
"""
