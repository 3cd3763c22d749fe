"""The sentence encoder that the screen and the matcher read with: its files, its tokens and its states."""
