"""Linear models: a file of weights is read as it was written, refused where it makes no sense, and added up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_shared.text.lexicon import LexiconError
from pipeline_shared.text.linear_model import read_linear_model, total, weights_of_kind, write_linear_model

HEADERS = {"version": "1", "owner": "somebody"}
HEAD = "# version: 1\n# owner: somebody\n"
FEATURES = st.from_regex(r"[a-z]{1,3}:[a-z'+#]{1,8}( [a-z#]{1,8})?", fullmatch=True)


def test_a_model_has_headers_and_weights() -> None:
    model = read_linear_model("w.txt", HEAD + "# a comment\n# threshold: -1.5\nw:knife\t0.5\nb:#adult cam\t-0.25\n")
    assert model.headers == {**HEADERS, "threshold": "-1.5"}
    assert model.weights == {"w:knife": 0.5, "b:#adult cam": -0.25}


@given(weights=st.dictionaries(FEATURES, st.floats(-9, 9)))
def test_a_model_is_read_as_it_was_written(weights: dict[str, float]) -> None:
    model = read_linear_model("w.txt", write_linear_model(HEADERS, weights, digits=3))
    assert model.headers == HEADERS
    assert model.weights == {name: round(weight, 3) for name, weight in weights.items() if round(weight, 3)}


@pytest.mark.parametrize(
    "text",
    ["", "w:a\t1\n", "# version: 1\nw:a\t1\n", HEAD + "w:a\tmuch\n", HEAD + "w:a\n", HEAD + "w:a\t1\nw:a\t2\n"],
)
def test_a_model_that_cannot_be_trusted_is_refused(text: str) -> None:
    with pytest.raises(LexiconError, match=r"w\.txt"):
        read_linear_model("w.txt", text)


def test_a_header_that_a_reader_needs_must_be_there() -> None:
    with pytest.raises(LexiconError, match="threshold"):
        read_linear_model("w.txt", HEAD, headers=("version", "threshold"))


def test_weights_are_looked_up_by_kind_and_added_up() -> None:
    weights = weights_of_kind({"w:knife": 0.5, "w:gun": 0.25, "p:a+knife": 2.0}, "w:")
    assert weights == {"knife": 0.5, "gun": 0.25}
    assert total(weights, ["knife", "gun", "knife", "spoon"]) == 1.25
    assert total(weights, []) == 0
