"""The police-system simulator: an independent records system over HTTP that can misbehave on request.

Like a real one, it shares no code with the transfer service, only the published JSON Schema of the envelope.
"""
