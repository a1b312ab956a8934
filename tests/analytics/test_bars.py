"""The drawing of bars: specification, geometry, and the SVG that comes out."""

import json
import re
import sys
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_expenses.analytics.bars import (
    INK,
    SHADES,
    WIDTHS,
    Bar,
    BarChart,
    Segment,
    Width,
    specification,
    steps,
    svg,
)
from crm_expenses.errors import ConfigError

HOSTILE = '<script>alert(1)</script>\u202e"&\x00\ud800'


def chart(
    name: str = "a", *, ticks: tuple[tuple[int, str], ...] = ((0, "0"), (10, "10"))
) -> BarChart:
    """One bar of two parts."""
    parts = (Segment(0, 4, "part1", "1"), Segment(4, 9, "part2", "2"))
    return BarChart("A title", "What it shows", (Bar(name, parts, "9", "9"),), ticks, 5)


@given(st.integers(-(10**15), 10**15), st.integers(-(10**15), 10**15), st.integers(1, 10))
def test_steps_cover(one: int, other: int, count: int) -> None:
    """The steps are even, cover both ends and zero, and are not many more than asked for."""
    low, high = sorted((one, other))
    made = steps(low, high, count)
    assert made[0] <= low
    assert made[-1] >= high
    assert 0 in made
    assert 2 <= len(made) <= count + 3
    assert len({b - a for a, b in pairwise(made)}) == 1


@pytest.mark.parametrize("width", WIDTHS)
def test_specification_is_plain_json(width: Width) -> None:
    """A specification is data: it survives JSON, and holds no address but its schema."""
    made = specification(chart(), width)
    again = json.loads(json.dumps(made))
    assert again == made
    schema = again.pop("$schema")
    assert schema.startswith("https://vega.github.io/schema/vega-lite/")
    assert "://" not in json.dumps(again)


@pytest.mark.parametrize("width", WIDTHS)
def test_svg_has_title_and_description(width: Width) -> None:
    """A screen reader hears a picture with title and description."""
    drawn = svg(chart(), width, "x")
    assert drawn.startswith(
        f'<svg class="chart {width}" role="img" aria-labelledby="x-{width}-title'
    )
    assert f'<title id="x-{width}-title">A title</title>' in drawn
    assert f'<desc id="x-{width}-about">What it shows</desc>' in drawn


@pytest.mark.parametrize("width", WIDTHS)
def test_svg_is_inert(width: Width) -> None:
    """A hostile name is text in the drawing: no script, no style, no link, no address."""
    found: list[str] = []
    texts: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.append(tag)
            found.extend(name for name, _ in attrs)

        def handle_data(self, data: str) -> None:
            texts.append(data)

    drawn = svg(chart(HOSTILE), width, "x")
    drawn.encode()
    Reader(convert_charrefs=True).feed(drawn)
    assert not {"script", "style", "a", "image", "use", "foreignobject"} & set(found)
    assert not [name for name in found if name.startswith("on") or "href" in name]
    assert "url(" not in drawn
    assert "://" not in drawn
    assert any("alert(1)" in text for text in texts)
    assert "\u202e" not in drawn


def test_svg_ids_are_those_we_gave() -> None:
    """No id of the drawing library can meet another one on the page."""
    assert re.findall(r' id="([^"]*)"', svg(chart(), "wide", "x")) == [
        "x-wide-title",
        "x-wide-about",
    ]


@pytest.mark.parametrize("width", WIDTHS)
def test_texts_of_the_axis_do_not_meet(width: Width) -> None:
    """Where numbers are long, fewer of them are written; zero always is."""
    ticks = tuple((n * 10**11, f"{n * 10**9:,}") for n in range(-5, 6))
    drawn = svg(chart(ticks=ticks), width, "x")
    spots = re.findall(
        r'text-anchor="(\w+)" transform="translate\(([-0-9.]+),[0-9.]+\)"[^>]*>(-?[0-9,]+,000)<',
        drawn,
    )
    spans = sorted(
        (
            float(x) - len(text) * 6.6 * {"start": 0, "middle": 0.5, "end": 1}[anchor],
            len(text) * 6.6,
        )
        for anchor, x, text in spots
    )
    assert len(spans) >= 2
    assert all(a + size <= b for (a, size), (b, _) in pairwise(spans))
    assert ">0<" in drawn


def luminance(colour: str) -> float:
    """Relative luminance by WCAG 2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio by WCAG 2."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_colours_have_contrast() -> None:
    """Numbers on parts and text on the page reach 4.5, and every bar stands out from white by 3."""
    parts = [fill for shade, (fill, _) in SHADES.items() if shade.startswith("part")]
    assert len(set(parts)) == 7
    assert all(contrast(fill, "#ffffff") >= 4.5 for fill in [*parts, INK])
    others = [both for shade, both in SHADES.items() if not shade.startswith("part")]
    assert all(max(contrast(c, "#ffffff") for c in both) >= 3 for both in others)
    assert contrast(SHADES["spent"][0], SHADES["committed"][0]) >= 3


def test_missing_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the drawing package the error names it and its extra."""
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    with pytest.raises(ConfigError) as caught:
        svg(chart(), "wide", "x")
    assert caught.value.code == "extra.missing"
    assert "crm-expenses[report]" in caught.value.describe("en")
