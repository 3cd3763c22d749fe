"""How software reads a text: one engine for the safety screen and the matcher, never for the leak check."""
