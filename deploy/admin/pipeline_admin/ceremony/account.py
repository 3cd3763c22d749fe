"""Who acts on a computer that reaches no identity provider: its account, which two people at the ceremony confirm."""

import getpass

from pipeline_shared.audit.entries import Operator


def this_account() -> Operator:
    """Return the account of this computer. It proves nobody: the log of the ceremony says so by `account:`."""
    return Operator(f"account:{getpass.getuser()}")
