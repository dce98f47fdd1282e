"""The administrator's part of the pages."""

from flask import Blueprint

blueprint = Blueprint("admin", __name__, url_prefix="/admin")
