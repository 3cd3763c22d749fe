"""Answers to all questions of a review: everything is taken out, or everything is kept."""

from collections.abc import Iterable

from sanitiser_service.matcher.questions import Answer, Question


def taking_out(questions: Iterable[Question]) -> dict[str, Answer]:
    """Return answers by which every place is replaced by its token."""
    return {one.key: Answer.TAKE_OUT if one.sentence else Answer.SOURCE_SIDE for one in questions}


def keeping(questions: Iterable[Question]) -> dict[str, Answer]:
    """Return answers by which every place stays."""
    return {one.key: Answer.LEAVE if one.sentence else Answer.SUBJECT for one in questions}
