"""Tidies what people type into a single line."""


def one_line(text: str) -> str:
    """The text on one line: control characters gone, runs of spaces made one."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
