"""Why a backup is refused: a code, and the sentence that an operator reads."""

from pipeline_admin.refusal import RefusedError

REASONS = {
    "backup_damaged": "a part is missing or was changed: use another copy of this backup",
    "backup_exists": "the folder is there already, and a backup is never overwritten",
    "backup_of_another": "the backup is of an installation with another trust root",
    "backup_unreadable": "the folder holds no whole backup",
    "dump_failed": "a program of PostgreSQL failed: its message is above",
    "key_of_another": "the key is of another backup, or the list of parts was changed",
    "not_sealed_to_this_key": "this offline key does not open the backup's key",
    "broker_not_ready": "the broker does not look up its groups of consumers: is it up?",
    "services_running": "a service still reads from the broker: stop all services first",
}


class BackupError(RefusedError):
    """A backup cannot be made or used."""

    REASONS = REASONS
