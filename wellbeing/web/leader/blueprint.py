"""The blueprint of the pages of whoever reads units."""

from flask import Blueprint

blueprint = Blueprint("leader", __name__)
