"""The blueprint of the area where the organisation's directory provisions people."""

from flask import Blueprint

blueprint = Blueprint("provisioning", __name__, url_prefix="/scim/v2")
