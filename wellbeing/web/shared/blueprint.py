"""The shared area: pages that everybody may open, and those everybody signed in may."""

from flask import Blueprint

blueprint = Blueprint("shared", __name__)
