"""What leaders, safety representatives and HR read: figures of units, trends, suggestions."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from wellbeing.actions.figures import find_rounds, find_series
from wellbeing.actions.units import find_paths
from wellbeing.domain.flag_rules import load_flag_rules
from wellbeing.domain.instrument import Scale, load_wording, wording_locales
from wellbeing.texts import SOURCE_LOCALE
from wellbeing.web.leader import pages, queries, words
from wellbeing.web.leader.flag_words import FlagWords, say_flag
from wellbeing.web.leader.queries import FlagShown, UnitHistory
from wellbeing.web.leader.trend_chart import Theme, chart_key
from wellbeing.web.leader.unit_chart import make_chart
from wellbeing.web.shared.i18n import current_texts
from wellbeing.web.shared.services import reading, services, signed_in

blueprint = Blueprint("leader", __name__)
CHART_SECONDS = 600


@blueprint.get("/teams")
def units() -> str | AnyResponse:
    """The units in scope; with one only, its own page."""
    with reading() as db:
        scope = queries.find_reader_scope(db, signed_in().person_id)
        if len(scope) == 1:
            return redirect(url_for("leader.unit", unit_id=next(iter(scope))))
        rounds = find_rounds(db)
        rows = pages.list_units(
            {unit: path for unit, path in find_paths(db).items() if unit in scope},
            find_series(db, scope),
            queries.find_counted_in(db, rounds[-1].round_id) if rounds else {},
            queries.find_flags(db, scope),
        )
        return render_template(
            "leader/units.html",
            rows=rows,
            flagged=pages.list_flagged(rows),
            latest=rounds[-1] if rounds else None,
            awaited=queries.find_awaited_round(db),
            scales=_scale_names(),
            say=_say,
        )


@blueprint.get("/teams/<uuid:unit_id>")
def unit(unit_id: UUID) -> str:
    """Everything published of one unit: suggestions, verdicts, charts, figures."""
    with reading() as db:
        scope = _check_scope(db, unit_id)
        history = queries.find_history(db, unit_id)
        flags = queries.find_flags(db, {unit_id})
        return render_template(
            "leader/unit.html",
            unit_id=unit_id,
            unit=pages.UnitName.of(find_paths(db)[unit_id]),
            linked=scope - {unit_id},
            flags=[_say(flag) for flag in flags if flag.is_open],
            earlier=[_say(flag) for flag in pages.list_earlier_flags(flags, history)],
            rounds=history.rounds,
            behind=_find_behind(db, history, unit_id),
            withheld=_find_withheld(db, history, unit_id, scope),
            sections=pages.describe_scales(history, services().settings.zone),
            scales=_scale_names(),
            reference=pages.describe_reference(),
            rule=words.say_rule(load_flag_rules().trend),
            awaited=queries.find_awaited_round(db),
            wording=load_wording(_wording_locale()),
        )


@blueprint.get("/teams/<uuid:unit_id>/<any(BO, STS, CS):scale>.svg")
def chart(unit_id: UUID, scale: str) -> Response:
    """The trend of one scale as SVG; not drawn again for a browser that has it."""
    theme = Theme.DARK if request.args.get("theme") == Theme.DARK else Theme.LIGHT
    with reading() as db:
        _check_scope(db, unit_id)
        history = queries.find_history(db, unit_id)
    shown = make_chart(history, Scale(scale), theme, services().settings.zone)
    response = Response(mimetype="image/svg+xml")
    response.set_etag(chart_key(shown))
    response.headers["Cache-Control"] = f"private, max-age={CHART_SECONDS}"
    if request.if_none_match.contains_weak(chart_key(shown)):
        response.status_code = HTTPStatus.NOT_MODIFIED
        return response
    # Loaded by the processes that draw: it brings a drawing library with it.
    from wellbeing.web.leader.charts import draw_trend

    response.data = draw_trend(shown)
    return response


def _check_scope(db: Session, unit_id: UUID) -> set[UUID]:
    """What whoever asks may read; 404 where this unit is no part of it."""
    scope = queries.find_reader_scope(db, signed_in().person_id)
    if unit_id not in scope:
        abort(HTTPStatus.NOT_FOUND)
    return scope


def _find_behind(db: Session, history: UnitHistory, unit_id: UUID) -> pages.Behind | None:
    if not history.rounds:
        return None
    groups = queries.find_own_groups(db, history.rounds[-1].round_id, unit_id)
    return pages.describe_behind(groups, unit_id)


def _find_withheld(
    db: Session, history: UnitHistory, unit_id: UUID, scope: set[UUID]
) -> pages.WithheldShown | None:
    round_id = history.rounds[-1].round_id if history.rounds else None
    mark = history.withheld.get(round_id) if round_id else None
    if round_id is None or mark is None:
        return None
    return pages.describe_withheld(
        mark,
        queries.find_counting_group(db, round_id, unit_id),
        queries.find_min_group_size(db, round_id),
        scope,
    )


def _say(flag: FlagShown) -> FlagWords:
    return say_flag(flag, zone=services().settings.zone, now=services().now())


def _scale_names() -> list[str]:
    return [words.say_short(scale) for scale in words.PAGE_ORDER]


def _wording_locale() -> str:
    locale = current_texts().locale
    return locale if locale in wording_locales() else SOURCE_LOCALE
