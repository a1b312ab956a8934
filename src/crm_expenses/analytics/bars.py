"""The charts of a report: Vega-Lite specifications as plain data, drawn to SVG without a browser.

Every chart is a list of horizontal bars, because names in two languages need room to be read. All
positions of text are fixed here and never measured by the drawing library: a chart is the same on
a machine with other fonts. Bars are drawn from whole numbers.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final, Literal

from crm_expenses.analytics.numerals import chart_label, text_width
from crm_expenses.errors import ConfigError

Json = None | bool | int | str | list["Json"] | dict[str, "Json"]
Width = Literal["wide", "narrow"]
WIDTHS: Final[tuple[Width, ...]] = ("wide", "narrow")

INK: Final = "#1c2733"
GRID: Final = "#d5dbe1"
SHADES: Final[dict[str, tuple[str, str]]] = {
    "allocated": ("#eef1f4", "#7b8794"),
    "committed": ("#9cc3e6", "#1f5f99"),
    "spent": ("#1f5f99", "#1f5f99"),
    "over": ("#a3323b", "#a3323b"),
    "count": ("#1f5f99", "#1f5f99"),
    "gain": ("#1f5f99", "#1f5f99"),
    "loss": ("#f0d9db", "#a3323b"),
    "part1": ("#1f5f99", "#ffffff"),
    "part2": ("#a34f00", "#ffffff"),
    "part3": ("#2a7148", "#ffffff"),
    "part4": ("#84358a", "#ffffff"),
    "part5": ("#6b5d00", "#ffffff"),
    "part6": ("#a3323b", "#ffffff"),
    "part7": ("#566370", "#ffffff"),
}
"""Fill and outline by what a bar means. Each part carries a white number, readable on its fill."""

_FONT: Final = 12
_SMALL: Final = 11
_ROW: Final[dict[Width, int]] = {"wide": 24, "narrow": 44}
_BAR: Final = 16
_AXIS: Final = 26
_TOP: Final = 6
_WIDE: Final = 1072
_NARROW: Final = 336
"""Whole widths of a drawing."""

_NAME_MAX: Final = 360
_NOTE_MAX: Final = 250


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a bar from `start` to `end`; `mark` is a short text inside, if there is room."""

    start: int
    end: int
    shade: str
    mark: str = ""
    slim: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """One row: its name, its segments from the back to the front, and a note in words."""

    name: str
    segments: tuple[Segment, ...]
    note: str
    note_short: str = ""


@dataclass(frozen=True, slots=True)
class BarChart:
    """A chart with the title and description that a screen reader says.

    `ticks` are the values with a grid line and their text; the axis goes from the first to the
    last. `limit` is a value marked by a strong line.
    """

    title: str
    description: str
    bars: tuple[Bar, ...]
    ticks: tuple[tuple[int, str], ...]
    limit: int | None = None


