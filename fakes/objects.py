"""Records of declared types: what a system keeps for whoever writes to it, beside what its own rules are about.

The store knows what a value must be like, which values are keys, what a record refers to and what becomes of it when
that is deleted. What the types mean is up to who declares them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from fakes.object_types import (
    Attribute,
    DeclareTypes,
    MarkObjects,
    ObjectType,
    Outcome,
    Problem,
    Record,
    ReleaseObjects,
    ViewObjects,
    Write,
    WriteObjects,
)
from fakes.service import Operation, Operations

ROOM = 1_000
"""Changes that are noted of a type, beside two of each record, before those that others have followed are let go."""

IdsByValue: TypeAlias = dict[Any, dict[str, None]]


class Objects:
    """The store. Nothing of a declined write is done, and of a group that is all or none, nothing of the group."""

    def __init__(self) -> None:
        self.types: dict[str, ObjectType] = {}
        self.records: dict[str, Record] = {}
        self._attributes: dict[str, dict[str, Attribute]] = {}
        self._required: dict[str, tuple[str, ...]] = {}
        self._of_type: dict[str, dict[str, Record]] = {}
        self._counts: dict[str, int] = {}
        self._indexes: dict[tuple[str, str], IdsByValue] = {}
        self._referring: dict[str, list[tuple[str, Attribute]]] = {}
        self._changes: dict[str, list[tuple[int, Record]]] = {}
        self._undo: list[Callable[[], object]] = []
        self._marks = 0

    @property
    def operations(self) -> Operations:
        """What can be asked of the store."""
        return {
            DeclareTypes: Operation("declare_types", self._declare),
            WriteObjects: Operation("write_objects", self._write_all),
            ViewObjects: Operation("view_objects", lambda request, now_us: self),
            MarkObjects: Operation("mark_objects", self._mark),
            ReleaseObjects: Operation("release_objects", self._release),
        }

    # --- reading -------------------------------------------------------------------------------------

    def of_type(self, type_: str) -> Iterable[Record]:
        """Every record of a type, oldest first, the deleted among them."""
        return self._of_type[type_].values()

    def is_indexed(self, type_: str, name: str) -> bool:
        """Whether records of the type can be found by this attribute without looking at all of them."""
        return (type_, name) in self._indexes

    def find(self, type_: str, name: str, value: Any) -> list[Record]:
        """The records that are not deleted and whose indexed attribute is `value`; texts are the same in any case."""
        ids = self._indexes[type_, name].get(_key(value), ())
        return [record for record in map(self.records.__getitem__, ids) if not record.deleted]

    def changed_since(self, type_: str, since_us: int) -> Iterator[Record]:
        """The records of a type that were written at that instant or later, the newest first."""
        seen: set[str] = set()
        for at_us, record in reversed(self._changes[type_]):
            if at_us < since_us:
                return
            if record.modified_us == at_us and record.id not in seen:
                seen.add(record.id)
                yield record

    # --- writing -------------------------------------------------------------------------------------

    def _declare(self, request: DeclareTypes, now_us: int) -> None:
        for declared in request.types:
            name = declared.name
            self.types[name] = declared
            self._attributes[name] = {attribute.name: attribute for attribute in declared.attributes}
            self._required[name] = tuple(attribute.name for attribute in declared.attributes if attribute.required)
            records = self._of_type.setdefault(name, {})
            self._changes.setdefault(name, [])
            for attribute in declared.attributes:
                if (attribute.indexed or attribute.unique or attribute.refers_to) and not self.is_indexed(
                    name, attribute.name
                ):
                    index: IdsByValue = {}
                    self._indexes[name, attribute.name] = index
                    for record in records.values():
                        index.setdefault(_key(record.values.get(attribute.name)), {})[record.id] = None
        self._referring = {}
        for declared in self.types.values():
            for attribute in declared.attributes:
                for target in attribute.refers_to:
                    self._referring.setdefault(target, []).append((declared.name, attribute))

    def _write_all(self, request: WriteObjects, now_us: int) -> tuple[Outcome, ...]:
        if not request.all_or_none:
            return tuple(self._write(write, now_us) for write in request.writes)
        mark = self._mark(MarkObjects(), now_us)
        outcomes = tuple(self._write(write, now_us) for write in request.writes)
        self._release(ReleaseObjects(mark, any(outcome.problem for outcome in outcomes)), now_us)
        return outcomes

    def _mark(self, request: MarkObjects, now_us: int) -> int:
        self._marks += 1
        return len(self._undo)

    def _release(self, request: ReleaseObjects, now_us: int) -> None:
        self._marks -= 1
        if request.unwind:
            while len(self._undo) > request.mark:
                self._undo.pop()()
        if not self._marks:
            self._undo.clear()

    def _write(self, write: Write, now_us: int) -> Outcome:  # noqa: PLR0911  # one for each thing that can be wrong
        at_us = now_us if write.source_us is None else write.source_us
        if write.action == "insert":
            return self._insert(write, at_us)
        if write.action == "upsert" and write.by != "":
            found = self.find(write.type, write.by, write.key)
            if len(found) > 1:
                return Outcome(problem=Problem("ambiguous", (write.by,), tuple(record.id for record in found)))
            if not found:
                return self._insert(write, at_us)
            return self._update(found[0], write, at_us)
        record = self.records.get(write.id)
        if record is None or record.type != write.type:
            return Outcome(write.id, problem=Problem("not_found"))
        if write.action == "undelete":
            return self._undelete(record, at_us)
        if record.deleted:
            return Outcome(write.id, problem=Problem("deleted"))
        return self._delete(record, write, at_us) if write.action == "delete" else self._update(record, write, at_us)

    def _insert(self, write: Write, at_us: int) -> Outcome:
        values = {name: value for name, value in write.values.items() if value is not None}
        if write.by:
            values.setdefault(write.by, write.key)
        declared = self.types[write.type]
        missing = tuple(name for name in self._required[write.type] if values.get(name) in (None, ""))
        if missing:
            return Outcome(problem=Problem("required", missing))
        problem = self._fault(declared, values, values, None)
        if problem is not None:
            return Outcome(problem=problem)
        count = self._counts[write.type] = self._counts.get(write.type, 0) + 1
        kept = frozenset() if write.source_us is None else frozenset(write.values)
        record = Record(declared.number(count), write.type, {}, at_us, at_us, kept=kept)
        self.records[record.id] = self._of_type[write.type][record.id] = record
        self._note(lambda: (self.records.pop(record.id), self._of_type[write.type].pop(record.id)))
        self._put(record, values, at_us)
        return Outcome(record.id, created=True)

    def _update(self, record: Record, write: Write, at_us: int) -> Outcome:
        before, declared = record.values, self.types[record.type]
        changed = {name: value for name, value in write.values.items() if before.get(name) != value}
        if write.source_us is None and not record.kept.isdisjoint(changed):
            return Outcome(record.id, problem=Problem("read_only", tuple(n for n in changed if n in record.kept)))
        emptied = tuple(name for name in self._required[record.type] if changed.get(name, True) in (None, ""))
        if emptied:
            return Outcome(record.id, problem=Problem("required", emptied))
        after = {name: value for name, value in {**before, **changed}.items() if value is not None}
        problem = self._fault(declared, changed, after, record)
        if problem is not None:
            return Outcome(record.id, problem=problem)
        if write.source_us is not None:
            record.kept |= write.values.keys()
        self._put(record, after, at_us)
        return Outcome(record.id)

    def _fault(
        self, declared: ObjectType, changed: Mapping[str, Any], after: Mapping[str, Any], record: Record | None
    ) -> Problem | None:
        """What keeps a record of this type from being as it is `after` these changes."""
        attributes = self._attributes[declared.name]
        for name, value in changed.items():
            attribute = attributes.get(name)
            if attribute is None or value is None:
                continue
            if attribute.size is not None and isinstance(value, str) and len(value) > attribute.size:
                return Problem("too_long", (attribute.name,), attribute.size)
            if attribute.refers_to:
                target = self.records.get(value)
                if target is None or target.type not in attribute.refers_to:
                    return Problem("no_such_reference", (attribute.name,), value)
                if target.deleted:
                    return Problem("deleted_reference", (attribute.name,), value)
            if attribute.unique:
                others = [one.id for one in self.find(declared.name, attribute.name, value) if one is not record]
                if others:
                    return Problem("duplicate", (attribute.name,), others[0])
        for names in declared.unique_together:
            if not changed.keys().isdisjoint(names) and all(name in after for name in names):
                for other in self.find(declared.name, names[0], after[names[0]]):
                    if other is not record and all(other.values.get(name) == after[name] for name in names):
                        return Problem("duplicate", names, other.id)
        return None

    def _delete(self, record: Record, write: Write, at_us: int) -> Outcome:
        if record.kept and write.source_us is None:
            return Outcome(record.id, problem=Problem("read_only"))
        doomed, cleared = [record], []
        for parent in doomed:  # grows as it is walked
            for type_, attribute in self._referring.get(parent.type, ()):
                for child in self.find(type_, attribute.name, parent.id):
                    if child in doomed:
                        continue
                    if attribute.on_delete == "restrict" or (attribute.on_delete == "cascade" and child.kept):
                        return Outcome(record.id, problem=Problem("restricted", (type_,), child.id))
                    if attribute.on_delete == "cascade":
                        doomed.append(child)
                    else:
                        cleared.append((child, attribute.name))
        for child, name in cleared:
            self._put(child, {key: value for key, value in child.values.items() if key != name}, at_us)
        for one in doomed:
            self._mark_deleted(one, True, at_us)
        return Outcome(record.id)

    def _undelete(self, record: Record, at_us: int) -> Outcome:
        if not record.deleted:
            return Outcome(record.id, problem=Problem("not_deleted"))
        self._mark_deleted(record, False, at_us)
        return Outcome(record.id)

    def _mark_deleted(self, record: Record, deleted: bool, at_us: int) -> None:
        record.deleted = deleted
        self._note(lambda: setattr(record, "deleted", not deleted))
        self._stamp(record, at_us)

    # --- keeping the indexes, and the way back -------------------------------------------------------

    def _put(self, record: Record, values: Mapping[str, Any], at_us: int) -> None:
        before = record.values
        orders = self._orders(record.type, before, values) if self._marks else []

        def back() -> None:
            self._swap(record, values, before)
            for ids, order in orders:
                ids.clear()
                ids.update(dict.fromkeys(order))

        self._swap(record, before, values)
        self._note(back)
        self._stamp(record, at_us)

    def _orders(
        self, type_: str, before: Mapping[str, Any], after: Mapping[str, Any]
    ) -> list[tuple[dict[str, None], tuple[str, ...]]]:
        """The order of each index entry that a record is about to leave: one that comes back would be the last."""
        left = ((self._indexes.get((type_, name)), name) for name in before if before[name] != after.get(name))
        entries = (index[_key(before[name])] for index, name in left if index is not None)
        return [(ids, tuple(ids)) for ids in entries]

    def _swap(self, record: Record, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        type_, indexes = record.type, self._indexes
        for name in (*after, *(name for name in before if name not in after)):
            index = indexes.get((type_, name))
            if index is None or before.get(name) == after.get(name):
                continue
            if name in before:
                index[_key(before[name])].pop(record.id, None)
            if name in after:
                index.setdefault(_key(after[name]), {})[record.id] = None
        record.values = after

    def _stamp(self, record: Record, at_us: int) -> None:
        before_us, changes = record.modified_us, self._changes[record.type]
        if changes and changes[-1] == (at_us, record):
            return
        record.modified_us = at_us
        if not self._marks and len(changes) > 2 * len(self._of_type[record.type]) + ROOM:
            changes[:] = [change for change in changes if change[1].modified_us == change[0]]
        changes.append((at_us, record))

        def back() -> None:
            changes.pop()
            record.modified_us = before_us

        self._note(back)

    def _note(self, back: Callable[[], object]) -> None:
        if self._marks:
            self._undo.append(back)


def _key(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value
