"""Simulators for demonstrations and tests: portal frontends, people at the desks, the police records system."""
