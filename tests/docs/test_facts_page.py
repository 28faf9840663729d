"""The page of facts names every form of the grammar and every fact of the default catalogue."""

from __future__ import annotations

from pathlib import Path

from headgate.facts.catalogue import DEFAULT, forms

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "facts.md").read_text("utf-8")


def test_every_form_and_every_default_fact_is_on_the_page() -> None:
    assert [form.form for form in forms() if form.form.replace("|", "&#124;") not in PAGE] == []
    assert [name for name in DEFAULT if name not in PAGE] == []
