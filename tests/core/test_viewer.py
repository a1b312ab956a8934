"""Who may see whose claims: a table of cases, and what no viewer gets round."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_expenses.core.party import AccountManager
from crm_expenses.core.viewer import SYSTEM, Viewer, viewer_of
from crm_expenses.errors import RefusedError, exit_code

PEOPLE = {
    person.id: person
    for person in (
        AccountManager("head", "H"),
        AccountManager("lead", "L", manager="head", team="East"),
        AccountManager("ada", "A", manager="lead", team="East"),
        AccountManager("bob", "B", manager="lead", team="East"),
        AccountManager("eve", "E", manager="other", team="East"),
        AccountManager("other", "O", manager="head", team="West"),
        AccountManager("one", "1", manager="two"),
        AccountManager("two", "2", manager="one"),
        AccountManager("self", "S", manager="self"),
    )
}
ROLES = {"finance": ("fin",), "auditor": ("aud", "bob"), "travel_desk": ("desk",)}

CASES = [
    # who looks, whose it is, may they see it
    ("ada", "ada", True),
    ("ada", "bob", False),  # one team is no reason
    ("ada", "lead", False),
    ("lead", "ada", True),
    ("lead", "eve", False),  # of the team by name, but somebody else's to lead
    ("lead", "head", False),
    ("lead", "other", False),
    ("head", "ada", True),  # two levels down
    ("head", "eve", True),
    ("fin", "head", True),
    ("aud", "ada", True),
    ("bob", "head", True),  # an auditor who spends, too
    ("desk", "ada", False),  # another role
    ("one", "two", True),  # a circle: each leads the other, and the walk ends
    ("two", "one", True),
    ("one", "ada", False),
    ("self", "self", True),
    ("self", "ada", False),
    ("nobody", "nobody", True),  # not in the organisation
    ("nobody", "ada", False),
    ("", "ada", False),
    ("", "", False),
    ("ada", "", False),  # what belongs to nobody
    ("fin", "", True),
]


@pytest.mark.parametrize(("viewer", "owner", "may"), CASES)
def test_who_may_see(viewer: str, owner: str, may: bool) -> None:  # noqa: FBT001  a table
    """The answer is as in the table, and a refusal says so and nothing of the owner."""
    looks = viewer_of(viewer, PEOPLE, ROLES)
    assert looks.may_see(owner) is may
    if may:
        looks.demand(owner, "C-1")
        return
    with pytest.raises(RefusedError) as caught:
        looks.demand(owner, "C-1")
    assert (caught.value.code, exit_code(caught.value)) == ("viewer.refused", 4)
    for said in (caught.value.describe("en"), caught.value.describe("zh")):
        assert "C-1" in said
        assert "{" not in said
        assert not owner or owner == viewer or f" {owner} " not in said


def test_the_package_itself() -> None:
    """A sync sees everything, and is nobody."""
    assert (SYSTEM.person, SYSTEM.may_see("ada"), SYSTEM.may_see("")) == ("", True, True)


NAMES = st.sampled_from("abcdef")


@given(st.dictionaries(NAMES, NAMES), NAMES)
def test_a_viewer_sees_down_and_never_up(managers: dict[str, str], name: str) -> None:
    """In any organisation, circles too, one sees just oneself and whom a walk down reaches."""
    people = {one: AccountManager(one, one, manager=boss) for one, boss in managers.items()}
    looks = viewer_of(name, people, {})
    for other in managers:
        above, boss = set[str](), managers.get(other, "")
        while boss and boss not in above:
            above.add(boss)
            boss = managers.get(boss, "")
        assert looks.may_see(other) == (other == name or name in above)
    assert not looks.sees_all
    assert Viewer(name).people == frozenset()
