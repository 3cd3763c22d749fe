"""The text engine shared by the safety screen and the matcher: folding, tokens, word lists and linear models.

Each of the two brings its own tables: look-alike characters, the pattern of a word, the ends of clauses and sentences,
weights. The leak check uses none of this code on purpose, so that one mistake cannot hide in both.
"""
