"""An installation in production on one host: its folder of secrets and certificates, made and checked."""
