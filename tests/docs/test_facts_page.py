"""The page of facts names every form of the grammar and every fact of the two catalogues."""

from __future__ import annotations

from pathlib import Path

from headgate.facts.catalogue import LEARNT, forms

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "facts.md").read_text("utf-8")


def test_every_form_and_every_fact_that_a_model_is_taught_on_is_on_the_page() -> None:
    assert [form.form for form in forms() if form.form.replace("|", "&#124;") not in PAGE] == []
    assert [name for name in LEARNT if name not in PAGE] == []
