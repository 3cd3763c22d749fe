"""The embedded stack: real Kafka, real PostgreSQL and the four services on one machine, and the `pipeline` command."""
