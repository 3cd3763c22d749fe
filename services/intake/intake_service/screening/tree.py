"""All phrases as a prefix tree, so that a text is read once for any number of phrases."""

from collections.abc import Iterable
from dataclasses import dataclass, field

LONGEST_GAP = 8


@dataclass(slots=True, eq=False)
class Node:
    """A node of the tree: the next node for each word, the next node for a gap, and the concepts that end here."""

    then: dict[str, list["Node"]] = field(default_factory=dict[str, list["Node"]])
    gaps: list[tuple[int, "Node"]] = field(default_factory=list[tuple[int, "Node"]])
    ends: list[str] = field(default_factory=list[str])
    _known: dict[str, "Node"] = field(default_factory=dict[str, "Node"])

    def follow(self, element: str, words: Iterable[str]) -> "Node":
        """Return the node after an element; create it when it is new."""
        node = self._known.get(element)
        if node is None:
            node = self._known[element] = Node()
            if element.startswith("_"):
                self.gaps.append((int(element[1:]), node))
            for word in words:
                self.then.setdefault(word, []).append(node)
        return node


Ahead = tuple[dict[str, list[Node]], ...]


@dataclass(frozen=True, slots=True)
class Start:
    """All phrases that begin with a word: concepts that end with it, next nodes by distance, and its nodes."""

    ends: tuple[str, ...]
    ahead: Ahead
    later: frozenset[str]


def starts_of(root: Node) -> dict[str, Start]:
    """Return the start of each first word. Words with the same phrases share one start."""
    made: dict[tuple[int, ...], Start] = {}
    starts: dict[str, Start] = {}
    for word, nodes in root.then.items():
        key = tuple(map(id, nodes))
        if key not in made:
            ahead = _ahead(nodes)
            ends = dict.fromkeys(end for node in nodes for end in node.ends)
            made[key] = Start(tuple(ends), ahead, frozenset().union(*ahead))
        starts[word] = made[key]
    return starts


def _ahead(nodes: Iterable[Node]) -> Ahead:
    """Return the next nodes after one word, after two words, and so on up to the longest gap."""
    ahead: list[dict[str, list[Node]]] = [{} for _ in range(LONGEST_GAP + 1)]
    for node in nodes:
        _add(ahead[0], node)
        for most, child in node.gaps:
            for distance in range(most + 1):
                _add(ahead[distance], child)
    while ahead and not ahead[-1]:
        ahead.pop()
    return tuple(ahead)


def _add(leads: dict[str, list[Node]], node: Node) -> None:
    for word, nodes in node.then.items():
        leads.setdefault(word, []).extend(nodes)
