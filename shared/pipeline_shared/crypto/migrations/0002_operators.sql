-- An operator who checks a new bundle compares its version with the newest one that was used.
GRANT SELECT ON key_bundle TO :operator;
