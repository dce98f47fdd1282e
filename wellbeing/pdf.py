"""Makes PDFs that everybody can read and that fetch nothing. Knows no tables.

The library that draws them is an extra, and it needs Pango on the machine: where either is
missing or too old, pages offer no PDF and everything else works.
"""

from functools import cache, lru_cache
from pathlib import Path
from typing import Any

_KEPT = 32
_PICTURE = "picture"


def picture_address(place: int) -> str:
    """What a page calls the picture at this place of those it is rendered with."""
    return f"{_PICTURE}:{place}"


@cache
def can_render_pdf() -> bool:
    """Whether PDFs can be made on this machine."""
    try:
        from weasyprint.urls import URLFetcher  # noqa: F401
    except (ImportError, OSError):
        return False
    return True


@lru_cache(maxsize=_KEPT)
def render_pdf(html: str, css: Path, pictures: tuple[bytes, ...] = ()) -> bytes:
    """A tagged PDF (PDF/UA-1) with its fonts inside; the same page gives the same bytes.

    `css` is read here, and the page has the SVG `pictures` at their `picture_address`; nothing
    else that the page, the stylesheet or a picture names is fetched.
    """
    return _render(html, css, pictures)


def render_private_pdf(html: str, css: Path, pictures: tuple[bytes, ...] = ()) -> bytes:
    """As `render_pdf`, for what only one person may read: nothing of it stays in memory."""
    return _render(html, css, pictures)


def _render(html: str, css: Path, pictures: tuple[bytes, ...]) -> bytes:
    import weasyprint

    style = weasyprint.CSS(string=css.read_text(encoding="utf-8"), url_fetcher=_fetcher_of(()))
    page = weasyprint.HTML(string=html, url_fetcher=_fetcher_of(pictures))
    made: bytes = page.write_pdf(stylesheets=[style], pdf_variant="pdf/ua-1", pdf_tags=True)
    return made


def _fetcher_of(pictures: tuple[bytes, ...]) -> Any:
    """Hands out these pictures and refuses everything else, whatever its protocol."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    known = {picture_address(place): picture for place, picture in enumerate(pictures)}

    class OnlyThese(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, *_headers: Any) -> Any:
            if url not in known:
                raise ValueError("Nothing is fetched for a PDF.")
            return URLFetcherResponse(url, known[url], {"Content-Type": "image/svg+xml"})

    return OnlyThese(allowed_protocols=())
