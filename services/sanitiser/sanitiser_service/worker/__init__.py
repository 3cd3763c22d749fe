"""The worker process: it opens received submissions, separates the source, and publishes or holds. It has no pages."""
