"""The settings of one installation: `headgate.toml` in its home and the environment, checked before anything starts.

One file here is one section. Sections hold values only; what they do is done by the rooms that read them.
"""
