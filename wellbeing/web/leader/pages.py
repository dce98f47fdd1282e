"""What all pages of leaders share: the blueprint."""

from flask import Blueprint
from werkzeug.wrappers import Response

blueprint = Blueprint("leader", __name__)
Page = str | tuple[str, int] | Response
