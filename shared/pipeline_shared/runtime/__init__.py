"""The parts of every process: settings, database, server, health, metrics, logs, retries."""
