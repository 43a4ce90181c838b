"""The journal's bytes: what is written is read back, and nothing else passes for it."""

from zlib import crc32

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from okydrom.errors import DataUnusable
from okydrom.intake import frames
from okydrom.intake.frames import ENVELOPE, MAGIC, OPENS_GROUP, Kind, encode, seed_of
from okydrom.intake.scan import Frame, Hole, read_header, scan
from okydrom.task import Reason, Status

SEED = seed_of("an instance")
texts = st.text(max_size=50)
numbers = st.integers(0, 2**63 - 1)


def test_the_layout_is_frozen() -> None:
    front = bytes.fromhex("ab4f4b59 01 82 07000000 0700000000000000")
    check = crc32(front, crc32(b"an instance")).to_bytes(4, "little")[:2]
    crc = crc32(front + b"payload", crc32(b"an instance")).to_bytes(4, "little")
    assert encode(Kind.ACCEPT | OPENS_GROUP, 7, b"payload", SEED) == front + check + crc + b"payload"
    assert (check + crc).hex() == "0623b0066e9c"
    assert {kind.name: kind.value for kind in Kind} == {
        "HEADER": 1,
        "ACCEPT": 2,
        "BURNT": 3,
        "FINISHED": 4,
        "REVIVED": 5,
        "CHANGED": 6,
        "ERASED": 7,
        "MADE": 8,
    }


@given(
    st.lists(
        st.tuples(st.sampled_from(Kind), st.binary(max_size=2_000), st.booleans()),
        max_size=20,
    ),
    st.integers(0, 2**64 - 100),
    st.integers(0, 500),
)
def test_frames_come_back(written: list[tuple[Kind, bytes, bool]], first: int, zeros: int) -> None:
    data = b"".join(
        encode(kind | OPENS_GROUP if opens else kind, first + index, payload, SEED)
        for index, (kind, payload, opens) in enumerate(written)
    )
    read = list(scan(data + bytes(zeros), SEED))
    assert [
        (frame.kind, frame.payload, frame.opens, frame.number) for frame in read if isinstance(frame, Frame)
    ] == [(kind, payload, opens, first + index) for index, (kind, payload, opens) in enumerate(written)]
    assert len(read) == len(written)


@given(st.binary(max_size=300))
def test_random_bytes_hold_no_frame(data: bytes) -> None:
    assert not any(isinstance(item, Frame) for item in scan(MAGIC + data, SEED))


@given(st.data())
def test_any_flipped_bit_is_noticed(data: st.DataObject) -> None:
    whole = [encode(Kind.ACCEPT, number, b"%d" % number * 20, SEED) for number in (1, 2, 3)]
    bit = data.draw(st.integers(0, len(whole[1]) * 8 - 1))
    bad = bytearray(whole[1])
    bad[bit // 8] ^= 1 << bit % 8
    read = list(scan(whole[0] + bytes(bad) + whole[2], SEED))
    assert [item.number if isinstance(item, Frame) else item for item in read] == [
        1,
        Hole(len(whole[0]), len(whole[0]) + len(whole[1]), True),
        3,
    ]


def test_a_body_that_holds_a_frame_is_not_searched_for_it() -> None:
    forged = encode(Kind.ACCEPT, 99, b"forged", SEED)
    carrier = bytearray(encode(Kind.ACCEPT, 1, b"x" + forged + b"y", SEED))
    carrier[ENVELOPE] ^= 1
    after = encode(Kind.ACCEPT, 2, b"after", SEED)
    assert [item.number for item in scan(bytes(carrier) + after, SEED) if isinstance(item, Frame)] == [2]


def test_a_frame_of_another_instance_is_none() -> None:
    forged = encode(Kind.ACCEPT, 99, b"forged", seed_of("another instance"))
    damaged = encode(Kind.ACCEPT, 1, forged, SEED)[
        4:
    ]  # without its envelope's start, the payload is searched
    assert [item for item in scan(damaged, SEED) if isinstance(item, Frame)] == []


def test_a_header_is_one_only_at_the_start() -> None:
    header = encode(Kind.HEADER, 5, frames.pack_header("an instance"), 0)
    found = read_header(header + bytes(10))
    assert found is not None
    assert (found[0], found[1].instance, found[2]) == (5, "an instance", len(header))
    assert read_header(b"\0" + header) is None
    assert read_header(header[:-1]) is None
    assert read_header(encode(Kind.ACCEPT, 5, b"", 0)) is None
    assert not any(isinstance(item, Frame) for item in scan(header, SEED))


def test_an_unknown_kind_is_still_a_frame() -> None:
    (frame,) = scan(encode(77, 1, b"?", SEED), SEED)
    assert isinstance(frame, Frame)
    assert frame.kind == 77
    assert not isinstance(frame.kind, Kind)


def test_a_later_format_is_refused_and_a_flipped_version_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    sound = encode(Kind.ACCEPT, 1, b"old", SEED)
    with monkeypatch.context() as patch:
        patch.setattr(frames, "VERSION", 2)
        newer = encode(Kind.ACCEPT, 1, b"new", SEED)
    with pytest.raises(DataUnusable, match="later version"):
        list(scan(newer, SEED))
    flipped = sound[:4] + b"\x02" + sound[5:]
    assert [type(item) for item in scan(flipped, SEED)] == [Hole]


def test_payloads_come_back() -> None:
    key = frames.Key("crm", "k-1", b"\x00\xff")
    assert frames.unpack_accept(frames.pack_accept((b"a", b"b"), key)) == frames.Accepted((b"a", b"b"), key)
    assert frames.unpack_accept(frames.pack_accept((b"a",))) == frames.Accepted((b"a",), None)
    assert frames.unpack_burnt(frames.pack_burnt(3, 9)) == frames.Burnt(3, 9)
    endings = (
        frames.Ending("a", Status.DELIVERED, 5),
        frames.Ending("b", Status.FAILED, 6, 2, Reason.EXPIRED),
    )
    assert frames.unpack_finished(frames.pack_finished(endings)) == endings
    revived = frames.Revived("a", 3, None, 17)
    assert frames.unpack_revived(frames.pack_revived(revived)) == revived
    edited = frames.Edited(b"record", 4, 18)
    assert frames.unpack_changed(frames.pack_changed(edited)) == edited
    assert frames.unpack_erased(frames.pack_erased(("a", "b"), 19)) == frames.Erased(("a", "b"), 19)
    assert frames.unpack_made(frames.pack_made((b"a", b"b"))) == (b"a", b"b")


@given(
    st.lists(st.binary(), max_size=5), st.none() | st.builds(frames.Key, texts, texts, st.binary(max_size=32))
)
def test_accepted_records_come_back(records: list[bytes], key: frames.Key | None) -> None:
    assert frames.unpack_accept(frames.pack_accept(tuple(records), key)) == frames.Accepted(
        tuple(records), key
    )


def test_fields_that_a_later_version_appends_are_passed_over() -> None:
    later = msgspec.msgpack.encode([[b"record"], ["crm", "k", b"h", 202, b"{}", 7, "more"], {"and": "more"}])
    assert frames.unpack_accept(later) == frames.Accepted(
        (b"record",), frames.Key("crm", "k", b"h", 202, b"{}", 7)
    )


def test_a_payload_of_another_kind_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="Expected"):
        frames.unpack_burnt(frames.pack_accept((b"record",)))
