"""Examples for the API's documentation: fictional people, Ofcom's drama numbers, reserved host names."""

from typing import Any

_OWN_OBSERVATION: dict[str, Any] = {
    "submitter": {
        "name": "Priya Raman",
        "role": "designated safeguarding lead",
        "organisation": "Thornhill Academy",
        "phone": "0113 496 0211",
        "email": "p.raman@thornhillacademy.example.org",
    },
    "source": {"kind": "own_observation"},
    "known_how": "saw_it",
    "title": "Pupil collected by an unknown adult",
    "narrative": "Kayleigh Doyle was collected at the side gate by a man in a white Golf YK21 PLO on three days.",
    "category": "child_exploitation",
    "occurrence": {"began_at": "2026-05-12T15:20:00Z", "place": "side gate, Park Row"},
    "subjects": {
        "people": [{"name": "Kayleigh Doyle", "approximate_age": 14, "tags": ["victim"]}],
        "vehicles": [{"registration": "YK21 PLO", "description": "white Volkswagen Golf"}],
    },
    "risk": {"immediate_danger": "no", "child_at_risk": "yes"},
}

_TOLD_BY_SOMEONE: dict[str, Any] = {
    "submitter": {"name": "Colin Adeyemi", "role": "housing officer", "organisation": "Brambleford Homes"},
    "source": {
        "kind": "person",
        "wishes_anonymity": True,
        "name": "Margaret Entwistle",
        "phone": "07700 900118",
        "address": "27 Garnet Street, Hexley",
        "relationship_to_subject": "neighbour",
    },
    "known_how": "told_by_someone_who_saw_it",
    "narrative": "Lee Hargreaves at 31 Garnet Street has visitors for a minute each until three in the morning.",
    "category": "drugs",
    "occurrence": {"approximate": "2026-05"},
    "subjects": {
        "people": [{"name": "Lee Hargreaves", "tags": ["suspect"]}],
        "places": [{"description": "31 Garnet Street, Hexley"}],
    },
}

EXAMPLES = {
    "own observation": {"summary": "A teacher's own observation", "value": _OWN_OBSERVATION},
    "told by someone": {"summary": "A neighbour who wishes to stay anonymous", "value": _TOLD_BY_SOMEONE},
}
