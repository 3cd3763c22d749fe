"""Errors of a form have one shape, whatever page they stand on."""

from pipeline_shared.web.errors import FormError, errors_by_field


def test_an_error_links_to_the_field_that_it_belongs_to() -> None:
    assert FormError("reason", "Enter why you decide so").href == "#reason"


def test_several_errors_of_one_field_stand_at_that_field() -> None:
    errors = [FormError("narrative", "One"), FormError("narrative", "Two"), FormError("reason", "Enter why")]
    assert errors_by_field(errors) == {"narrative": "One; Two", "reason": "Enter why"}
