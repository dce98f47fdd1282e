"""Private check-ins, anonymous team trends, and support that happens."""

__version__ = "0.1.0"
