"""The desk process: pages for the vetted source desk, and nothing else. It reads no Kafka."""
