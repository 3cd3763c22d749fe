"""The processes of the pipeline and their settings, in one table for every kind of deployment."""
