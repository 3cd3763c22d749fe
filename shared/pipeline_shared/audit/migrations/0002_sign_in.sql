-- The proof of who acted: the id of the sign-in, which an entry `signed_in` explains. Empty for acts of services.
ALTER TABLE audit ADD COLUMN sign_in text NOT NULL DEFAULT '';
