"""Cases: opened, decided by an officer, confirmed by the police system."""
