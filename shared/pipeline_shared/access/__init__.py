"""Access: people, their roles, and the one table of permissions. Pure."""
