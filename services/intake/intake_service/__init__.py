"""Intake: validates, seals, stores and publishes submissions of portal frontends, and answers with a receipt."""
