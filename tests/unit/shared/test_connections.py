"""The choice of a connection to close when they run short, for every order of arrivals, requests and ends."""

from dataclasses import dataclass, field
from ipaddress import ip_network

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from pipeline_shared.runtime.connections import Connections, Limits, source

LIMITS = Limits(connections=6, in_hand=3, per_address=2, proxies=(ip_network("10.0.0.0/24"), ip_network("fd00::/64")))


@dataclass(eq=False)
class Client:
    """One connection as the register of connections sees it."""

    peer: str
    gone: bool = False
    log: list["Client"] = field(default_factory=list["Client"])

    def let_go(self) -> None:
        self.gone = True
        self.log.append(self)


def a_book(per_address: int = 4) -> Connections:
    return Connections(Limits(connections=6, in_hand=3, per_address=per_address))


def connect(book: Connections, *peers: str) -> list[Client]:
    clients = [Client(peer) for peer in peers]
    for client in clients:
        book.open(client, client.peer)
    return clients


def test_who_has_waited_longest_goes_first() -> None:
    book = a_book(per_address=3)
    clients = connect(book, *["192.0.2.1"] * 5)
    assert [client.gone for client in clients] == [True, True, False, False, False]


def test_who_asked_again_has_not_waited_longest() -> None:
    book = a_book(per_address=3)
    clients = connect(book, *["192.0.2.1"] * 3)
    book.take_in_hand(clients[0], "192.0.2.1")
    book.wait_for(clients[0])
    connect(book, "192.0.2.1")
    assert [client.gone for client in clients] == [False, True, False]


def test_a_request_in_hand_is_never_let_go_and_a_newcomer_is_not_for_the_sake_of_nobody() -> None:
    book = a_book(per_address=2)
    working = connect(book, "192.0.2.1", "192.0.2.1")
    for client in working:
        book.take_in_hand(client, "192.0.2.1")
    first, second = connect(book, "192.0.2.1", "192.0.2.1")
    assert not any(client.gone for client in working)
    assert (first.gone, second.gone) == (True, False)


def test_the_address_with_most_that_wait_gives_way_to_others() -> None:
    book = a_book()
    patient = connect(book, "192.0.2.1", "192.0.2.2")
    idle = connect(book, *["192.0.2.66"] * 4)
    connect(book, "192.0.2.3", "192.0.2.4")
    assert not any(client.gone for client in patient)
    assert [client.gone for client in idle] == [True, True, False, False]


def test_no_more_than_may_be_are_worked_on_in_all_or_for_one_address() -> None:
    book = a_book(per_address=2)
    clients = connect(book, "192.0.2.1", "192.0.2.1", "192.0.2.2", "192.0.2.3")
    for client in clients[:2]:
        assert book.has_room_for(client.peer)
        book.take_in_hand(client, client.peer)
    assert not book.has_room_for("192.0.2.1")
    assert book.has_room_for("192.0.2.2")
    book.take_in_hand(clients[2], "192.0.2.2")
    assert not book.has_room_for("192.0.2.3")
    book.close(clients[0])
    assert book.has_room_for("192.0.2.3")


def test_a_proxy_of_ours_may_take_all_and_whom_it_names_is_bounded() -> None:
    book = Connections(LIMITS)
    clients = connect(book, *["10.0.0.9"] * 6)
    assert not any(client.gone for client in clients)
    for client in clients[:2]:
        book.take_in_hand(client, book.asking("10.0.0.9", [b"198.51.100.7"]))
    assert not book.has_room_for("198.51.100.7")
    assert book.has_room_for("198.51.100.8")


@pytest.mark.parametrize(
    ("peer", "forwarded", "asking"),
    [
        ("10.0.0.9", [b"198.51.100.7"], "198.51.100.7"),
        ("10.0.0.9", [b"203.0.113.1, 198.51.100.7"], "198.51.100.7"),
        ("10.0.0.9", [b"203.0.113.1", b"198.51.100.7, 10.0.0.8"], "198.51.100.7"),
        ("10.0.0.9", [b"2001:db8::1"], "2001:db8::/64"),
        ("10.0.0.9", [], "10.0.0.9"),
        ("10.0.0.9", [b"10.0.0.8"], "10.0.0.9"),
        ("10.0.0.9", [b"not an address"], "unknown"),
        ("10.0.0.9", [b"1" * 100_000], "unknown"),
        ("::ffff:10.0.0.9", [b"198.51.100.7"], "198.51.100.7"),
        ("fd00::1", [b"198.51.100.7"], "198.51.100.7"),
        ("10.0.1.9", [b"198.51.100.7"], "10.0.1.9"),
        ("198.51.100.66", [b"10.0.0.8"], "198.51.100.66"),
        ("", [b"198.51.100.7"], "unknown"),
    ],
)
def test_only_the_word_of_a_proxy_of_ours_counts_and_of_it_the_last_address_that_is_not_ours(
    peer: str, forwarded: list[bytes], asking: str
) -> None:
    assert Connections(LIMITS).asking(peer, forwarded) == asking


def test_all_addresses_of_one_site_are_one() -> None:
    assert (
        source("2001:db8::1") == source("2001:db8::ffff:2") == source("2001:db8::1%eth0") != source("2001:db8:0:1::1")
    )
    assert source("::ffff:192.0.2.1") == source("192.0.2.1")


PEERS = st.sampled_from(["192.0.2.1", "192.0.2.2", "10.0.0.9", "2001:db8::1", "2001:db8::2", ""])


class AnyOrder(RuleBasedStateMachine):
    """Clients that arrive, ask, are answered and leave, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.book = Connections(LIMITS)
        self.open: list[Client] = []
        self.working: set[Client] = set()

    @rule(peer=PEERS)
    def come(self, peer: str) -> None:
        client = Client(peer)
        self.open.append(client)
        self.book.open(client, peer)
        assert not client.gone
        assert not [each for each in self.working if each.gone]
        self.open = [each for each in self.open if not each.gone]

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def ask(self, data: st.DataObject) -> None:
        client = data.draw(st.sampled_from(self.open))
        asking = self.book.asking(client.peer, [b"198.51.100.7"])
        if self.book.has_room_for(asking):
            self.book.take_in_hand(client, asking)
            self.working.add(client)

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def be_answered(self, data: st.DataObject) -> None:
        client = data.draw(st.sampled_from(self.open))
        self.book.wait_for(client)
        self.working.discard(client)

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def go(self, data: st.DataObject) -> None:
        client = data.draw(st.sampled_from(self.open))
        self.open.remove(client)
        self.working.discard(client)
        self.book.close(client)

    @invariant()
    def as_many_as_may_be_and_no_more(self) -> None:
        assert len(self.open) <= LIMITS.connections
        assert len(self.working) <= LIMITS.in_hand

    def teardown(self) -> None:
        """Check that the register is empty once all clients have left."""
        for client in self.open:
            self.book.close(client)
        assert self.book == Connections(LIMITS)


TestAnyOrder = AnyOrder.TestCase
