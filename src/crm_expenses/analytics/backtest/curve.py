"""The curve of a sweep: one figure against a parameter's values, drawn like the bars of a report.

A Vega-Lite specification as plain data; texts stand where we put them and are never measured by
the drawing library.
"""

from dataclasses import dataclass
from html import escape
from typing import Final

from crm_expenses.analytics.bars import GRID, INK, Json, Width, steps
from crm_expenses.analytics.numerals import text_width
from crm_expenses.errors import ConfigError

LINE: Final = "#1f5f99"
_SIZE: Final[dict[Width, tuple[int, int]]] = {"wide": (520, 230), "narrow": (336, 220)}
_TOP: Final = 16
_BOTTOM: Final = 30
_SMALL: Final = 11
_TICKS: Final = 5


@dataclass(frozen=True, slots=True)
class CurveChart:
    """Points `(x, y)` with whole numbers, in the order of x, and what a screen reader says.

    `x_ticks` and `y_ticks` are values with their text. `mark` is the x that stands now.
    """

    title: str
    description: str
    points: tuple[tuple[int, int], ...]
    x_ticks: tuple[tuple[int, str], ...]
    y_ticks: tuple[tuple[int, str], ...]
    mark: int | None = None


def ticks_between(low: int, high: int, count: int = _TICKS) -> tuple[int, ...]:
    """Give round values around a range, which need not hold zero.

    >>> ticks_between(1030, 1270), ticks_between(5, 5)
    ((1000, 1050, 1100, 1150, 1200, 1250, 1300), (5, 6))
    """
    if high == low:
        return (low, low + 1)
    step = (found := steps(0, high - low, count))[1] - found[0]
    first, last = low // step, -(-high // step)
    return tuple(step * at for at in range(first, last + 1))


def curve_specification(chart: CurveChart, width: Width) -> dict[str, Json]:
    """Give the Vega-Lite specification of a curve."""
    whole, height = _SIZE[width]
    left = max(text_width(text, _SMALL) for _, text in chart.y_ticks) + 12
    right = 18
    x_scale: dict[str, Json] = _scale(chart.x_ticks, chart.points, 0)
    y_scale: dict[str, Json] = _scale(chart.y_ticks, chart.points, 1)

    def at(axis: str, field: str) -> Json:
        scale = x_scale if axis == "x" else y_scale
        return {"field": field, "type": "quantitative", "scale": dict(scale), "axis": None}

    plot = whole - left - right
    inner = height - _TOP - _BOTTOM
    across: list[Json] = [{"y": value} for value, _ in chart.y_ticks]
    layers: list[Json] = [
        {
            "data": {"values": across},
            "mark": {"type": "rule", "color": GRID},
            "encoding": {"y": at("y", "y")},
        }
    ]
    if chart.mark is not None:
        layers.append(
            {
                "data": {"values": [{"x": chart.mark}]},
                "mark": {"type": "rule", "color": INK, "strokeWidth": 2, "strokeDash": [5, 3]},
                "encoding": {"x": at("x", "x")},
            }
        )
    points: list[Json] = [{"x": x, "y": y} for x, y in chart.points]
    path: dict[str, Json] = {"x": at("x", "x"), "y": at("y", "y")}
    layers.append(
        {
            "data": {"values": points},
            "mark": {"type": "line", "color": LINE, "strokeWidth": 2},
            "encoding": path,
        }
    )
    if len(points) <= 40:
        layers.append(
            {
                "data": {"values": points},
                "mark": {"type": "point", "color": LINE, "filled": True, "size": 36, "opacity": 1},
                "encoding": path,
            }
        )
    layers += [_texts_left(chart, at("y", "y")), *_texts_below(chart, at("x", "x"), plot, inner)]
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": plot,
        "height": inner,
        "autosize": {"type": "none"},
        "padding": {"left": left, "right": right, "top": _TOP, "bottom": _BOTTOM},
        "config": {"aria": False, "view": {"stroke": None}, "background": None},
        "layer": layers,
    }


def _scale(
    ticks: tuple[tuple[int, str], ...], points: tuple[tuple[int, int], ...], axis: int
) -> dict[str, Json]:
    held = [value for value, _ in ticks] + [point[axis] for point in points]
    return {"domain": [min(held), max(held)], "nice": False, "zero": False}


def _text(align: str, **more: Json) -> dict[str, Json]:
    look: dict[str, Json] = {"type": "text", "align": align, "baseline": "middle"}
    return {**look, "fontSize": _SMALL, "color": "#3d4a57", **more}


def _texts_left(chart: CurveChart, y: Json) -> Json:
    values: list[Json] = [{"y": at, "text": text} for at, text in chart.y_ticks]
    return {
        "data": {"values": values},
        "mark": _text("right"),
        "encoding": {"x": {"value": -8}, "y": y, "text": {"field": "text"}},
    }


def _texts_below(chart: CurveChart, x: Json, plot: int, inner: int) -> list[Json]:
    """Give the texts under the axis, as many as have room."""
    widest = max(text_width(text, _SMALL) for _, text in chart.x_ticks) + 10
    every = max(1, -(-widest * len(chart.x_ticks) // max(1, plot)))
    shown: list[Json] = [{"x": at, "text": text} for at, text in chart.x_ticks[::every]]
    return [
        {
            "data": {"values": shown},
            "mark": _text("center"),
            "encoding": {"x": x, "y": {"value": inner + 14}, "text": {"field": "text"}},
        }
    ]


def curve_svg(chart: CurveChart, width: Width, ident: str) -> str:
    """Draw a curve; `ident` leads the ids of its title and description within the page.

    Raises:
        ConfigError: the package that draws is not installed.
    """
    try:
        import vl_convert  # noqa: PLC0415  an extra, needed only to draw
    except ImportError as error:
        raise ConfigError("extra.missing", package="vl-convert-python", extra="report") from error
    drawn: str = vl_convert.vegalite_to_svg(curve_specification(chart, width), allowed_base_urls=[])
    body = drawn[drawn.index(">") + 1 :]
    whole, height = _SIZE[width]
    title, about = f"{ident}-{width}-title", f"{ident}-{width}-about"
    return (
        f'<svg class="chart {width}" role="img" aria-labelledby="{title} {about}" '
        f'width="{whole}" height="{height}" viewBox="0 0 {whole} {height}">'
        f'<title id="{title}">{escape(chart.title)}</title>'
        f'<desc id="{about}">{escape(chart.description)}</desc>{body}'
    )
