"""Who is connected to one listener, and who has to go when connections run short.

A connection is *in hand* while a whole request of it is being worked on. Otherwise it is the client's turn: it has sent
nothing yet, half a request or nothing more, or it does not read its answer. Such a connection can go without loss,
so connections never run short for those who have something to say: of the address with most of them, the one that has
waited longest goes first. Requests in hand are never let go; they are bounded, too.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Protocol

Network = IPv4Network | IPv6Network
IPV6_SITE = 64  # bits: who has one address of such a network has all of them
LONGEST_FORWARDED = 1_024


class Connection(Protocol):
    """What can be let go."""

    def let_go(self) -> None:
        """Close at once, whatever has not been sent or read."""
        ...


@dataclass(frozen=True, slots=True)
class Limits:
    """How many connections and requests at once, in all and from one address; whose word about addresses counts."""

    connections: int = 1_000
    in_hand: int = 500
    per_address: int = 200
    proxies: tuple[Network, ...] = ()


@dataclass(slots=True)
class Connections:
    """The book of one listener's connections."""

    limits: Limits
    _peers: dict[Connection, str] = field(default_factory=dict["Connection", str])
    _waiting: dict[str, dict[Connection, None]] = field(default_factory=dict[str, dict["Connection", None]])
    _in_hand: dict[Connection, str] = field(default_factory=dict["Connection", str])
    _from: Counter[str] = field(default_factory=Counter[str])
    _asking: Counter[str] = field(default_factory=Counter[str])

    def open(self, connection: Connection, peer: str) -> int:
        """Take in a connection; return how many others had to go for it."""
        address = source(peer)
        self._peers[connection] = address
        self._from[address] += 1
        self._waiting.setdefault(address, {})[connection] = None
        too_many = not self.is_proxy(peer) and self._from[address] > self.limits.per_address
        let_go = self._let_go_of(address, connection) if too_many else 0
        if len(self._peers) > self.limits.connections:
            let_go += self._let_go_of(max(self._waiting, key=lambda each: len(self._waiting[each])), connection)
        return let_go

    def has_room_for(self, asking: str) -> bool:
        """Tell whether one more request may be worked on, for this address among others."""
        return len(self._in_hand) < self.limits.in_hand and self._asking[asking] < self.limits.per_address

    def take_in_hand(self, connection: Connection, asking: str) -> None:
        """Note that a whole request from an address is being worked on."""
        if connection in self._peers and connection not in self._in_hand:
            self._no_longer_waiting(connection)
            self._in_hand[connection] = asking
            self._asking[asking] += 1

    def wait_for(self, connection: Connection) -> None:
        """Note that it is the client's turn."""
        if connection in self._in_hand:
            _subtract(self._asking, self._in_hand.pop(connection))
            self._waiting.setdefault(self._peers[connection], {})[connection] = None

    def close(self, connection: Connection) -> None:
        """Forget a connection."""
        if connection in self._peers:
            self.wait_for(connection)
            self._no_longer_waiting(connection)
            _subtract(self._from, self._peers.pop(connection))

    def is_proxy(self, peer: str) -> bool:
        """Tell whether a peer speaks for others."""
        address = _parse(peer)
        return any(
            address in network for network in self.limits.proxies if address and address.version == network.version
        )

    def asking(self, peer: str, forwarded: Iterable[bytes]) -> str:
        """Return from where a request comes: the peer, or the last address that our proxies saw and do not own."""
        if not self.limits.proxies or not self.is_proxy(peer):
            return source(peer)
        named = b",".join(forwarded)[-LONGEST_FORWARDED:].decode("latin-1").split(",")
        for address in reversed([name.strip() for name in named]):
            if address and not self.is_proxy(address):
                return source(address)
        return source(peer)

    def _let_go_of(self, address: str, newest: Connection) -> int:
        """Let go of the connection that has made us wait longest from an address, unless it is the newest."""
        for connection in self._waiting.get(address, {}):
            if connection is not newest:
                self.close(connection)
                connection.let_go()
                return 1
        return 0

    def _no_longer_waiting(self, connection: Connection) -> None:
        address = self._peers[connection]
        self._waiting[address].pop(connection)
        if not self._waiting[address]:
            del self._waiting[address]


def source(peer: str) -> str:
    """Return what counts as one address: of version 6, all of a site's."""
    address = _parse(peer)
    if isinstance(address, IPv6Address):
        return str(IPv6Network((address, IPV6_SITE), strict=False))
    return str(address or "unknown")


def _parse(peer: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(peer.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _subtract(counter: Counter[str], key: str) -> None:
    counter[key] -= 1
    if not counter[key]:
        del counter[key]
