"""Long lists in pages of fifty."""

from wellbeing.web.shared.pages import PER_PAGE, PageOf, page_within

__all__ = ["PER_PAGE", "PageOf", "page_within"]
