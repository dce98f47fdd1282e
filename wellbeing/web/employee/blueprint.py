"""The employee area: what a person does and sees for themselves."""

from flask import Blueprint
from werkzeug.wrappers import Response

from wellbeing.web.employee.padding import pad_page

blueprint = Blueprint("employee", __name__)
blueprint.after_request(pad_page)
Page = str | tuple[str, int] | Response
