"""What of SCIM's user this service stores, in the words of SCIM.

Two readings, by the setting scim_user_name: userName is the employee number, or the e-mail address.
Every attribute here is kept; whatever else a directory sends is ignored, as SCIM allows.
"""

from typing import Annotated, Any

from pydantic import Field
from scim2_models import (
    URN,
    AuthenticationScheme,
    Bulk,
    ChangePassword,
    ComplexAttribute,
    ETag,
    Extension,
    Filter,
    Mutability,
    Patch,
    Required,
    Resource,
    ResourceType,
    ScimPolicy,
    ScimProvider,
    ServiceProviderConfig,
    Sort,
    Uniqueness,
)

from wellbeing.settings import ScimUserName

USER = URN("urn:ietf:params:scim:schemas:core:2.0:User")
ENTERPRISE = URN("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User")
MOST_RESULTS = 200
_Always = Annotated[str | None, Required.true]


class Email(ComplexAttribute):
    """A work address; the only kind there is here."""

    value: _Always = None
    type: str | None = Field(None, examples=["work"])


class PhoneNumber(ComplexAttribute):
    """A mobile number, as + and the country code."""

    value: _Always = Field(None, examples=["+4520123456"])
    type: str | None = Field(None, examples=["mobile"])


class UserByNumber(Resource[Any]):
    """A person whose userName is their employee number."""

    __schema__ = USER

    user_name: Annotated[str | None, Uniqueness.server, Required.true] = None
    display_name: _Always = None
    preferred_language: _Always = Field(None, examples=["da", "en"])
    active: Annotated[bool | None, Required.true] = None
    emails: list[Email] | None = None
    phone_numbers: list[PhoneNumber] | None = None


class UserByEmail(Resource[Any]):
    """A person whose userName is their e-mail address."""

    __schema__ = USER

    user_name: Annotated[str | None, Uniqueness.server, Required.true] = None
    display_name: _Always = None
    preferred_language: _Always = Field(None, examples=["da", "en"])
    active: Annotated[bool | None, Required.true] = None
    emails: Annotated[list[Email] | None, Mutability.read_only] = None
    phone_numbers: list[PhoneNumber] | None = None


class WorkByNumber(Extension):
    """Where a person works: the name of a unit, or its whole path."""

    __schema__ = ENTERPRISE

    department: _Always = None


class WorkByEmail(Extension):
    """Where a person works, and their employee number."""

    __schema__ = ENTERPRISE

    employee_number: Annotated[str | None, Uniqueness.server, Required.true] = None
    department: _Always = None


_MODELS: dict[ScimUserName, tuple[type[Resource[Any]], type[Extension]]] = {
    ScimUserName.EMPLOYEE_NUMBER: (UserByNumber, WorkByNumber),
    ScimUserName.EMAIL: (UserByEmail, WorkByEmail),
}
_CONFIG = ServiceProviderConfig(
    patch=Patch(supported=True),
    bulk=Bulk(supported=False, max_operations=0, max_payload_size=0),
    filter=Filter(supported=True, max_results=MOST_RESULTS),
    change_password=ChangePassword(supported=False),
    sort=Sort(supported=True),
    etag=ETag(supported=True),
    authentication_schemes=[
        AuthenticationScheme(
            type=AuthenticationScheme.Type.oauthbearertoken,
            name="Bearer token",
            description="A token made with `wellbeing token make --scope scim`.",
        )
    ],
)
# Some directories send more than was asked for, and name entries that do not exist yet.
_POLICY = ScimPolicy(
    unknown=ScimPolicy.Unknown.ignore,
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
)


def make_provider(user_name: ScimUserName) -> ScimProvider:
    """The description of the service under this reading."""
    user, work = _MODELS[user_name]
    bound = user.__class_getitem__(Annotated[work, Required.true])
    resource_type = ResourceType.from_resource(bound)
    resource_type.id = resource_type.name = "User"
    return ScimProvider([user, work], [resource_type], _CONFIG, _POLICY)
