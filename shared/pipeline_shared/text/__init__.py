"""How software reads what a partner wrote: one engine for the safety screen and the matcher.

Each side brings its own tables: look-alike characters, the pattern of a word, the ends of clauses and sentences,
weights. The leak check uses none of this on purpose, so that one mistake cannot hide in both.
"""
