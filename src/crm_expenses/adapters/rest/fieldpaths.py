"""The paths that a reading needs, for CRMs that are asked for each value by its path. Pure."""

from collections.abc import Collection

from crm_expenses.adapters.rest.speckind import ConnectionFile
from crm_expenses.core.record import Json, Kind


def path_values(held: ConnectionFile, kind: Kind, read: Collection[str]) -> dict[str, Json]:
    """Give the values of {id_field} and {field_paths}.

    `read` are the paths that are mapped; those of times of change, keys, versions and so on come
    beside them.
    """
    part, since, deletes = held.kind[kind], held.since_of(kind), held.deletes_of(kind)
    more = (*since.field, held.paging_of(kind).key, part.address, part.conflict.path, deletes.path)
    paths = {path.partition("[")[0] for path in (*read, *more, *part.only) if path}
    return {"id_field": part.id, "field_paths": list[Json](sorted(paths))}
