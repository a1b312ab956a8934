"""Files of the simulator: attachments, files for fields, and what is refused of them."""

from collections.abc import Iterator

import pytest
from zohosim_caller import Caller, Got, small_org

from crm_expenses.testing.zohosim import Fault, Switches, ZohoSim


@pytest.fixture
def sim() -> Iterator[ZohoSim]:
    """Give a running simulator."""
    org = small_org(attachment_bytes_max=1_000, file_bytes_max=100)
    with ZohoSim(org) as running:
        yield running


@pytest.fixture
def caller(sim: ZohoSim) -> Iterator[Caller]:
    """Give who calls it."""
    with Caller(sim) as held:
        yield held


@pytest.fixture
def claim(sim: ZohoSim) -> str:
    """Give a claim."""
    return sim.org.put("Claims", {"Name": "C-1"})


def upload(caller: Caller, path: str, *files: tuple[str, bytes]) -> Got:
    """Send files as a form does."""
    body = b""
    for name, content in files:
        head = f'Content-Disposition: form-data; name="file"; filename="{name}"'
        body += f"--mark\r\n{head}\r\nContent-Type: x/y\r\n\r\n".encode() + content + b"\r\n"
    kind = "multipart/form-data; boundary=mark"
    return caller.send("POST", f"/crm/v8/{path}", body + b"--mark--\r\n", Content_Type=kind)


def test_an_attachment(caller: Caller, claim: str) -> None:
    """It comes down as it went up, with its name; its list needs fields."""
    content = bytes(range(256)) + b"\r\n--mar\r\n--"
    path = f"Claims/{claim}/Attachments"
    got = upload(caller, path, ("发票.pdf", content))
    assert (got.status, got.codes) == (200, ["SUCCESS"])
    assert caller.get(path).code == "REQUIRED_PARAM_MISSING"
    (told,) = caller.get(path, fields="File_Name,Size,Parent_Id").json["data"]
    assert (told["File_Name"], told["Size"]) == ("发票.pdf", str(len(content)))
    assert told["Parent_Id"] == {"name": "C-1", "id": claim}
    assert "$file_id" in told
    down = caller.get(f"{path}/{told['id']}")
    assert down.body == content
    assert down.headers["content-disposition"].endswith("%E5%8F%91%E7%A5%A8.pdf")
    assert caller.send("DELETE", f"/crm/v8/{path}/{told['id']}").codes == ["SUCCESS"]
    assert caller.get(path, fields="id").status == 204
    assert caller.send("DELETE", f"/crm/v8/{path}?ids={told['id']}").status == 400


def test_an_attachment_is_refused(caller: Caller, claim: str) -> None:
    """Two files, one too large, none, no form, no record, a virus."""
    path = f"Claims/{claim}/Attachments"
    assert upload(caller, path, ("a", b"1"), ("b", b"2")).status == 400
    assert upload(caller, path, ("a", b"x" * 1_001)).status == 413
    assert upload(caller, path, ("a", b"x" * 1_000)).status == 200
    assert upload(caller, path).status == 400
    assert caller.post(f"/crm/v8/{path}", {}).status == 415
    assert upload(caller, "Claims/400001000000999999/Attachments", ("a", b"1")).status == 400
    caller.sim.faults.add(Fault.VIRUS_DETECTED)
    assert upload(caller, path, ("a", b"1")).code == "VIRUS_DETECTED"
    assert len(caller.sim.org.files.of("Claims", claim)) == 1


def test_an_attachment_of_another_record(caller: Caller, claim: str) -> None:
    """It is not there for who asks at the wrong record."""
    other = caller.sim.org.put("Claims", {"Name": "C-2"})
    file = caller.sim.org.files.attach("Claims", claim, "a", b"1")
    assert caller.get(f"Claims/{claim}/Attachments/{file}").body == b"1"
    assert caller.get(f"Claims/{other}/Attachments/{file}").status == 204
    assert caller.get(f"Claims/{other}/Attachments", fields="id").status == 204


def test_whether_an_attachment_moves_its_record(caller: Caller, claim: str) -> None:
    """It is a switch whether Modified_Time goes on with a new file."""
    org = caller.sim.org
    before = (org.record("Claims", claim) or {})["Modified_Time"]
    org.clock.on(seconds=5)  # type: ignore[attr-defined]
    org.files.attach("Claims", claim, "a", b"1")
    assert (org.record("Claims", claim) or {})["Modified_Time"] == before
    org.settings.switches = Switches(attachment_bumps_record=True)
    org.files.attach("Claims", claim, "b", b"1")
    assert (org.record("Claims", claim) or {})["Modified_Time"] != before


def test_files_for_a_field(caller: Caller, claim: str) -> None:
    """They go up first, ten at most, and a record takes them by their ids."""
    got = upload(caller, "files", ("a.txt", b"one"), ("b.txt", b"two"))
    ids = [row["details"]["id"] for row in got.json["data"]]
    row = {"id": claim, "Files": [{"File_Id__s": one} for one in ids]}
    assert caller.write("PUT", "Claims", row).codes == ["SUCCESS"]
    told = caller.get(f"Claims/{claim}").json["data"][0]["Files"]
    assert [one["File_Name__s"] for one in told] == ["a.txt", "b.txt"]
    assert caller.get("files", id=ids[1]).body == b"two"
    assert caller.get("files", id="nobody").status == 204
    assert upload(caller, "files", *[("a", b"1")] * 11).code == "LIMIT_EXCEEDED"
    large = upload(caller, "files", ("a", b"1"), ("b", b"x" * 101))
    assert large.status == 415, "one that is too large rejects all"
