"""The key ceremony: making keys, signing the bundle of public keys, and opening a source with the escrow key."""
