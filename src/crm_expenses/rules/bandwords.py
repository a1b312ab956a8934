"""Tables with bands in words: the band that a quantity falls in, and cumulative scales."""

from typing import TYPE_CHECKING, Final

from crm_expenses.rules.parameter import Bands, Parameter
from crm_expenses.rules.tree import Node, Op, Sort, Type
from crm_expenses.rules.unfold import bare, same

if TYPE_CHECKING:
    from crm_expenses.rules.phrase import Phrases

BANDS_MAX: Final = 4
"""Most bands that stand inside a sentence; more are left to the table."""


def _latest(own: "Phrases", node: Node) -> Bands | None:
    """Give the newest bands of a table without keys, few enough to stand in a sentence."""
    parameter = own.policy.parameters[str(node.value)]
    keys = tuple(str(arg.value) for arg in node.args[:-1] if arg.op is Op.CONSTANT)
    if len(keys) != len(parameter.keys):
        return None
    held = parameter.values[-1].table.get(keys)
    return held if isinstance(held, Bands) and len(held.starts) <= BANDS_MAX else None


def band_words(own: "Phrases", node: Node, _holds: bool) -> str:  # noqa: FBT001  as in the table
    """Say which value a quantity has by its band."""
    parameter = own.policy.parameters[str(node.value)]
    *keys, measured = node.args
    bands = _latest(own, node)
    x = own.within(measured)
    if bands is not None and parameter.band is not None:
        shown = []
        for start, value in zip(bands.starts, bands.values, strict=True):
            is_above, edge = edge_words(own, parameter, start)
            code = "prose.band_above" if is_above else "prose.band_from"
            shown.append(own.say(code, a=own.held(value, parameter.type), start=edge))
        comma = own.say("prose.comma")
        return own.say("prose.band", x=x, bands=_dated(own, parameter, comma.join(shown)))
    name = own.table_ref(parameter.name)
    if not keys:
        return own.say("prose.band_table_plain", table=name, x=x)
    by = own.listed([own.value(key) for key in keys], "prose.both")
    return own.say("prose.band_table", keys=by, table=name, x=x)


def edge_words(own: "Phrases", parameter: Parameter, start: int) -> tuple[bool, str]:
    """Give whether a band begins above a quantity, and that; from 721 minutes is over 12 hours."""
    band = parameter.band or Type(Sort.QUANTITY)
    if not parameter.is_above and is_past_hour(band, start):
        return True, own.quantity(start - 10**band.scale, band)
    return parameter.is_above, own.quantity(start, band)


def is_past_hour(band: Type, start: int) -> bool:
    """Say whether a band begins one minute past a full hour.

    >>> from crm_expenses.rules.tree import quantity
    >>> is_past_hour(quantity("minute"), 721), is_past_hour(quantity("minute", 1), 4800)
    (True, False)
    """
    minutes, rest = divmod(start, 10**band.scale)
    return band.dims == (("minute", 1),) and not rest and minutes > 60 and minutes % 60 == 1


def along_words(own: "Phrases", node: Node, _holds: bool) -> str:  # noqa: FBT001  as in the table
    """Say what is due for all of a quantity, band by band."""
    code = "prose.along" if _is_at_rates(own, node) else "prose.along_by"
    return own.say(code, x=own.within(node.args[-1]), scale=_scale(own, node))


def _is_at_rates(own: "Phrases", node: Node) -> bool:
    """Say whether the scale stands in the sentence as rates one behind the other."""
    bands = _latest(own, node)
    return bands is not None and not bands.constants


def walk_on(own: "Phrases", whole: Node, before: Node) -> str:
    """Say `along(p, used + x) - along(p, used)` as what x adds; empty for any other difference."""
    if whole.op is not Op.ALONG or before.op is not Op.ALONG or whole.value != before.value:
        return ""
    if not all(map(same, whole.args[:-1], before.args[:-1])):
        return ""
    reached, used = bare(whole.args[-1]), bare(before.args[-1])
    if reached.op is not Op.ADD:
        return ""
    for one, other in (reached.args, reached.args[::-1]):
        if same(one, used):
            scale = _scale(own, whole)
            x, y = own.within(other), own.within(used)
            is_at_rates = _is_at_rates(own, whole)
            code = "prose.along_after" if is_at_rates else "prose.along_after_by"
            return own.say(code, x=x, before=y, scale=scale)
    return ""


def _scale(own: "Phrases", node: Node) -> str:
    """Say a cumulative scale: 0.45 per mile up to 10,000 miles, then 0.25."""
    parameter = own.policy.parameters[str(node.value)]
    bands = _latest(own, node)
    if bands is None or parameter.band is None:
        name = own.table_ref(parameter.name)
        keys = own.listed([own.value(arg) for arg in node.args[:-1]], "prose.both")
        if not keys:
            return own.say("prose.scale_named", table=name)
        return own.say("prose.scale_table", table=name, keys=keys)
    return _dated(own, parameter, scale_words(own, parameter, bands, node.type))


def _dated(own: "Phrases", parameter: Parameter, newest: str) -> str:
    """Say since when the newest bands hold, where there were others before."""
    if len(parameter.values) == 1:
        return newest
    day = parameter.values[-1].start.isoformat()
    return own.say("prose.lookup_dated", a=newest, day=day)


def scale_words(own: "Phrases", parameter: Parameter, bands: Bands, total: Type) -> str:
    """Say the bands of a scale one behind the other."""
    band = parameter.band or Type(Sort.QUANTITY)
    rates = [own.held(value, parameter.type) for value in bands.values]
    starts = [own.quantity(start, band) for start in bands.starts]
    comma = own.say("prose.window_comma")
    if bands.constants:
        kind = Type(Sort.QUANTITY, total.dims, parameter.type.scale + band.scale)
        code = "prose.scale_above" if parameter.is_above else "prose.scale_from"
        shown = []
        for rate, start, constant in zip(rates, starts, bands.constants, strict=True):
            full = rate
            if constant:
                full = own.say("prose.scale_plus", a=rate, b=own.quantity(constant, kind))
            shown.append(own.say(code, start=start, a=full))
        return comma.join(shown)
    shown = rates
    if len(rates) > 1:
        shown = [own.say("prose.scale_first", a=rates[0], end=starts[1])]
        for rate, end in zip(rates[1:-1], starts[2:], strict=True):
            shown.append(own.say("prose.scale_next", a=rate, end=end))
        shown.append(own.say("prose.scale_last", a=rates[-1]))
    text = comma.join(shown)
    return text if bands.starts[0] <= 0 else own.say("prose.scale_from", start=starts[0], a=text)
