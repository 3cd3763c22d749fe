"""The people at the pages: their roles and their sessions."""
