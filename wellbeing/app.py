"""Puts the web application together. Wiring only."""

from collections.abc import Callable, Sequence
from datetime import datetime
from importlib import import_module
from pathlib import Path

from flask import Flask, request, url_for
from flask_login import current_user
from flask_wtf.csrf import CSRFProtect
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from wellbeing.clock import utc_now
from wellbeing.crypto.deletion_log import DeletionLog
from wellbeing.crypto.field_keys import FieldKeys
from wellbeing.crypto.secrets import get_app_keys
from wellbeing.monitoring.quiet import is_quiet
from wellbeing.resources import folder
from wellbeing.settings import Settings
from wellbeing.store.reach import REACH_OF_AREA
from wellbeing.store.sessions import Database
from wellbeing.web.shared import routes as shared_routes
from wellbeing.web.shared.errors import install_error_pages
from wellbeing.web.shared.guard import install_guard, round_of_code
from wellbeing.web.shared.headers import install_headers
from wellbeing.web.shared.i18n import available_locales, current_texts, init_i18n, own_names
from wellbeing.web.shared.leaving import leave
from wellbeing.web.shared.navigation import nav_items
from wellbeing.web.shared.provider_pages import provider_ended
from wellbeing.web.shared.rate_limits import install_rate_limits
from wellbeing.web.shared.recorded_reads import install_recorded_reads
from wellbeing.web.shared.services import Services
from wellbeing.web.shared.static_files import install_static_files
from wellbeing.web.shared.this_device import LANGUAGE_COOKIE, exit_address, is_kiosk, recall
from wellbeing.web.shared.upload_limits import install_upload_limits
from wellbeing.web.shared.watching import install_watching

AREAS = ("employee", "leader", "hr", "supervisor", "admin", "provisioning", "api")
STATIC = Path(__file__).resolve().parent / "static"
# Whose statements may be in a trace, where there is one.
OFFICES = tuple(reach for area, reach in REACH_OF_AREA.items() if not is_quiet(area))
_MAX_BODY_BYTES = 64 * 1024
_MAX_FIELDS = 200


def create_app(
    settings: Settings,
    *,
    areas: Sequence[str] = AREAS,
    now: Callable[[], datetime] = utc_now,
) -> Flask:
    """The application with these areas; one area can run as a process of its own."""
    app = Flask("wellbeing", template_folder=str(folder("templates")), static_folder=str(STATIC))
    database = Database(
        settings.effective_database_url,
        FieldKeys(settings.key_folder),
        deletions=DeletionLog(settings.deletion_log_file, now),
        schema=settings.database_schema,
    )
    services = Services(settings, database, now)
    app.extensions["wellbeing"] = services
    _configure(app, settings)
    install_watching(app)
    if settings.traces_url:
        from wellbeing.monitoring.traces import install_traces

        engines = [engine for reach in OFFICES for engine in database.engines(reach)]
        app.extensions["wellbeing_traces"] = install_traces(app, engines, settings.traces_url)
    install_upload_limits(app)
    csrf = CSRFProtect(app)
    install_guard(app)
    install_headers(app, https=settings.is_https)
    install_static_files(app)
    install_rate_limits(app)
    install_recorded_reads(app)
    install_error_pages(app)
    init_i18n(app, settings.default_language, _select_locale)
    app.context_processor(_page_variables(settings))
    app.register_blueprint(shared_routes.blueprint)
    csrf.exempt(shared_routes.stop_reminders)
    # Leaving works however old the page is; no cookie comes along from a form of another site, and
    # without one it changes nothing.
    csrf.exempt(leave)
    csrf.exempt(provider_ended)  # the provider itself calls, without a browser; its token is signed
    for area in areas:
        blueprint = import_module(f"wellbeing.web.{area}.routes").blueprint
        app.register_blueprint(blueprint)
        if area in ("provisioning", "api"):  # no browser and no cookie another site could use
            csrf.exempt(blueprint)
    if settings.proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies, x_host=settings.proxies
        )
    return app


def _configure(app: Flask, settings: Settings) -> None:
    key, *older = get_app_keys(settings.key_folder)
    app.config.update(
        SECRET_KEY=key,
        SECRET_KEY_FALLBACKS=older,
        WTF_CSRF_SECRET_KEY=[*reversed(older), key],  # signs with the last, believes all
        SESSION_COOKIE_NAME="__Host-wellbeing" if settings.is_https else "wellbeing",
        SESSION_COOKIE_SECURE=settings.is_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=_MAX_BODY_BYTES,
        MAX_FORM_MEMORY_SIZE=_MAX_BODY_BYTES,
        MAX_FORM_PARTS=_MAX_FIELDS,
        WTF_CSRF_TIME_LIMIT=settings.session_hours * 3600,
        WTF_CSRF_SSL_STRICT=False,
        SEND_FILE_MAX_AGE_DEFAULT=3600,
    )
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True


def _select_locale() -> str | None:
    who = current_user.who if current_user and current_user.is_authenticated else None
    if who and not who.round_id:
        return str(who.language)
    chosen = recall(LANGUAGE_COOKIE)
    if chosen in available_locales():
        return chosen
    return str(who.language) if who else request.accept_languages.best_match(available_locales())


def _page_variables(settings: Settings) -> Callable[[], dict[str, object]]:
    locales = own_names(available_locales())

    def variables() -> dict[str, object]:
        by_code = round_of_code() is not None
        is_named = current_user.is_authenticated and not by_code
        return {
            "locale": current_texts().locale,
            "locales": locales,
            "nav_items": nav_items(),
            "person": current_user.who if is_named else None,
            "by_code": by_code,
            "kiosk": url_for("shared.kiosk") if is_kiosk() else "",
            "demo_mode": settings.demo,
            "organisation": settings.organisation,
            "safe_exit_url": exit_address(settings.safe_exit_url),
            "zone": settings.zone,
        }

    return variables
