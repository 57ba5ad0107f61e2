"""Reading back what the generator of models wrote."""

from __future__ import annotations

from assay_codegen.model_source import read_source


def test_a_docstring_that_is_the_name_of_a_class_is_no_use_of_it() -> None:
    """Types in quotes are uses; words are not."""
    text = 'class Cat:\n    """Dog"""\n    toy: "Ball"\n    """Bird"""\n'

    (cat,) = read_source(text, (), "").statements

    assert cat.uses == {"toy", "Ball"}
