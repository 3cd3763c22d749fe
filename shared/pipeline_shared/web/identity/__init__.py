"""Who is at the pages: people, their roles, their sessions."""
