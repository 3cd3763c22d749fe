"""`python -m tests.walk.approve ADDRESS [PERSON]`: approve an operator's code at the made-up Keycloak, in a browser.

SSL_CERT_FILE names the force's authority. The exit status is 1 if Keycloak does not say that the device is signed in.
"""

import asyncio
import ssl
import sys

from tests.support.keycloak import approve

if __name__ == "__main__":
    person = sys.argv[2] if sys.argv[2:] else "operations-1"
    page = asyncio.run(approve(sys.argv[1], person, ssl.create_default_context()))
    sys.exit("Device Login Successful" not in page)
