"""Typologies as files: a condition over facts, a reason in words, and examples that must and must not fire."""
