"""The registry, with distributions that are really there: metadata and modules in a folder."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from crm_expenses.adapters.contract import Opening
from crm_expenses.adapters.memory import MemoryAdapter
from crm_expenses.adapters.registry import GROUP, adapter_names, open_adapter
from crm_expenses.errors import ConfigError

Install = Callable[..., None]
FILES = "crm_expenses.adapters.files"

ADAPTER = """
from crm_expenses.adapters.memory import MemoryAdapter

def make(opening):
    made = MemoryAdapter(opening.name, page_size=opening.options.get("page_size", 7))
    made.base = opening.base
    return made

def half(opening):
    return object()

def sad(opening):
    from crm_expenses.errors import ConfigError
    raise ConfigError("extra.missing", package="duckdb", extra="duckdb")

thing = 3
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Give a function that installs a distribution with entry points and maybe a module."""
    monkeypatch.syspath_prepend(str(tmp_path))
    modules: list[str] = []

    def install(
        distribution: str, entries: dict[str, str], module: str = "", code: str = ""
    ) -> None:
        info = tmp_path / f"{distribution.replace('-', '_')}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n"
        )
        lines = [f"{name} = {value}" for name, value in entries.items()]
        (info / "entry_points.txt").write_text("\n".join([f"[{GROUP}]", *lines, ""]))
        if module:
            (tmp_path / f"{module}.py").write_text(code)
            modules.append(module)

    yield install
    for module in modules:
        sys.modules.pop(module, None)


def test_built_in_adapter_is_known_without_metadata() -> None:
    """`files` is there even when the package runs from a source folder."""
    assert "files" in adapter_names()


def test_plug_in_is_opened_with_its_settings(install: Install, tmp_path: Path) -> None:
    """An installed adapter is opened with the connection's name, its options and the folder."""
    install("acme-crm", {"acme": "acme_a:make"}, "acme_a", ADAPTER)
    assert {"acme", "files"} <= set(adapter_names())
    opened = open_adapter("acme", Opening("main", {"page_size": 2}, tmp_path))
    assert opened.name == "main"
    assert vars(opened)["base"] == tmp_path
    assert vars(opened)["_page_size"] == 2


def test_unknown_name_lists_the_known_and_the_nearest(install: Install, tmp_path: Path) -> None:
    """A misspelt name is told which there are and which is nearest, in both languages."""
    install("acme-crm", {"acme": "acme_b:make"}, "acme_b", ADAPTER)
    with pytest.raises(ConfigError) as caught:
        open_adapter("flies", Opening("main", {}, tmp_path))
    assert caught.value.code == "registry.unknown"
    for said in (caught.value.describe("en"), caught.value.describe("zh")):
        assert "acme, files" in said
        assert "flies" in said
    assert "Nearest: files" in caught.value.describe("en")


def test_name_claimed_twice_is_an_error_that_names_both(install: Install, tmp_path: Path) -> None:
    """Two distributions with one name: neither wins silently; other names still work."""
    install("acme-crm", {"acme": "acme_c:make", "solo": "acme_c:make"}, "acme_c", ADAPTER)
    install("bcme-crm", {"acme": "acme_c:make"})
    with pytest.raises(ConfigError) as caught:
        open_adapter("acme", Opening("main", {}, tmp_path))
    assert caught.value.code == "registry.claimed_twice"
    assert "acme-crm, bcme-crm" in caught.value.describe("zh")
    assert open_adapter("solo", Opening("main", {}, tmp_path)).name == "main"


def test_built_in_name_cannot_be_taken_over(install: Install, tmp_path: Path) -> None:
    """A plug-in that calls itself `files` is an error, not a replacement."""
    install("evil-crm", {"files": "acme_d:make"}, "acme_d", ADAPTER)
    with pytest.raises(ConfigError) as caught:
        open_adapter("files", Opening("main", {}, tmp_path))
    assert caught.value.code == "registry.claimed_twice"
    assert "crm-expenses, evil-crm" in str(caught.value)


def test_our_own_metadata_beside_the_built_in_is_one_claim(
    install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Installed, our own entry point and the built-in one are the same, however it is spelt."""
    install("CRM_Expenses", {"files": f"{FILES}:open_adapter"})
    module = ModuleType(FILES)
    module.open_adapter = lambda opening: MemoryAdapter(opening.name)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, FILES, module)
    assert open_adapter("files", Opening("main", {}, tmp_path)).name == "main"


@pytest.mark.parametrize(
    ("code", "detail"),
    [
        ("import no_such_module_at_all", "ModuleNotFoundError"),
        ("raise RuntimeError('boom')", "RuntimeError: boom"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("def", "SyntaxError"),
        ("", "AttributeError"),
    ],
)
def test_broken_plug_in_harms_only_who_asks_for_it(
    install: Install, tmp_path: Path, code: str, detail: str
) -> None:
    """A plug-in that fails to import is an error when it is asked for, and only then."""
    install("bad-crm", {"bad": "bad_plug_in:make"}, "bad_plug_in", code)
    install("acme-crm", {"acme": "acme_e:make"}, "acme_e", ADAPTER)
    assert "bad" in adapter_names()
    assert open_adapter("acme", Opening("main", {}, tmp_path)).name == "main"
    assert "bad_plug_in" not in sys.modules
    with pytest.raises(ConfigError) as caught:
        open_adapter("bad", Opening("main", {}, tmp_path))
    assert caught.value.code == "registry.broken"
    for said in (caught.value.describe("en"), caught.value.describe("zh")):
        assert detail in said
        assert "bad-crm" in said


@pytest.mark.parametrize(
    ("target", "code"), [("thing", "registry.not_callable"), ("half", "registry.no_adapter")]
)
def test_what_is_no_adapter_is_refused(
    install: Install, tmp_path: Path, target: str, code: str
) -> None:
    """What cannot be called, and what is called but gives no adapter, is an error that says so."""
    install("odd-crm", {"odd": f"odd_plug_in:{target}"}, "odd_plug_in", ADAPTER)
    with pytest.raises(ConfigError) as caught:
        open_adapter("odd", Opening("main", {}, tmp_path))
    assert caught.value.code == code
    assert "odd-crm" in caught.value.describe("zh")


def test_own_errors_of_a_factory_pass_through(install: Install, tmp_path: Path) -> None:
    """A factory that misses an extra says so in its own words."""
    install("sad-crm", {"sad": "sad_plug_in:sad"}, "sad_plug_in", ADAPTER)
    with pytest.raises(ConfigError) as caught:
        open_adapter("sad", Opening("main", {}, tmp_path))
    assert caught.value.code == "extra.missing"
