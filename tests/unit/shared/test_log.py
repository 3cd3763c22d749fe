"""A log line contains no record, no text of an exception, and no field that is missing from the list."""

import json
import logging
import sys

import pytest
import structlog

from pipeline_shared.runtime.log import ALLOWED_FIELDS, configure_logging

SECRET = "Margaret Entwistle, 07700 900118"


@pytest.fixture
def lines(capfdbinary: pytest.CaptureFixture[bytes]) -> "Lines":
    """Collect the log of a test, and restore the logging of the process afterwards."""
    return Lines(capfdbinary)


class Lines:
    """The lines that were written."""

    def __init__(self, captured: pytest.CaptureFixture[bytes]) -> None:
        self._captured = captured

    def read(self) -> str:
        """Return all written text of both streams."""
        sys.stdout.flush()
        written = self._captured.readouterr()
        return (written.out + written.err).decode()


@pytest.fixture(autouse=True)
def configured() -> object:
    """Configure logging as in a service."""
    handlers, level = logging.root.handlers[:], logging.root.level
    configure_logging("sanitiser", "debug")
    yield None
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def fail() -> None:
    raise ValueError(SECRET)


def test_a_librarys_record_is_told_by_its_place_and_never_by_its_text(lines: Lines) -> None:
    logging.getLogger("a.library").warning("cannot read %s", SECRET)
    logging.getLogger("a.library").error(SECRET, extra={"field": SECRET})
    text = lines.read()
    assert [json.loads(line)["event"] for line in text.splitlines()] == ["library_message"] * 2
    assert "Entwistle" not in text


def test_a_librarys_exception_is_told_by_its_class(lines: Lines) -> None:
    try:
        fail()
    except ValueError:
        logging.getLogger("a.library").exception("failed")
    text = lines.read()
    assert json.loads(text)["error"] == "ValueError"
    assert "Entwistle" not in text


def test_an_exception_of_ours_is_told_by_its_class_and_places(lines: Lines) -> None:
    try:
        fail()
    except ValueError as error:
        structlog.get_logger().error("failed", exc_info=error)
        structlog.get_logger().exception("failed")
    text = lines.read()
    for line in map(json.loads, text.splitlines()):
        assert line["error"] == "ValueError"
        assert any(place.startswith("test_log.py:") for place in line["where"])
    assert "Entwistle" not in text


def test_a_field_that_is_not_on_the_list_never_reaches_the_line(lines: Lines) -> None:
    structlog.get_logger().info("seen", narrative=SECRET, source=SECRET, id="7", **{SECRET: SECRET})
    structlog.contextvars.bind_contextvars(name=SECRET)
    structlog.get_logger().info("seen")
    text = lines.read()
    assert "Entwistle" not in text
    assert all(json.loads(line).keys() <= ALLOWED_FIELDS for line in text.splitlines())
    assert json.loads(text.splitlines()[0])["id"] == "7"


def test_an_object_in_an_allowed_field_is_told_by_its_class(lines: Lines) -> None:
    structlog.get_logger().info("seen", id=ValueError(SECRET))
    assert json.loads(lines.read())["id"] == "ValueError"
