"""From a committed row to its effect in the next service, once: topics, outbox, relay, consumer, inbox, parking."""
