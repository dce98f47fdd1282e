"""The blueprint of the supervisor's pages, and what they return."""

from flask import Blueprint
from werkzeug.wrappers import Response

blueprint = Blueprint("supervisor", __name__)
Page = str | tuple[str, int] | Response
