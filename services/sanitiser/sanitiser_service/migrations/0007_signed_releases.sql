-- What the desk releases, the desk signs.
GRANT INSERT (signer, signature) ON outbox TO :desk;
