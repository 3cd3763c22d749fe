"""Generates the AsyncAPI 3 document of all messages from the topology table alone.

It covers all four services: the event of each topic, its writer and its readers.
"""

from inspect import cleandoc
from typing import Any

from pipeline_shared.language.events import Event
from pipeline_shared.messaging.cloud_events import CONTENT_TYPE, SIGNATURE, SIGNER, SPECVERSION, source_of
from pipeline_shared.messaging.topics import TOPOLOGY, Reader, Topic, group_of

BINDING_VERSION = "0.5.0"
SCHEMA_FORMAT = "application/schema+json;version=draft-07"

Node = dict[str, Any]


def document() -> Node:
    """Return the AsyncAPI document."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Partnership Intelligence Portal: events",
            "version": "1.0.0",
            "description": "What the four services send each other over Kafka. A type ends with its version. A reader "
            "refuses a field that it does not know, and a record that no permitted process has signed.",
        },
        "defaultContentType": CONTENT_TYPE,
        "servers": {"kafka": _server()},
        "channels": {topic.name: _channel(topic) for topic in TOPOLOGY},
        "operations": {name: operation for topic in TOPOLOGY for name, operation in _operations(topic).items()},
        "components": {
            "messages": {topic.name: _message(topic) for topic in TOPOLOGY},
            "securitySchemes": {"scram": {"type": "scramSha512", "description": "A user for each service."}},
        },
    }


def _server() -> Node:
    return {
        "host": "kafka:9093",
        "protocol": "kafka-secure",
        "description": "The broker grants each service the topics and consumer groups named here, and nothing else.",
        "security": [{"$ref": "#/components/securitySchemes/scram"}],
    }


def _channel(topic: Topic[Any]) -> Node:
    return {
        "address": topic.name,
        "title": _title(topic.event),
        "description": f"Kept for {topic.retention.days} days. Records with the same `{topic.key}` stay in order."
        + (" Sent before everything that is not urgent." if topic.urgent else ""),
        "messages": {topic.name: {"$ref": f"#/components/messages/{topic.name}"}},
        "bindings": {"kafka": _channel_binding(topic)},
        "x-partition-key": topic.key,
        "x-urgent": topic.urgent,
    }


def _channel_binding(topic: Topic[Any]) -> Node:
    config = topic.config()
    return {
        "topic": topic.name,
        "partitions": topic.partitions,
        "topicConfiguration": {
            "cleanup.policy": [config["cleanup.policy"]],
            "retention.ms": int(config["retention.ms"]),
            "max.message.bytes": int(config["max.message.bytes"]),
        },
        "bindingVersion": BINDING_VERSION,
    }


def _operations(topic: Topic[Any]) -> dict[str, Node]:
    """Return the operations on a topic: one for its producer and one for each reader."""
    sent = {f"{topic.producer}.send.{topic.name}": _operation(topic, "send", topic.producer)}
    received = {f"{reader.name}.receive.{topic.name}": _receive(topic, reader) for reader in topic.readers}
    return sent | received


def _receive(topic: Topic[Any], reader: Reader) -> Node:
    group = {"type": "string", "const": group_of(topic, reader)}
    binding = {"groupId": group, "bindingVersion": BINDING_VERSION}
    return _operation(topic, "receive", reader.service) | {"bindings": {"kafka": binding}}


def _operation(topic: Topic[Any], action: str, service: str) -> Node:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{topic.name}"},
        "messages": [{"$ref": f"#/channels/{topic.name}/messages/{topic.name}"}],
        "tags": [{"name": service}],
    }


def _message(topic: Topic[Any]) -> Node:
    summary, _, description = cleandoc(topic.event.__doc__ or "").partition("\n\n")
    return {
        "name": topic.name,
        "title": _title(topic.event),
        "summary": _unfolded(summary),
        **({"description": _unfolded(description)} if description else {}),
        "contentType": CONTENT_TYPE,
        "headers": headers_schema(topic),
        "payload": {"schemaFormat": SCHEMA_FORMAT, "schema": {"$ref": f"schemas/{topic.name}.json"}},
        "bindings": {"kafka": {"key": _key(topic), "bindingVersion": BINDING_VERSION}},
    }


def _key(topic: Topic[Any]) -> Node:
    return {"type": "string", "format": "binary", "description": f"The 16 bytes of `{topic.key}`."}


def headers_schema(topic: Topic[Any]) -> Node:
    """Return the schema of a topic's record headers: CloudEvents 1.0 in binary mode and a signature, and no other."""
    headers = {
        "ce_specversion": {"type": "string", "const": SPECVERSION},
        "ce_id": {"type": "string", "format": "uuid", "description": "`event_id` of the payload."},
        "ce_source": {"type": "string", "const": source_of(topic.producer)},
        "ce_type": {"type": "string", "const": topic.name},
        "ce_time": {"type": "string", "format": "date-time", "description": "`occurred_at` of the payload."},
        "content-type": {"type": "string", "const": CONTENT_TYPE},
        SIGNER: {"type": "string", "description": f"The id of a key of: {', '.join(topic.signed_by)}."},
        SIGNATURE: {"type": "string", "contentEncoding": "base64", "description": _SIGNATURE},
    }
    return {"type": "object", "required": list(headers), "properties": headers, "additionalProperties": False}


_SIGNATURE = "Ed25519 over topic, key, value and all other headers, each with its length."


def _title(event: type[Event]) -> str:
    return event.__name__


def _unfolded(text: str) -> str:
    return " ".join(text.split())
