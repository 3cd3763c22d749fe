"""How software reads what a partner wrote: one engine for the safety screen and the matcher.

Each side brings its own tables: which characters look alike, what a word is, what ends a sentence, what weighs. The
leak check uses none of this on purpose, so that one mistake cannot hide in both.
"""
