"""A validation pack for model risk: an independent re-run, sensitivity, stability and limits, in one folder.

A dataset folder enters; a folder of files leaves that a second line of defence can read and repeat. Nothing here
approves a model: people do.
"""
