-- The proof of who acted: the id of the sign-in, which an entry `signed_in` explains, and an HMAC over the entry with the
-- session key of the process, which the database has not. Empty for acts of services.
ALTER TABLE audit ADD COLUMN sign_in text NOT NULL DEFAULT '', ADD COLUMN proof text NOT NULL DEFAULT '';
