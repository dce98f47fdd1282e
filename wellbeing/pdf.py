"""Makes PDFs that everybody can read and that fetch nothing. Knows no tables.

The library that draws them is an extra, and it needs Pango on the machine: where either is
missing or too old, pages offer no PDF and everything else works.
"""

from functools import cache, lru_cache
from pathlib import Path

_KEPT = 32


@cache
def can_render_pdf() -> bool:
    """Whether PDFs can be made on this machine."""
    try:
        from weasyprint.urls import URLFetcher  # noqa: F401
    except (ImportError, OSError):
        return False
    return True


@lru_cache(maxsize=_KEPT)
def render_pdf(html: str, css: Path) -> bytes:
    """A tagged PDF (PDF/UA-1) with its fonts inside; the same page gives the same bytes.

    `css` is read here; nothing else that the page or the stylesheet names is fetched.
    """
    import weasyprint
    from weasyprint.urls import URLFetcher

    nothing = URLFetcher(allowed_protocols=())
    style = weasyprint.CSS(string=css.read_text(encoding="utf-8"), url_fetcher=nothing)
    page = weasyprint.HTML(string=html, url_fetcher=nothing)
    made: bytes = page.write_pdf(stylesheets=[style], pdf_variant="pdf/ua-1", pdf_tags=True)
    return made
