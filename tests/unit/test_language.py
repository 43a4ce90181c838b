"""The filter language, held to the examples that the page is held to as well (tests/vectors/filter.json)."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okydrom.errors import Invalid
from okydrom.store.language import LONGEST, WORDS, Phrase, parse_phrase, write_phrase
from okydrom.store.query import FIELDS, MOST_WORDS, Filter, parse_filter
from okydrom.task import Status

NOW = 1_790_000_000_000
VECTORS: dict[str, list[dict[str, Any]]] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "filter.json").read_text("utf-8")
)
PARENT = "018bcfe5-6800-7000-8000-000000000001"
VALUE = st.text(st.sampled_from('ab,:"\\ \t-.<>=й'), min_size=1).filter(
    lambda text: "," not in text and text.strip()
)
LISTED = ("event", "source", "method", "order_key", "label.a", "label.x y", 'label."', "label.й:")


def read(text: str) -> Filter:
    """The filter of a text."""
    return parse_filter([("q", text)], NOW)


def faults(*pairs: tuple[str, str]) -> list[tuple[str, str, int | None]]:
    """Pointer, code and column of each fault."""
    with pytest.raises(Invalid) as caught:
        parse_filter(pairs, NOW)
    return [(fault.pointer, fault.code, fault.params.get("column")) for fault in caught.value.faults]


def plain(phrase: Phrase) -> tuple[list[list[list[str]]], list[str]]:
    """Terms and words without their columns."""
    terms = [[[piece.name, piece.value] for piece in term] for term in phrase.terms]
    return terms, [word.value for word in phrase.words]


@pytest.mark.parametrize("vector", VECTORS["parse"], ids=lambda vector: vector["text"])
def test_a_text_means(vector: dict[str, Any]) -> None:
    assert plain(parse_phrase(vector["text"])) == (vector["terms"], vector["words"])


@pytest.mark.parametrize("vector", VECTORS["faults"], ids=lambda vector: vector["text"])
def test_a_fault_is_told_with_its_column(vector: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as caught:
        parse_phrase(vector["text"])
    found = [{"code": fault.code, **fault.params} for fault in caught.value.faults]
    for fault, wanted in zip(found, vector["faults"], strict=True):
        assert fault | wanted == fault
        assert ("suggestion" in fault) == ("suggestion" in wanted)
    assert {fault.pointer for fault in caught.value.faults} == {"#q"}


@pytest.mark.parametrize("vector", VECTORS["format"], ids=lambda vector: vector["text"])
def test_pairs_and_words_are_written(vector: dict[str, Any]) -> None:
    assert write_phrase([tuple(pair) for pair in vector["pairs"]], vector["words"]) == vector["text"]


@pytest.mark.parametrize("vector", VECTORS["params"], ids=lambda vector: vector["params"])
def test_a_text_and_parameters_are_two_writings_of_one_filter(vector: dict[str, Any]) -> None:
    pairs = parse_qsl(vector["params"])
    assert parse_filter(pairs, NOW) == read(vector["text"])
    assert write_phrase(pairs) == vector["text"]


def test_the_examples_have_every_parameter_and_every_word() -> None:
    names = {name for vector in VECTORS["parse"] for term in vector["terms"] for name, _ in term}
    names |= {name for vector in VECTORS["params"] for name in vector["terms"]}
    assert names >= set(FIELDS) - {"reason", "method"}
    assert all(parse_phrase(f"{word}:{'<-1h' if word == 'due' else '>=1'}").terms for word in WORDS)


@given(st.lists(st.tuples(st.sampled_from(LISTED), VALUE)), st.lists(VALUE, max_size=MOST_WORDS))
def test_what_was_written_is_read_again(pairs: list[tuple[str, str]], words: list[str]) -> None:
    phrase = parse_phrase(write_phrase(pairs, words))
    said: dict[str, list[str]] = {piece.name: [] for term in phrase.terms for piece in term}
    for piece in (piece for term in phrase.terms for piece in term):
        said[piece.name].append(piece.value)
    wanted: dict[str, list[str]] = {}
    for name, value in pairs:
        values = wanted.setdefault(name, [])
        values += [value.strip()] if value.strip() not in values else []
    assert said == wanted
    assert [word.value for word in phrase.words] == words


@given(st.text(st.sampled_from('astu:,"\\ .<>=-1label'), max_size=30))
def test_any_text_is_a_filter_or_has_faults_within_it(text: str) -> None:
    columns = [0]
    try:
        columns += [piece.column for term in parse_phrase(text).terms for piece in term]
    except Invalid as invalid:
        columns = [fault.params["column"] for fault in invalid.faults]
        columns += [] if min(columns) else [len(text) + 2]
    assert columns
    assert max(columns) <= len(text) + 1


def test_terms_all_have_to_match() -> None:
    assert read("status:failed,queued status:queued").status == {Status.QUEUED}
    assert read("group:in_progress status:queued,failed").status == {Status.QUEUED}
    assert read("code:5xx code:503,404").codes == ((503, 503),)
    assert read("created:>-24h created:>-1h created:<-5m").created_from == NOW - 3_600_000
    assert read("attempts:>=3 attempts:>=5").attempts_from == 5
    assert read("label.a:1,2 label.b:x label.a:2,3").labels == (("a", frozenset("2")), ("b", frozenset("x")))


def test_a_text_and_parameters_both_have_to_match() -> None:
    both = parse_filter([("status", "failed,queued"), ("q", "status:failed acme"), ("q", "event:x")], NOW)
    assert both == Filter(status=frozenset({Status.FAILED}), words=("acme",), event=frozenset({"x"}))


@pytest.mark.parametrize(
    "text",
    [
        "status:failed status:queued",
        "group:failed status:queued",
        "event:a event:b",
        "code:5xx code:404",
        f"parent:{PARENT} parent:{PARENT[:-1]}2",
        "held:true held:false",
        "label.a:1 label.a:2",
    ],
)
def test_terms_that_no_task_can_satisfy_are_refused(text: str) -> None:
    column = text.index(":", text.index(" ")) + 2
    assert faults(("q", text)) == [("#q", "contradiction", column)]


def test_values_of_a_text_are_checked_as_parameters_are_and_told_with_their_column() -> None:
    assert faults(("q", "status:queued,faild code:99 parent:x created:>soon"), ("limits", "1")) == [
        ("#limits", "unknown_parameter", None),
        ("#q", "invalid_value", 15),
        ("#q", "invalid_value", 26),
        ("#q", "invalid_value", 36),
        ("#q", "invalid_value", 46),
    ]
    assert faults(("q", f"parent:{PARENT},{PARENT}")) == [("#q", "too_many", 45)]
    assert faults(("q", 'event:"a\0"')) == [("#q", "invalid_value", 7)]


@pytest.mark.parametrize(("text", "suggestion"), [("status:faild", "failed"), ("error:timout", "timeout")])
def test_a_value_is_told_what_may_be_meant(text: str, suggestion: str) -> None:
    with pytest.raises(Invalid) as caught:
        read(text)
    assert caught.value.faults[0].params["suggestion"] == suggestion


def test_a_text_is_bounded() -> None:
    assert len(read(" ".join("abcdefghij")).words) == MOST_WORDS
    assert faults(("q", " ".join("abcdefghijk"))) == [("#q", "too_many", 21)]
    assert faults(("q", "x" * (LONGEST + 1))) == [("#q", "too_long", LONGEST + 1)]
    assert faults(("q", "event:" + ",".join(map(str, range(101))))) == [("#q", "too_many", 297)]
    assert faults(("q", "x" * 1025)) == [("#q", "invalid_value", 1)]
