"""The OpenAPI 3.1 document, made from the models and the routes by spectree.

Spectree knows JSON only: CSV and the type of problems are added to what it made. Its pages, which
fetch scripts from elsewhere, are never registered.
"""

from copy import deepcopy
from typing import Any

from spectree import SecurityScheme, SpecTree
from spectree.config import ModeEnum
from spectree.models import SecureType, SecuritySchemeData

from wellbeing.web.api.problems import MEDIA_TYPE

_ABOUT = (
    "Reads what is published of units, and the ledger of support. Nothing can be changed here, and "
    "nothing is shown that the pages of the same units do not show."
)
CSV = "text/csv"
IN_CSV = ("figures", "unit_figures", "ledger")

tree = SpecTree(
    "flask",
    title="Wellbeing",
    description=_ABOUT,
    version="1",
    openapi_version="3.1.0",
    mode=ModeEnum.strict,
    annotations=False,
    validation_error_status=400,
    naming_strategy=lambda model: model.__name__,
    nested_naming_strategy=lambda _parent, child: child,
    security_schemes=[
        SecurityScheme(
            name="token",
            data=SecuritySchemeData(
                type=SecureType.HTTP,
                scheme="bearer",
                description="Made with `wellbeing token make --scope figures` or `ledger`.",
            ),
        )
    ],
    security={"token": []},
)


def make_document() -> dict[str, Any]:
    """The document of the running application, with its paths in order."""
    document: dict[str, Any] = deepcopy(tree.spec)
    document["paths"] = dict(sorted(document["paths"].items()))
    for path in document["paths"].values():
        for operation in path.values():
            for status, answer in operation["responses"].items():
                _name_types(operation["operationId"], status, answer)
    document["components"]["schemas"] = dict(sorted(document["components"]["schemas"].items()))
    return document


def _name_types(operation: str, status: str, answer: dict[str, Any]) -> None:
    content = answer.get("content", {})
    if status.startswith("2"):
        if operation in IN_CSV:
            content[CSV] = {"schema": {"type": "string"}}
    elif "application/json" in content:
        content[MEDIA_TYPE] = content.pop("application/json")
