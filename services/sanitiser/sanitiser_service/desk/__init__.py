"""The desk process: pages for the vetted source desk, with a role and a key of its own. It has no access to Kafka."""
