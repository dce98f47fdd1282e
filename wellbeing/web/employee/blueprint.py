"""The employee area: what a person does and sees for themselves."""

from flask import Blueprint
from werkzeug.wrappers import Response

blueprint = Blueprint("employee", __name__)
Page = str | tuple[str, int] | Response
