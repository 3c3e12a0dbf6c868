"""Better Auth's tokens: what each kind is, how it is verified, and whom it names."""
