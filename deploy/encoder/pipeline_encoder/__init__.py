"""Makes the files of the sentence encoder, which the screen and the matcher load, from its published weights."""
