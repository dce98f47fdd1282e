"""The blueprint of the area where other systems read."""

from flask import Blueprint

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
