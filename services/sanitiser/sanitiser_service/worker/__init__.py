"""The worker process: reads the raw topics, opens, separates the source, publishes or holds. It has no pages."""
