"""Why the ceremony refuses an act: a code, and the sentence that an operator reads."""

from pipeline_admin.refusal import RefusedError

REASONS = {
    "bad_signature": "somebody else signed the bundle, or it was changed",
    "bundle_rolled_back": "a newer bundle was signed or used before: this one is older",
    "ceremony_log_changed": "the log of the ceremony was changed: compare it with the copy that was carried over",
    "escrow_cannot_open": "this escrow key does not open the record: it was sealed to another, moved or changed",
    "expired": "the bundle has expired",
    "file_exists": "the file is there already, and is never overwritten",
    "first_bundle_exists": "a bundle was signed before: name it with --previous",
    "folder_too_open": "others can reach the folder: chmod 700",
    "holder_unknown": "no key in the table has this holder or role",
    "key_exists": "there is a key of this name already, and a key is never overwritten",
    "key_in_bundle_differs": "the bundle has another key under this name",
    "key_missing": "the key is not there",
    "key_too_open": "others can read the key: chmod 600",
    "key_unreadable": "the file is no whole key",
    "lasts_too_long": "a bundle is valid for at least one day and at most three years",
    "made_before": "keys of this holder were made before: use `pipeline keys rotate`",
    "no_case": "there is no case of this id",
    "no_source": "there is no record of a source under this reference",
    "not_made_yet": "there is no key of this role to replace: use `pipeline keys init`",
    "nothing_new": "the requests hold no new key, and the bundle is valid for long enough: nothing to sign",
    "offline_key_here": "the folder holds a key that belongs on the offline computer: remove it from this host",
    "out_of_order": "the number of the key is not the next one of its role",
    "provider_away": "the key provider does not answer",
    "provider_refused": "the key provider or the file system refuses access",
    "request_unreadable": "the request is no whole request of `pipeline keys init` or `rotate`",
    "role_without_key": "the bundle would leave a role without a key, and the services would stop",
    "service_host": "this computer has settings or keys of a service: offline keys must never be on it",
    "still_needed": "records signed with this key are still on their way",
    "unreadable": "the file is no bundle",
}


class CeremonyError(RefusedError):
    """The ceremony of keys refuses an act."""

    REASONS = REASONS
