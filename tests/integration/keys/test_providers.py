"""The providers of private keys, one suite for all: each keeps, lends and refuses alike; each failure has a code."""

import base64
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import pytest

from pipeline_shared.crypto.keys import generate_pair, load_public
from pipeline_shared.crypto.providers import FileKeys, KeyProvider, KeyProviderError, lend_all
from pipeline_shared.crypto.sealing import Context, Recipient, open_sealed, seal
from pipeline_shared.crypto.transit import TransitKeys, TransitServer
from tests.support.openbao import CEREMONY, SERVICE, OpenBao

KIDS = ("desk-1", "desk-2")
PAIRS = {kid: generate_pair() for kid in KIDS}


@dataclass(frozen=True, slots=True)
class Place:
    """Where keys are kept in a test, for those who make them and for the process that has them."""

    folder: Path
    making: Callable[[list[Path]], KeyProvider]
    holding: Callable[[list[Path]], KeyProvider]

    def files(self, *kids: str) -> list[Path]:
        return [self.folder / f"{kid}.key" for kid in kids]

    def make(self, *kids: str) -> None:
        for kid in kids:
            self.making(self.files(*kids)).keep(kid, PAIRS[kid].private)

    def held(self, *kids: str) -> KeyProvider:
        return self.holding(self.files(*kids))


@pytest.fixture
def maker(openbao: OpenBao, tmp_path: Path) -> TransitServer:
    return openbao.server(CEREMONY, tmp_path)


@pytest.fixture
def desk(openbao: OpenBao, tmp_path: Path) -> TransitServer:
    return openbao.server(SERVICE.format(role="desk"), tmp_path)


