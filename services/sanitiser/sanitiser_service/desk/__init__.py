"""The desk process: the pages of the source desk. It has its own database role and key, and no access to Kafka."""
