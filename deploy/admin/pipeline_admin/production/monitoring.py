"""How Prometheus and Alertmanager are served: with TLS, and to whoever has the password of the one that they ask."""

import yaml

USER = "operations"  # as in deploy/production/prometheus.yml and health.yml
SETTINGS, PASSWORD = "web.yml", "password"
CERTIFICATE = "/run/keys/tls.pem"


def web_settings(password_hash: str) -> bytes:
    """Return the file for `--web.config.file`; the hash is bcrypt's.

    The format is that of https://prometheus.io/docs/prometheus/latest/configuration/https/.
    """
    tls = {"cert_file": CERTIFICATE, "key_file": CERTIFICATE, "min_version": "TLS12"}
    return yaml.safe_dump({"tls_server_config": tls, "basic_auth_users": {USER: password_hash}}).encode()
