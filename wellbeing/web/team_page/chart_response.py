"""Sends a chart: kept by the reader's browser alone, and not drawn again for one that has it."""

from http import HTTPStatus
from uuid import UUID

from flask import Response, request
from sqlalchemy.orm import Session

from wellbeing.domain.instrument import Scale
from wellbeing.web.shared.services import services
from wellbeing.web.team_page.queries import ALL_ROUNDS, find_drawn_history, find_history
from wellbeing.web.team_page.trend_chart import Theme, TrendChart, chart_key
from wellbeing.web.team_page.unit_chart import find_trend_of, make_chart

CHART_SECONDS = 600


def asks_for_all_rounds() -> bool:
    """Whether the request asks for every round there was and not only the latest ones."""
    return request.args.get("rounds") == ALL_ROUNDS


def read_chart(session: Session, unit_id: UUID, scale: Scale) -> TrendChart:
    """The chart that a unit's page has for a scale, on the paper and of the rounds that the
    request asks for.
    """
    theme = Theme.DARK if request.args.get("theme") == Theme.DARK else Theme.LIGHT
    history = find_drawn_history(session, find_history(session, unit_id))
    trend, zone = find_trend_of(history, scale), services().settings.zone
    return make_chart(history, trend, theme, zone, whole=asks_for_all_rounds())


def send_chart(chart: TrendChart) -> Response:
    """The chart as SVG."""
    response = Response(mimetype="image/svg+xml")
    response.set_etag(chart_key(chart))
    response.headers["Cache-Control"] = f"private, max-age={CHART_SECONDS}"
    if request.if_none_match.contains_weak(chart_key(chart)):
        response.status_code = HTTPStatus.NOT_MODIFIED
        return response
    # Loaded by the processes that draw: it brings a drawing library with it.
    from wellbeing.web.team_page.charts import draw_trend

    response.data = draw_trend(chart)
    return response
