"""The filter language: one line of text for what the parameters of a list say, and free text.

    status:failed,retrying code:5xx created:>-24h label.tenant:acme "free text"

    text  = [ term *( SPACE term ) ]         space means "and"
    term  = word ":" value *( "," value )    comma means "or"
          | value                            free text; a comma is a part of it, and so is the colon of a URL
    word  = one of WORDS, or "label." and a name (quoted if need be)
    value = bare / quoted                    bare: no space, no quote; in a list no comma
    quoted = DQUOTE *( any / "\" DQUOTE / "\\" ) DQUOTE

Pure: text is taken apart and put together here; what the values mean is the parameters' matter (`query`). The page
reads the same language, and is held to the same examples (tests/vectors/filter.json).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from okydrom.errors import Fault, Invalid
from okydrom.store.bounds import BOUNDED, Pair, parse_bounds, write_bounds

POINTER = "#q"
LONGEST = 4_096  # characters
LABEL = "label."
LISTED = (
    *("status", "group", "reason", "method", "destination", "source", "event", "code", "error"),
    *("order_key", "parent", "held"),
)
WORDS = (*LISTED, *BOUNDED)

_SPACE = " \t\r\n\u00a0"
_BOUND_OF = {name: word for word, names in BOUNDED.items() for name in (names.low, names.high) if name}
_QUOTED = r'"(?:[^"\\]|\\["\\])*"'
_WORD = re.compile(rf'(?:(label\.)({_QUOTED})|([A-Za-z][^{_SPACE}:,"]*)):(?!//)')
_NEGATED = re.compile(rf"[-!](?:{'|'.join(WORDS)}|label\.[^{_SPACE}:]+):")
_BLANK = re.compile(f"[{_SPACE}]*")
_ENDS = re.compile(f"[{_SPACE}]|$")
_IN_TERM = re.compile(f"[^{_SPACE},]*")
_FREE = re.compile(f"[^{_SPACE}]*")
_BARE_NAME = re.compile(rf'[^{_SPACE}:,"]+')
_BARE_VALUE = re.compile(rf'[^{_SPACE},"]+')
_BARE_WORD = re.compile(rf'[^{_SPACE}"]+')
_IN_QUOTES = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)


class Piece(msgspec.Struct, frozen=True):
    """One value of a parameter, and where it stands (column from 1, in characters)."""

    name: str
    value: str
    column: int = 0


class Word(msgspec.Struct, frozen=True):
    """Free text to be found, and where it stands."""

    value: str
    column: int = 0


class Phrase(msgspec.Struct, frozen=True):
    """What a text says: terms, of which each has to match, and words, of which each has to be found.

    The pieces of a term with the same name are alternatives.
    """

    terms: tuple[tuple[Piece, ...], ...] = ()
    words: tuple[Word, ...] = ()


def parse_phrase(text: str) -> Phrase:
    """What the text says. Raises Invalid with all faults; `params` of each has its `column`.

    >>> phrase = parse_phrase('status:failed "it broke"')
    >>> [(each.name, each.value, each.column) for term in phrase.terms for each in term], phrase.words[0].value
    ([('status', 'failed', 8)], 'it broke')
    """
    phrase, faults = read_phrase(text)
    if faults:
        raise Invalid(faults)
    return phrase


def read_phrase(text: str) -> tuple[Phrase, list[Fault]]:
    """What the text says as far as it can be read, and what is wrong with it."""
    if len(text) > LONGEST:
        message = f"At most {LONGEST} characters."
        return Phrase(), [fault_at(LONGEST + 1, "too_long", message, max=LONGEST)]
    reader = _Reader(text)
    return reader.phrase(), reader.faults


def write_phrase(pairs: Iterable[Pair], words: Iterable[str] = ()) -> str:
    """The text that says what these pairs of a query string and words say, always in the same order.

    >>> write_phrase([("created_from", "-24h"), ("event", "a b"), ("status", "failed,retrying")], ["status:x"])
    'status:failed,retrying event:"a b" created:>-24h "status:x"'
    """
    listed: dict[str, list[str]] = {}
    bounds: dict[str, dict[str, str]] = {}
    for name, value in pairs:
        if name in _BOUND_OF:
            bounds.setdefault(_BOUND_OF[name], {})[name] = value
        else:
            values = listed.setdefault(name, [])
            values += [each for each in map(str.strip, value.split(",")) if each and each not in values]
    for word, given in bounds.items():
        listed[word] = [write_bounds(word, given)]
    labels = sorted(name for name in listed if name.startswith(LABEL))
    terms = [_written(name, listed[name]) for name in (*WORDS, *labels) if listed.get(name)]
    return " ".join([*terms, *map(_free, words)])


def fault_at(column: int, code: str, message: str, **params: Any) -> Fault:
    """What is wrong at a column (from 1)."""
    return Fault(POINTER, code, message, column=column, **params)


class _Reader:
    """Goes through a text once; `faults` are what was wrong on the way."""

    def __init__(self, text: str) -> None:
        self.faults: list[Fault] = []
        self._text = text
        self._at = 0

    def phrase(self) -> Phrase:
        """All terms and words."""
        terms, words = [], []
        while self._skip(_BLANK) < len(self._text):
            word = _WORD.match(self._text, self._at)
            if word is not None:
                terms.append(tuple(self._term(word)))
            elif _NEGATED.match(self._text, self._at):
                self._fault(self._at, "no_negation", 'There is no "not"; in quotes it is free text.')
                self._skip(_FREE)
            else:
                words.append(Word(column=self._at + 1, value=self._value(_FREE)))
        return Phrase(tuple(terms), tuple(word for word in words if word.value))

    def _term(self, match: re.Match[str]) -> Iterator[Piece]:
        begun, self._at = match.start(), match.end()
        word = match[3] or LABEL + _unescaped(match[2])
        values = list(self._values())
        if word not in WORDS and (not word.startswith(LABEL) or word == LABEL):
            self._unknown(begun, word)
        elif word not in BOUNDED:
            yield from (Piece(word, value, place + 1) for place, value in values if value)
        elif len(values) > 1:
            self._fault(values[1][0], "too_many", "It may have one value.", max=1)
        else:
            yield from self._bounds(word, *values[0])

    def _values(self) -> Iterator[tuple[int, str]]:
        """Place and text of each value up to the end of the term."""
        yield self._at, self._value(_IN_TERM)
        while self._text.startswith(",", self._at):
            self._at += 1
            yield self._at, self._value(_IN_TERM)

    def _bounds(self, word: str, place: int, value: str) -> Iterator[Piece]:
        try:
            pairs = parse_bounds(word, value) if value else []
        except ValueError as error:
            self._fault(place, "invalid_value", str(error))
        else:
            yield from (Piece(*pair, place + 1) for pair in pairs)

    def _value(self, bare: re.Pattern[str]) -> str:
        """The value that begins here; empty if something is wrong with it."""
        begun, quoted = self._at, self._text.startswith('"', self._at)
        value = self._quoted() if quoted else self._text[begun : self._skip(bare)]
        if not quoted and '"' in value:
            self._fault(
                begun + value.index('"'), "misplaced_quote", "A value with a quote has to begin with one."
            )
            self._resume()
        elif not value and not self._told(begun):
            self._fault(begun, "value_missing", "Here a value is missing.")
        return value

    def _quoted(self) -> str:
        """What stands between two quotes."""
        match = _IN_QUOTES.match(self._text, self._at)
        if match is None:
            self._fault(self._at, "unclosed_quote", "This quote is never closed.")
            self._at = len(self._text)
            return ""
        for escape in re.finditer(r"\\(.)", match[1], re.DOTALL):
            if escape[1] not in '"\\':
                self._fault(
                    match.start(1) + escape.start(), "bad_escape", 'Only \\" and \\\\ may be escaped.'
                )
        self._at = match.end()
        if not _ENDS.match(self._text, self._at) and not self._text.startswith(",", self._at):
            self._fault(self._at, "misplaced_quote", "After a quoted value comes a space.")
            self._resume()
        return _unescaped(match[0])

    def _unknown(self, place: int, word: str) -> None:
        near = difflib.get_close_matches(word.lower()[:64], [*WORDS, f"{LABEL}NAME"], 1)
        hint = f"Did you mean {near[0]!r}?" if near else "In quotes it is free text."
        params = {"suggestion": near[0]} if near else {}
        self._fault(place, "unknown_word", f"There is no such word. {hint}", **params)

    def _fault(self, place: int, code: str, message: str, **params: Any) -> None:
        self.faults.append(fault_at(place + 1, code, message, **params))

    def _told(self, place: int) -> bool:
        return any(fault.params["column"] > place for fault in self.faults)

    def _skip(self, pattern: re.Pattern[str]) -> int:
        match = pattern.match(self._text, self._at)
        self._at = match.end() if match else self._at
        return self._at

    def _resume(self) -> None:
        """Go on behind the next space."""
        self._skip(_FREE)


def _written(name: str, values: Iterable[str]) -> str:
    """A term."""
    label = name.removeprefix(LABEL)
    word = name if label == name or _BARE_NAME.fullmatch(label) else f"{LABEL}{_in_quotes(label)}"
    return f"{word}:{','.join(each if _BARE_VALUE.fullmatch(each) else _in_quotes(each) for each in values)}"


def _free(word: str) -> str:
    """Free text, in quotes if it would be read as something else."""
    bare = _BARE_WORD.fullmatch(word) and not _WORD.match(word) and not _NEGATED.match(word)
    return word if bare else _in_quotes(word)


def _in_quotes(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _unescaped(text: str) -> str:
    """The text between the quotes of a quoted value."""
    return re.sub(r'\\(["\\])', r"\1", text[1:-1])