@pytest.fixture(params=["files", "transit"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "files":
        return Place(tmp_path, FileKeys, FileKeys)
    maker, desk = request.getfixturevalue("maker"), request.getfixturevalue("desk")
    return Place(tmp_path, lambda files: TransitKeys(files, maker), lambda files: TransitKeys(files, desk))


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(KeyProviderError) as error:
        call()
    assert str(error.value) == error.value.code
    assert error.value.__cause__ is None
    return error.value.code


def test_what_is_sealed_to_any_of_the_keys_opens_with_what_the_provider_lends(place: Place) -> None:
    place.make(*KIDS)
    lent = lend_all(place.held(*KIDS))
    assert dict(lent.public) == {kid: pair.public for kid, pair in PAIRS.items()}
    for kid in KIDS:
        context = Context("test", uuid4())
        sealed = seal(b"who spoke", context, [Recipient(kid, load_public(PAIRS[kid].public))])
        assert open_sealed(sealed, context, lent.private) == b"who spoke"


def test_a_key_is_never_made_in_the_place_of_another(place: Place) -> None:
    place.make("desk-1")
    before = place.files("desk-1")[0].read_bytes()
    assert code_of(lambda: place.make("desk-1")) == "key_exists"
    assert place.files("desk-1")[0].read_bytes() == before
    assert lend_all(place.held("desk-1")).public == {"desk-1": PAIRS["desk-1"].public}


def test_a_key_file_is_for_its_owner_alone(place: Place) -> None:
    place.make("desk-1")
    assert place.files("desk-1")[0].stat().st_mode & 0o777 == 0o600


def test_a_key_that_is_not_there_is_missing(place: Place) -> None:
    place.make("desk-1")
    assert code_of(lambda: place.held("desk-1", "desk-2").lend("desk-2")) == "key_missing"
    assert code_of(lambda: place.held("desk-1").lend("desk-2")) == "key_missing"


@pytest.mark.parametrize(
    "spoilt", [b"", b"zq", b"\xff", b"vault:v1:AAAA", b"vault:v9:zz!", b"vault:v1:" + b"QUFB" * 40]
)
def test_a_file_that_was_changed_is_unreadable(place: Place, spoilt: bytes) -> None:
    place.make("desk-1")
    place.files("desk-1")[0].write_bytes(spoilt)
    assert code_of(lambda: lend_all(place.held("desk-1"))) == "key_unreadable"


def test_the_key_of_one_is_not_taken_for_the_key_of_another(place: Place) -> None:
    """In files the bundle tells them apart; a wrapped key is bound to its name."""
    place.make(*KIDS)
    one, two = place.files(*KIDS)
    two.write_bytes(one.read_bytes())
    if isinstance(place.held(), TransitKeys):
        assert code_of(lambda: lend_all(place.held(*KIDS))) == "key_unreadable"
    else:
        assert lend_all(place.held(*KIDS)).public["desk-2"] != PAIRS["desk-2"].public


def test_nothing_private_is_on_the_disk_in_clear(maker: TransitServer, tmp_path: Path) -> None:
    private = PAIRS["desk-1"].private
    TransitKeys([tmp_path / "desk-1.key"], maker).keep("desk-1", private)
    written = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    for part in (private[:32], private[32:64], private[64:]):
        assert part not in written
        assert base64.b64encode(part)[:-4] not in written


def test_a_key_in_clear_is_not_used_where_the_server_should_wrap_it(desk: TransitServer, tmp_path: Path) -> None:
    FileKeys([tmp_path / "desk-1.key"]).keep("desk-1", PAIRS["desk-1"].private)
    assert code_of(lambda: TransitKeys([tmp_path / "desk-1.key"], desk).lend("desk-1")) == "key_unreadable"


def test_only_the_holder_has_its_key_unwrapped(openbao: OpenBao, maker: TransitServer, tmp_path: Path) -> None:
    files = [tmp_path / "desk-1.key"]
    TransitKeys(files, maker).keep("desk-1", PAIRS["desk-1"].private)
    worker = openbao.server(SERVICE.format(role="sanitiser"), tmp_path)
    forged = tmp_path / "forged.token"
    forged.write_text("a-made-up-token")
    for server in (worker, maker, replace(worker, token_file=forged)):
        assert code_of(lambda server=server: TransitKeys(files, server).lend("desk-1")) == "provider_refused"


def test_a_server_that_is_sealed_or_gone_is_away_and_lends_again_when_it_is_back(
    openbao: OpenBao, maker: TransitServer, desk: TransitServer, tmp_path: Path
) -> None:
    files = [tmp_path / "desk-1.key"]
    TransitKeys(files, maker).keep("desk-1", PAIRS["desk-1"].private)
    held = TransitKeys(files, desk)
    openbao.seal()
    try:
        assert code_of(lambda: held.lend("desk-1")) == "provider_away"
    finally:
        openbao.unseal()
    assert held.lend("desk-1") == PAIRS["desk-1"].private
    gone = TransitKeys(files, replace(desk, url="http://127.0.0.1:1"))
    assert code_of(lambda: gone.lend("desk-1")) == "provider_away"


def test_a_key_whose_transit_key_was_destroyed_is_missing(
    openbao: OpenBao, maker: TransitServer, desk: TransitServer, tmp_path: Path
) -> None:
    """So an old backup of the file opens nothing once the server has forgotten the key."""
    files = [tmp_path / "desk-gone.key"]
    TransitKeys(files, maker).keep("desk-gone", PAIRS["desk-1"].private)
    transit = openbao.root.secrets.transit
    transit.update_key_configuration("pipeline-desk-gone", deletion_allowed=True)
    transit.delete_key("pipeline-desk-gone")
    assert code_of(lambda: TransitKeys(files, desk).lend("desk-gone")) == "key_missing"


def test_an_engine_that_is_not_mounted_is_missing_and_a_token_file_that_is_not_there_too(
    desk: TransitServer, tmp_path: Path
) -> None:
    file = tmp_path / "desk-1.key"
    file.write_text("vault:v1:AAAA")
    for server in (replace(desk, mount="elsewhere"), replace(desk, token_file=tmp_path / "none")):
        code = code_of(lambda server=server: TransitKeys([file], server).lend("desk-1"))
        assert code in {"key_missing", "provider_refused"}
