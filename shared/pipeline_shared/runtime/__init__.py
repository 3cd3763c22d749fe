"""What a process of ours is made of: settings, database, server, health, metrics, logs, retries."""
