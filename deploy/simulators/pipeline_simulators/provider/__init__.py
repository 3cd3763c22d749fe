"""A simulated identity provider: OpenID Connect for a few made-up people, without passwords.

Demonstrations and tests sign in through it by the same code as through a real provider. It also misbehaves on request.
"""
