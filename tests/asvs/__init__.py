"""Which requirements of OWASP ASVS 5.0.0 our tests prove; writes docs/asvs.md."""
