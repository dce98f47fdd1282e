"""Puts SCIM on the real storage: each resource is a person of the directory, read anew."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from typing import Any, cast
from uuid import UUID

from scim2_models import (
    InvalidValueException,
    Meta,
    NotFoundException,
    PreconditionFailedException,
    Resource,
    ResourceType,
    ResponseParameters,
    ScimFilter,
    ScimProvider,
    SearchRequest,
    UniquenessException,
)
from scim2_models.path import CompareOperator, Comparison
from scim2_server.storage import ScimStorage, SearchPage
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from wellbeing.actions import provisioning as actions
from wellbeing.actions.provisioning import Act, DirectoryPerson
from wellbeing.domain.errors import BadInput, Missing, Refused
from wellbeing.settings import ScimUserName
from wellbeing.store.accounts import Person

_Found = Callable[[str], ColumnElement[bool]]


class PersonStorage(ScimStorage):
    """People in one transaction of the caller's; what a request refuses is rolled back."""

    def __init__(
        self, session: Session, provider: ScimProvider, user_name: ScimUserName, act: Act
    ) -> None:
        self._session = session
        self._model: Any = provider.model_for(provider.resource_types[0])
        self._by_email = user_name is ScimUserName.EMAIL
        self._act = act

    def get(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        response_parameters: ResponseParameters[Any] | None = None,  # noqa: ARG002
    ) -> Resource[Any]:
        """A person who has not left."""
        del resource_type
        return self._show(self._get(resource_id))

    def search(
        self,
        resource_types: list[ResourceType],
        search_request: SearchRequest[Any],
        *,
        position: Any = None,  # noqa: ARG002
    ) -> SearchPage:
        """One page of the people that a filter fits.

        Names and addresses are sealed in the database: filters and orders are worked out here, but
        for the question for one person that a directory asks before each change.
        """
        del resource_types
        wanted = search_request.filter
        if wanted is not None and not wanted.models:
            wanted = cast(Any, ScimFilter)[self._model](str(wanted))
        people = actions.find_people(self._session, where=self._narrow(wanted))
        found = [self._show(person) for person in people]
        if wanted is not None:
            found = [resource for resource in found if wanted.match(resource)]
        found.sort(key=lambda resource: _sort_key(search_request, resource))
        if search_request.sort_order == SearchRequest.SortOrder.descending:
            found.reverse()
        start = search_request.start_index_0 or 0
        stop = None if search_request.count is None else start + search_request.count
        return SearchPage(len(found), found[start:stop])

    def create(self, resource_type: ResourceType, resource: Resource[Any]) -> Resource[Any]:
        """A new person, or one who comes back."""
        del resource_type
        with self._saying_why():
            person_id = actions.add_person(self._session, self._read(resource), self._act)
        return self._show(self._get(str(person_id)))

    def update(
        self,
        resource_type: ResourceType,
        resource: Resource[Any],
        *,
        expected_version: str | None = None,
    ) -> Resource[Any]:
        """The person as the directory says they are now."""
        del resource_type
        person = self._get(str(resource.id), expected_version)
        with self._saying_why():
            wanted = self._read(resource)
            # Somebody without a unit, such as the first administrator, can be changed, too.
            unit = wanted.unit or person.unit
            changed = replace(wanted, unit=unit)
            actions.change_person(self._session, cast(UUID, person.id), changed, self._act)
        return self._show(self._get(str(resource.id)))

    def delete(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        expected_version: str | None = None,
    ) -> None:
        """The person has left; what happened while they were here stays."""
        del resource_type
        person = self._get(resource_id, expected_version)
        with self._saying_why():
            actions.remove_person(self._session, cast(UUID, person.id), self._act)

    def _get(self, resource_id: str, expected_version: str | None = None) -> DirectoryPerson:
        try:
            person = actions.get_person(self._session, UUID(resource_id))
        except (ValueError, Missing):
            raise NotFoundException(detail="There is nobody with this id.") from None
        if expected_version not in (None, _version(person)):
            raise PreconditionFailedException
        return person

    def _narrow(self, wanted: ScimFilter[Any] | None) -> ColumnElement[bool] | None:
        """What the database can look up of a filter that asks for one person."""
        node = wanted.ast if wanted is not None else None
        if not isinstance(node, Comparison) or node.op != CompareOperator.eq:
            return None
        if not isinstance(node.value, str):
            return None
        name = str(node.attr_path).rpartition(":")[2].lower()
        ways: dict[str, _Found] = {
            "externalid": lambda value: Person.external_id == value,
            "username": actions.has_email if self._by_email else actions.has_number,
            "employeenumber": actions.has_number,
        }
        return ways[name](node.value) if name in ways else None

    @contextmanager
    def _saying_why(self) -> Iterator[None]:
        try:
            with self._session.begin_nested():
                yield
        except actions.Taken as fault:
            raise UniquenessException(detail=str(fault)) from None
        except (BadInput, Refused) as fault:
            raise InvalidValueException(detail=str(fault)) from None

    def _read(self, resource: Any) -> DirectoryPerson:
        work = resource[self._extension]
        emails = () if self._by_email else resource.emails or ()
        address = _pick(emails, "work", or_first=True)
        return DirectoryPerson(
            employee_number=(work.employee_number if self._by_email else resource.user_name) or "",
            name=resource.display_name or "",
            email=(resource.user_name if self._by_email else address) or "",
            mobile=_pick(resource.phone_numbers or (), "mobile"),
            language=resource.preferred_language or "",
            unit=(work.department if work else "") or "",
            is_active=bool(resource.active),
            external_id=resource.external_id,
        )

    @property
    def _extension(self) -> Any:
        return next(iter(self._model.get_extension_models().values()))

    def _show(self, person: DirectoryPerson) -> Resource[Any]:
        said: dict[str, Any] = {
            "id": str(person.id),
            "external_id": person.external_id,
            "user_name": person.email if self._by_email else person.employee_number,
            "display_name": person.name,
            "preferred_language": person.language,
            "active": person.is_active,
            "emails": [{"value": person.email, "type": "work"}] if person.email else None,
            "phone_numbers": [{"value": person.mobile, "type": "mobile"}]
            if person.mobile
            else None,
            "meta": Meta(resource_type="User", version=_version(person)),
        }
        resource = self._model(**said)
        number = {"employee_number": person.employee_number} if self._by_email else {}
        resource[self._extension] = self._extension(**number, department=person.unit or None)
        return cast(Resource[Any], resource)


def _pick(entries: Any, kind: str, *, or_first: bool = False) -> str:
    """The value of the entry of this kind; one without a kind is of this kind."""
    for entry in entries:
        if (entry.type or kind).lower() == kind:
            return entry.value or ""
    return (entries[0].value or "") if or_first and entries else ""


def _version(person: DirectoryPerson) -> str:
    return f'W/"{sha256(repr(person).encode()).hexdigest()[:32]}"'


def _sort_key(request: SearchRequest[Any], resource: Resource[Any]) -> tuple[bool, Any, str]:
    value = request.sort_value(resource)
    return value is None, "" if value is None else value, str(resource.id)
