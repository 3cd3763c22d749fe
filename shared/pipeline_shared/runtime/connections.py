"""The register of a listener's connections, and the choice of one to close when connections run short.

A connection is *in hand* while the service works on a complete request of it. Otherwise it waits for its client, which
has sent nothing yet, has sent half a request, or does not read its answer. Closing such a connection loses nothing.
When connections run short, the address with most of them loses the one that has waited longest, so a client with a
complete request always finds room. Requests in hand are never closed; their number has a limit, too.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Protocol

Network = IPv4Network | IPv6Network
IPV6_SITE = 64  # bits: the owner of one address in such a network owns all of them
LONGEST_FORWARDED = 1_024


class Connection(Protocol):
    """A connection that can be closed."""

    def let_go(self) -> None:
        """Close at once, without sending or reading the rest."""
        ...


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits on connections and requests, in total and from one address; and the proxies that may name an address."""

    connections: int = 1_000
    in_hand: int = 500
    per_address: int = 200
    proxies: tuple[Network, ...] = ()


@dataclass(slots=True)
class Connections:
    """The register of one listener's connections."""

    limits: Limits
    draining: bool = False  # every answer is the last of its connection
    _peers: dict[Connection, str] = field(default_factory=dict["Connection", str])
    _waiting: dict[str, dict[Connection, None]] = field(default_factory=dict[str, dict["Connection", None]])
    _in_hand: dict[Connection, str] = field(default_factory=dict["Connection", str])
    _from: Counter[str] = field(default_factory=Counter[str])
    _asking: Counter[str] = field(default_factory=Counter[str])

    def open(self, connection: Connection, peer: str) -> int:
        """Add a connection; return how many others were closed for it."""
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
        """Tell whether the service may work on one more request, in total and from this address."""
        return len(self._in_hand) < self.limits.in_hand and self._asking[asking] < self.limits.per_address

    def take_in_hand(self, connection: Connection, asking: str) -> None:
        """Note that the service works on a complete request from an address."""
        if connection in self._peers and connection not in self._in_hand:
            self._no_longer_waiting(connection)
            self._in_hand[connection] = asking
            self._asking[asking] += 1

    def wait_for(self, connection: Connection) -> None:
        """Note that the connection waits for its client."""
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
        """Tell whether a peer is a proxy that speaks for others."""
        address = _parse(peer)
        return any(
            address in network for network in self.limits.proxies if address and address.version == network.version
        )

    def asking(self, peer: str, forwarded: Iterable[bytes]) -> str:
        """Return the origin of a request: the peer, or the last address from our proxies that is not one of them."""
        if not self.limits.proxies or not self.is_proxy(peer):
            return source(peer)
        named = b",".join(forwarded)[-LONGEST_FORWARDED:].decode("latin-1").split(",")
        for address in reversed([name.strip() for name in named]):
            if address and not self.is_proxy(address):
                return source(address)
        return source(peer)

    def _let_go_of(self, address: str, newest: Connection) -> int:
        """Close the connection of an address that has waited longest, unless it is the newest."""
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
    """Return the network that counts as one address: for version 6, the network of a whole site."""
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
