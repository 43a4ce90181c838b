"""Signatures, against the specification's example and verifiers that others wrote."""

import base64
import time
from collections.abc import Callable

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from okydrom.config.secrets import parse_secret
from okydrom.delivery.signing import Signer

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # of the specification
OTHER = "whsec_" + base64.b64encode(bytes(range(64))).decode()
SEED = bytes(range(32))
KEY = Ed25519PrivateKey.from_private_bytes(SEED)
PUBLIC = KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
ASYMMETRIC = "whsk_" + base64.b64encode(SEED + PUBLIC).decode()
BODIES = [
    b'{"big":18446744073709551616,"one":1.0,"nul":"\\u0000"}',
    '{"й": "\u2028"}'.encode(),
    b" {} \n",
    b"",
]


def signed(body: bytes | None, *secrets: str, timestamp: str | None = None) -> dict[str, str]:
    """The headers of a request."""
    stamp = timestamp or str(int(time.time()))
    value = Signer(map(parse_secret, secrets)).sign("msg_1", stamp, body)
    return {"webhook-id": "msg_1", "webhook-timestamp": stamp, "webhook-signature": value}


def verified(secret: str, body: bytes, headers: dict[str, str]) -> bool:
    """What a recipient's library says."""
    try:
        Webhook(secret).verify(body, headers, json_parse=False)
    except WebhookVerificationError:
        return False
    return True


@pytest.mark.proof
def test_the_specification_has_an_example_and_others_a_verifier(figure: Callable[[str], None]) -> None:
    signer = Signer([parse_secret(SECRET)])
    made = signer.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}')
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    for body in BODIES:
        headers = signed(body, SECRET)
        assert verified(SECRET, body, headers)
        assert not verified(OTHER, body, headers)
        assert not verified(SECRET, body + b" ", headers)
        assert not verified(SECRET, body, headers | {"webhook-id": "msg_2"})
        later = str(int(headers["webhook-timestamp"]) + 1)
        assert not verified(SECRET, body, headers | {"webhook-timestamp": later})
    figure(f"the specification's example, {len(BODIES)} bodies verified, {4 * len(BODIES)} forgeries refused")


@given(st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_body_verifies(body: bytes) -> None:
    try:
        body.decode()
    except UnicodeDecodeError:  # the other library reads texts only
        return
    assert verified(OTHER, body, signed(body, OTHER))


@pytest.mark.parametrize("size", [24, 32, 63, 64])
def test_a_key_of_any_length_is_an_hmac_key(size: int) -> None:
    secret = "whsec_" + base64.b64encode(bytes(size)).decode()
    assert verified(secret, b"{}", signed(b"{}", secret))


def test_no_body_is_signed_as_an_empty_one() -> None:
    assert signed(None, SECRET, timestamp="1") == signed(b"", SECRET, timestamp="1")


def test_while_secrets_change_each_of_them_verifies() -> None:
    headers = signed(b"{}", SECRET, OTHER)
    assert verified(SECRET, b"{}", headers)
    assert verified(OTHER, b"{}", headers)
    one, other = headers["webhook-signature"].split(" ")
    stamp = headers["webhook-timestamp"]
    assert one == signed(b"{}", SECRET, timestamp=stamp)["webhook-signature"]
    assert other == signed(b"{}", OTHER, timestamp=stamp)["webhook-signature"]


def test_an_asymmetric_secret_makes_a_signature_that_its_public_key_verifies() -> None:
    headers = signed(b'{"a":1.0}', SECRET, ASYMMETRIC, timestamp="1614265330")
    version, _, value = headers["webhook-signature"].split(" ")[1].partition(",")
    assert version == "v1a"
    KEY.public_key().verify(base64.b64decode(value), b'msg_1.1614265330.{"a":1.0}')
    with pytest.raises(InvalidSignature):
        KEY.public_key().verify(base64.b64decode(value), b'msg_1.1614265330.{"a":1}')
    seed_alone = signed(b"", "whsk_" + base64.b64encode(SEED).decode(), timestamp="1")
    assert seed_alone == signed(b"", ASYMMETRIC, timestamp="1")
    assert verified(SECRET, b'{"a":1.0}', signed(b'{"a":1.0}', ASYMMETRIC, SECRET))  # others pass over v1a


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "begins with whsec_"),
        (None, "begins with whsec_"),
        ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "begins with whsec_"),
        ("WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "begins with whsec_"),
        ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa!w", "base64"),
        ("whsec_ MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "base64"),
        ("whsec_c2hvcnQ=", "24 to 64 bytes"),
        ("whsec_" + base64.b64encode(bytes(65)).decode(), "24 to 64 bytes"),
        ("whsk_" + base64.b64encode(bytes(33)).decode(), "32 or 64 bytes"),
    ],
)
def test_what_is_no_secret_is_refused_without_being_repeated(text: object, message: str) -> None:
    with pytest.raises(ValueError, match=message) as raised:
        parse_secret(text)
    assert str(text)[6:] not in str(raised.value) or not text


def test_padding_may_be_left_out() -> None:
    assert parse_secret(OTHER.rstrip("=")) == parse_secret(OTHER)


def test_a_secret_shows_nothing_of_itself() -> None:
    shown = repr((parse_secret(SECRET), Signer([parse_secret(SECRET)])))
    assert "MfKQ" not in shown
    assert repr(parse_secret(SECRET).key) not in shown
