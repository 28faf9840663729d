"""How well payments are ranked: the protocol, its measures, their intervals and what was missed.

A dataset folder enters; one value leaves that the command prints and the report draws. Nothing here alters a
fact, tunes on the test period or ranks anything but payments.
"""
