"""The police-system simulator: a records system of its own, over HTTP, that can be told to misbehave.

It shares no code with the transfer service but the published JSON Schema of the envelope, as a real one would.
"""
