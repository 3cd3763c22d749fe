"""The screen's encoder: its files are checked, its head fits it, and it reads any text."""

import shutil
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from intake_service.screening.deadline import NEVER, Deadline, OutOfTimeError
from intake_service.screening.encoder_head import ENCODER, GRAPH, build_head, load_head, weights_of
from intake_service.screening.encoder_reading import MOST_TOKENS, NOT_READ, load_encoder, read_with_encoder
from intake_service.screening.fitted_files import FOLDER, read_fitted
from intake_service.screening.screen import POLICY, screen
from intake_service.screening.text import fold_character
from intake_service.screening.text_level import BY_ENCODER, LEARNED, LEXICON
from intake_service.screening.windows import read_text
from pipeline_shared.encoder import files
from pipeline_shared.encoder.allowance import Allowance
from pipeline_shared.encoder.encoder import LONGEST, Encoder
from pipeline_shared.encoder.files import EncoderError
from pipeline_shared.language.vocabulary import SafetyLevel, SafetyReason
from pipeline_shared.text.fold import fold_text
from pipeline_shared.text.lexicon import LexiconError
from pipeline_shared.text.linear_model import read_linear_model
from tests.unit.intake.builders import NOTHING_ANSWERED, screened

HEAD_TEXT = (FOLDER / "head.tsv").read_text("utf-8")
DANGER = "She said he keeps her in the back room, she is let out to wash and he has her papers."
PLAIN = "The minutes of the parking forum were agreed and the new signs on the high street were thought tidy. "
ANYTHING = st.text(st.characters(), max_size=400)  # also control characters and lone surrogates


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(files.FOLDER, tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.mark.parametrize("name", [GRAPH, "tokenizer.json"])
def test_a_file_of_the_encoder_that_is_missing_or_changed_is_refused(folder: Path, name: str) -> None:
    Encoder(GRAPH, folder)
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(EncoderError, match=name):
        Encoder(GRAPH, folder)
    (folder / name).unlink()
    with pytest.raises(EncoderError, match=name):
        Encoder(GRAPH, folder)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (f"encoder: {ENCODER}", "encoder: 0123456789ab"),
        ("# licence: ", "# licences: "),
        ("# queries: 8", "# queries: 0"),
        ("# queries: 8", "# queries: many"),
        ("# constant: ", "# constant: nan"),
        ("# owner: ", "# owners: "),
    ],
)
def test_a_head_that_cannot_be_trusted_is_refused(old: str, new: str) -> None:
    assert old in HEAD_TEXT
    with pytest.raises(LexiconError):
        build_head(HEAD_TEXT.replace(old, new))


def test_a_head_has_the_numbers_of_its_file() -> None:
    written = read_linear_model("head.tsv", HEAD_TEXT).weights
    found = {name: value for name, value in weights_of(load_head()).items() if value}
    assert found == pytest.approx(dict(written), abs=1e-6)


def test_the_parts_of_the_tokens_add_up_to_the_score() -> None:
    (window,) = load_encoder().windows(load_encoder().tokens_of(fold_text(DANGER, fold_character)))
    head, states = load_head(), window.states[1:-1]
    assert float(head.parts(states).sum()) + head.constant == pytest.approx(head.score(states))
    assert read_with_encoder(DANGER, NEVER, Allowance(MOST_TOKENS)).score == pytest.approx(head.score(states), abs=1e-4)


def test_a_danger_counts_in_a_long_text_about_other_things() -> None:
    plain = PLAIN * 30
    with_danger, without = (
        read_with_encoder(text, NEVER, Allowance(MOST_TOKENS)).score for text in (plain + DANGER + plain, plain)
    )
    assert with_danger > without + 1


def test_the_words_that_weigh_most_stand_with_the_flag() -> None:
    hits = [hit for hit in screened(DANGER).hits if hit.rule == BY_ENCODER]
    assert hits
    assert all(len(DANGER[hit.start : hit.end].split()) > 1 for hit in hits)


@settings(deadline=None, max_examples=100)
@given(text=ANYTHING)
@example("")
@example("😀" * 300)
@example("\ud800 \udfff he will kill her")
@example("\x00\x07\x1b[2J" * 50)
@example("a\u0301\u200b\u202e" * 100)
def test_any_text_is_read_and_what_weighs_lies_in_it(text: str) -> None:
    found = read_with_encoder(text, NEVER, Allowance(MOST_TOKENS))
    assert abs(found.score) < 1_000
    reading = read_text(text, LEXICON, LEARNED.families.of)
    assert all(0 <= at < len(reading.tokens) for at in found.weight_of_words(reading))
    assert all(hit.reason is not SafetyReason.UNSCREENED for hit in screened(text).hits)


def test_a_text_of_20_000_characters_is_read_window_by_window_until_the_time_is_over() -> None:
    text = ("He came back to the flat and she would not open. " * 500)[:20_000]
    assert read_with_encoder(text, NEVER, Allowance(MOST_TOKENS)).score > float("-inf")
    with pytest.raises(OutOfTimeError):
        read_with_encoder(text, Deadline(0.0), Allowance(MOST_TOKENS))
    assert screen({"narrative": text}, NOTHING_ANSWERED, Deadline(0.0)).level is POLICY.unscreened


def test_the_encoder_reads_no_more_than_a_submissions_allowance() -> None:
    allowance = Allowance(len(load_encoder().tokens_of(fold_text(DANGER, fold_character))) + 1)
    assert read_with_encoder(DANGER, NEVER, allowance) is not NOT_READ
    assert read_with_encoder(DANGER, NEVER, allowance) is NOT_READ


def test_of_a_text_that_is_too_long_the_encoder_reads_what_stands_near_the_heaviest_words() -> None:
    text = f"{PLAIN * 60}{DANGER} {PLAIN * 60}"
    near = read_with_encoder(text, NEVER, Allowance(LONGEST), near=text.index(DANGER))
    assert near.score > read_with_encoder(text, NEVER, Allowance(LONGEST)).score + 1


def test_a_danger_far_behind_in_the_longest_text_is_raised() -> None:
    assert screened(f"{PLAIN * 150}{DANGER} {PLAIN * 30}").level is not SafetyLevel.ORDINARY


@pytest.mark.parametrize("name", ["weights.tsv", "few_words.tsv", "head.tsv"])
def test_a_fitted_file_that_is_missing_or_changed_is_refused(tmp_path: Path, name: str) -> None:
    shutil.copytree(FOLDER, tmp_path, dirs_exist_ok=True)
    assert read_fitted(name, tmp_path) == (FOLDER / name).read_text("utf-8")
    (tmp_path / name).write_text((FOLDER / name).read_text("utf-8") + "x\t1\n", "utf-8")
    with pytest.raises(LexiconError):
        read_fitted(name, tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(LexiconError):
        read_fitted(name, tmp_path)