def steps(low: int, high: int, count: int) -> tuple[int, ...]:
    """Give round values that cover `low` to `high` and zero, in at most about `count` steps.

    >>> steps(0, 937, 5), steps(-30, 100, 4), steps(0, 0, 3)
    ((0, 200, 400, 600, 800, 1000), (-50, 0, 50, 100), (0, 1))
    """
    low, high = min(low, 0), max(high, 0)
    least = max(1, -((low - high) // max(1, count)))
    power = 10 ** (len(str(least)) - 1)
    step = next(power * m for m in (1, 2, 5, 10) if power * m >= least)
    first, last = low // step, max(-(-high // step), low // step + 1)
    return tuple(step * at for at in range(first, last + 1))


def specification(chart: BarChart, width: Width) -> dict[str, Json]:
    """Give the Vega-Lite specification of a chart.

    >>> made = specification(BarChart("t", "d", (), ((0, "0"), (1, "1"))), "wide")
    >>> made["width"], made["height"]
    (952, 1)
    """
    left, plot, right = _columns(chart, width)
    row = _ROW[width]
    height = max(1, row * len(chart.bars))
    low, high = chart.ticks[0][0], chart.ticks[-1][0]
    x_scale: dict[str, Json] = {"domain": [low, high], "nice": False, "zero": False}
    y_scale: dict[str, Json] = {
        "domain": [0, height],
        "range": [0, height],
        "nice": False,
        "zero": False,
    }

    def x(field: str) -> Json:
        return {"field": field, "type": "quantitative", "scale": dict(x_scale), "axis": None}

    def y(field: str) -> Json:
        return {"field": field, "type": "quantitative", "scale": dict(y_scale), "axis": None}

    layers: list[Json] = [
        {
            "data": {"values": _lines(chart, width)},
            "mark": {"type": "rule"},
            "encoding": {
                "x": x("at"),
                "y": y("top"),
                "y2": {"field": "bottom"},
                "color": {"field": "ink", "type": "nominal", "scale": None},
            },
        },
        {
            "data": {"values": _segments(chart, width)},
            "mark": {"type": "rect", "strokeWidth": 1},
            "encoding": {
                "x": x("start"),
                "x2": {"field": "end"},
                "y": y("top"),
                "y2": {"field": "bottom"},
                "fill": {"field": "fill", "type": "nominal", "scale": None},
                "stroke": {"field": "line", "type": "nominal", "scale": None},
            },
        },
    ]
    if chart.limit is not None:
        layers.append(
            {
                "data": {
                    "values": [
                        {"at": chart.limit, "top": top, "bottom": bottom}
                        for top, bottom in _stretches(chart, width)
                    ]
                },
                "mark": {"type": "rule", "color": INK, "strokeWidth": 2, "strokeDash": [5, 3]},
                "encoding": {"x": x("at"), "y": y("top"), "y2": {"field": "bottom"}},
            }
        )
    for texts in _texts(chart, width):
        at: Json = x("at") if texts.on_scale else {"value": texts.x}
        layers.append(
            {
                "data": {"values": list(texts.values)},
                "mark": {
                    "type": "text",
                    "align": texts.align,
                    "baseline": "middle",
                    "fontSize": texts.size,
                    "color": texts.ink,
                },
                "encoding": {"x": at, "y": y("y"), "text": {"field": "text"}},
            }
        )
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": plot,
        "height": height,
        "autosize": {"type": "none"},
        "padding": {"left": left, "right": right, "top": _TOP, "bottom": _AXIS},
        "config": {"aria": False, "view": {"stroke": None}, "background": None},
        "layer": layers,
    }


def svg(chart: BarChart, width: Width, ident: str) -> str:
    """Draw a chart; `ident` leads the ids of its title and description within the page.

    Raises:
        ConfigError: the package that draws is not installed.
    """
    try:
        import vl_convert  # noqa: PLC0415  an extra, needed only to draw
    except ImportError as error:
        raise ConfigError("extra.missing", package="vl-convert-python", extra="report") from error
    drawn: str = vl_convert.vegalite_to_svg(specification(chart, width), allowed_base_urls=[])
    opening = _OPENING.match(drawn)
    if opening is None:
        raise AssertionError(f"not the opening of a drawing: {drawn[:80]}")
    title, about = f"{ident}-{width}-title", f"{ident}-{width}-about"
    head = (
        f'<svg class="chart {width}" role="img" aria-labelledby="{title} {about}" '
        f'width="{opening[1]}" height="{opening[2]}" viewBox="0 0 {opening[1]} {opening[2]}">'
        f'<title id="{title}">{escape(chart.title)}</title>'
        f'<desc id="{about}">{escape(chart.description)}</desc>'
    )
    return head + drawn[opening.end() :]


_OPENING: Final = re.compile(r'<svg [^>]*?width="([0-9]+)" height="([0-9]+)"[^>]*>')


@dataclass(frozen=True, slots=True)
class _Texts:
    """Texts of one look: all at the pixel `x`, or each at its own value `at` on the scale."""

    values: Sequence[Json]
    align: str
    x: int = 0
    on_scale: bool = False
    size: int = _FONT
    ink: str = INK


def _columns(chart: BarChart, width: Width) -> tuple[int, int, int]:
    """Give the widths of the names, of the bars and of the notes.

    On a wide page names and notes get what they need, up to a bound; on a narrow one they stand
    above the bars.
    """
    if width == "narrow":
        return 10, _NARROW - 20, 10
    names = max((text_width(bar.name, _FONT) for bar in chart.bars), default=0)
    notes = max((text_width(bar.note, _FONT) for bar in chart.bars), default=0)
    left, right = min(_NAME_MAX, max(60, names + 20)), min(_NOTE_MAX, max(60, notes + 24))
    return left, _WIDE - left - right, right


def _stretches(chart: BarChart, width: Width) -> list[tuple[int, int]]:
    """Give where upright lines run: through, or beside each bar where names stand above them."""
    if width == "wide":
        return [(0, _ROW[width] * len(chart.bars) + 4)]
    tops = [_bar_top(index, width) for index in range(len(chart.bars))]
    return [(top - 3, top + _BAR + 3) for top in tops]


def _lines(chart: BarChart, width: Width) -> list[Json]:
    return [
        {"at": at, "top": top, "bottom": bottom, "ink": INK if at == 0 else GRID}
        for at, _ in chart.ticks
        for top, bottom in _stretches(chart, width)
    ]


def _bar_top(index: int, width: Width) -> int:
    return index * _ROW[width] + (22 if width == "narrow" else 4)


def _segments(chart: BarChart, width: Width) -> list[Json]:
    rows: list[Json] = []
    for index, bar in enumerate(chart.bars):
        top = _bar_top(index, width)
        for part in bar.segments:
            fill, line = SHADES[part.shade]
            inset = 4 if part.slim else 0
            rows.append(
                {
                    "start": part.start,
                    "end": part.end,
                    "top": top + inset,
                    "bottom": top + _BAR - inset,
                    "fill": fill,
                    "line": line,
                }
            )
    return rows


def _texts(chart: BarChart, width: Width) -> list[_Texts]:
    left, plot, right = _columns(chart, width)
    names: list[Json] = []
    notes: list[Json] = []
    for index, bar in enumerate(chart.bars):
        top = _bar_top(index, width)
        if width == "narrow":
            note = bar.note_short or bar.note
            room = plot - text_width(note, _FONT) - 12
            names.append({"text": chart_label(bar.name, room, _FONT), "y": top - 9})
            notes.append({"text": note, "y": top - 9})
        else:
            middle = top + _BAR // 2
            names.append({"text": chart_label(bar.name, left - 14, _FONT), "y": middle})
            notes.append({"text": chart_label(bar.note, right - 14, _FONT), "y": middle})
    if width == "narrow":
        looks = [_Texts(names, "left"), _Texts(notes, "right", x=plot)]
    else:
        looks = [_Texts(names, "right", x=-10), _Texts(notes, "left", x=plot + 10)]
    marks = _Texts(_marks(chart, width), "center", on_scale=True, size=_SMALL, ink="#ffffff")
    return [texts for texts in (*looks, marks, *_tick_texts(chart, width)) if texts.values]


def _marks(chart: BarChart, width: Width) -> list[Json]:
    plot = _columns(chart, width)[1]
    reach = chart.ticks[-1][0] - chart.ticks[0][0]
    return [
        {
            "text": part.mark,
            "at": (part.start + part.end) // 2,
            "y": _bar_top(index, width) + _BAR // 2,
        }
        for index, bar in enumerate(chart.bars)
        for part in bar.segments
        if part.mark
        and abs(part.end - part.start) * plot >= (text_width(part.mark, _SMALL) + 6) * reach
    ]


def _tick_texts(chart: BarChart, width: Width) -> list[_Texts]:
    """Give the texts under the axis, as many as have room, zero always among them."""
    plot = _columns(chart, width)[1]
    height = _ROW[width] * len(chart.bars)
    widest = max(text_width(text, _SMALL) for _, text in chart.ticks)
    gap = plot // max(1, len(chart.ticks) - 1)
    every = max(1, -(-(widest * 3 // 2 + 6) // max(1, gap)))
    zero = next((i for i, (at, _) in enumerate(chart.ticks) if at == 0), 0)
    last = len(chart.ticks) - 1
    by_align: dict[str, list[Json]] = {"left": [], "center": [], "right": []}
    for index, (at, text) in enumerate(chart.ticks):
        if (index - zero) % every:
            continue
        align = "center"
        if width == "narrow" and index in (0, last):
            align = "left" if index == 0 else "right"
        by_align[align].append({"at": at, "text": text, "y": height + 14})
    return [
        _Texts(values, align, on_scale=True, size=_SMALL, ink="#3d4a57")
        for align, values in by_align.items()
    ]
