"""The HTTP client at its edges: where it goes, what it shows to whom, whom it trusts. Real servers on loopback."""

from __future__ import annotations

import base64
import shutil
import threading
from collections.abc import Callable

import msgspec
import pytest

from datasources._toolkit import transport
from datasources._toolkit.http import HttpClient
from datasources._toolkit.limits import HttpLimits
from datasources._toolkit.transport import build_tls
from svodka.domain.clock import monotonic_s
from svodka.domain.errors import SourceContractBrokenError, SourceUnavailableError
from tests.contracts import hostile
from tests.contracts.cases import load_cases
from tests.contracts.hostile import MIB, Handler, HostileServer, answer
from tests.contracts.papers import speak_tls

OK = answer(b"[]")
HERE = {"allow_private": True}


@pytest.fixture
def client(clock):
    """Build clients."""
    built: list[HttpClient] = []

    def build(home: str = "", **limits: object) -> HttpClient:
        built.append(HttpClient(msgspec.convert(limits, HttpLimits), clock, home=home))
        return built[-1]

    yield build
    for each in built:
        each.close()


@pytest.fixture
def secret(tmp_path) -> Callable[..., str]:
    def write(text: str, *, mode: int = 0o600) -> str:
        path = tmp_path / f"secret-{abs(hash(text))}"
        path.write_text(text)
        path.chmod(mode)
        return str(path)

    return write


@pytest.mark.attack(56)
@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "[::ffff:127.0.0.1]"],
)
def test_a_private_address_is_refused_however_it_is_written(server, client, host):
    server.behaviour = OK
    with pytest.raises(SourceContractBrokenError, match=r"private address|none of http"):
        client(connect_s=2.0).fetch(f"http://{host}:{server.server_port}/")
    assert server.paths == []


@pytest.mark.attack(56)
def test_a_private_address_is_asked_where_the_operator_allows_it(server, client):
    server.behaviour = OK
    client(allow_private=True).fetch(server.url)
    client(allowed_hosts=["LOCALHOST"]).fetch(f"http://localhost:{server.server_port}/")
    with pytest.raises(SourceContractBrokenError, match="private"):
        client(allowed_hosts=["localhost"]).fetch(server.url)
    assert len(server.paths) == 2


@pytest.mark.attack(56)
@pytest.mark.parametrize("host", ["169.254.169.254", "[::]", "[::ffff:169.254.169.254]", "224.0.0.1", "[fe80::1]"])
def test_no_permission_reaches_what_no_source_is(client, host):
    with pytest.raises(SourceContractBrokenError, match="where no source is"):
        client(**HERE, allowed_hosts=[host]).fetch(f"http://{host}/latest/meta-data")


@pytest.mark.attack(56)
@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "gopher://127.0.0.1/", "ftp://a.test/", "http://", "http://１２７.0.0.1/", "//a"]
)
def test_only_http_addresses_are_asked(client, url):
    with pytest.raises((SourceContractBrokenError, SourceUnavailableError)):
        client(connect_s=1.0).fetch(url)


@pytest.mark.attack(56)
def test_the_address_that_is_checked_is_the_address_that_is_connected_to(client, monkeypatch):
    """A name that is public when it is checked and private a moment later: it is resolved once."""
    answers = [["93.184.216.34"], ["127.0.0.1"]]
    connected: list[tuple[str, int]] = []

    def resolve(_host, _port):
        return [(0, 0, 0, "", (address, 0)) for address in answers.pop(0)]

    def connect(address, *_rest, **_more):
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(transport, "getaddrinfo", resolve)
    monkeypatch.setattr("socket.create_connection", connect)
    with pytest.raises(SourceUnavailableError):
        client().fetch("http://rebind.test/")
    assert connected == [("93.184.216.34", 80)]
    answers[:] = [["93.184.216.34", "127.0.0.1"]]
    with pytest.raises(SourceContractBrokenError, match="private"):
        client().fetch("http://rebind.test/")
    assert len(connected) == 1


@pytest.mark.attack(60)
def test_a_name_server_that_hangs_ends_in_time(client, monkeypatch):
    ended = threading.Event()

    def hang(_host, _port):
        ended.wait(20)
        return []

    monkeypatch.setattr(transport, "getaddrinfo", hang)
    begun_s = monotonic_s()
    with pytest.raises(SourceUnavailableError, match="ConnectTimeout"):
        client(connect_s=0.3).fetch("http://slow.test/")
    assert monotonic_s() - begun_s < 3
    ended.set()


@pytest.mark.attack(65)
@pytest.mark.parametrize(
    ("kept", "expected"),
    [
        (("authorization_file", "Key hunter2"), {"Authorization": "Key hunter2"}),
        (("bearer_file", "hunter2\n"), {"Authorization": "Bearer hunter2"}),
        (("basic_file", "u:hunter2"), {"Authorization": "Basic " + base64.b64encode(b"u:hunter2").decode()}),
        (("header_files", "hunter2"), {"X-Api-Key": "hunter2"}),
    ],
)
def test_a_secret_is_shown_to_the_sources_own_server_alone(server, client, secret, kept, expected):
    key, text = kept
    path = secret(text)
    server.behaviour = OK
    asked = client(home=server.url, **HERE, **{key: {"X-Api-Key": path} if key == "header_files" else path})
    asked.fetch(f"{server.url}/list")
    assert server.request_headers[0].items() >= expected.items()
    with hostile.hostile_server() as elsewhere:
        elsewhere.behaviour = OK
        asked.fetch(f"{elsewhere.url}/linked")
        assert not expected.keys() & elsewhere.request_headers[0].keys()


@pytest.mark.attack(64)
def test_a_secret_that_others_may_read_or_that_is_none_is_refused(server, client, secret, tmp_path):
    server.behaviour = OK
    (tmp_path / "empty").touch(mode=0o600)
    unusable = [secret("hunter2", mode=0o644), secret("hunter2\r\nX: y"), str(tmp_path / "absent"), str(tmp_path)]
    for path in (*unusable, str(tmp_path / "empty")):
        with pytest.raises(SourceContractBrokenError, match=r"http\.bearer_file") as caught:
            client(bearer_file=path, **HERE).fetch(server.url)
        assert "hunter2" not in str(caught.value)
    assert server.paths == []


@pytest.mark.attack(65)
def test_a_cookie_of_the_source_is_not_sent_back(server, client):
    server.behaviour = answer(b"[]", Set_Cookie="session=hunter2; Path=/")
    asked = client(**HERE)
    asked.fetch(server.url)
    asked.fetch(server.url)
    assert "Cookie" not in server.request_headers[1]


class Tokens:
    """A server of tokens and of data; each token is good until it is taken back."""

    def __init__(self, **grant: object) -> None:
        self.grant = grant
        self.forms: list[str] = []
        self.good = ""

    def __call__(self, handler: Handler) -> None:
        if handler.command == "POST":
            self.forms.append(handler.rfile.read(int(handler.headers["Content-Length"])).decode())
            self.good = f"token{len(self.forms)}"
            answer(msgspec.json.encode({"access_token": self.good, "token_type": "bearer", **self.grant}))(handler)
        elif handler.headers["Authorization"] == f"Bearer {self.good}":
            OK(handler)
        else:
            answer(b"{}", status=401)(handler)


@pytest.fixture
def tokens(monkeypatch) -> Tokens:
    monkeypatch.setattr(Handler, "do_POST", Handler.do_GET, raising=False)
    return Tokens(expires_in=600)


def _oauth(server: HostileServer, path: str, **more: object) -> dict[str, object]:
    return {"oauth": {"token_url": f"{server.url}/token", "client_file": path, **more}, **HERE}


def test_a_token_is_kept_until_it_expires_and_fetched_again_after_a_401(server, client, secret, tokens, clock):
    server.behaviour = tokens
    asked = client(home=server.url, **_oauth(server, secret("id:hunter2"), scope="read"))
    for _ in range(3):
        asked.fetch(server.url)
    assert tokens.forms == ["grant_type=client_credentials&scope=read"]
    assert server.request_headers[0]["Authorization"] == "Basic " + base64.b64encode(b"id:hunter2").decode()
    clock.advance(seconds=601)
    asked.fetch(server.url)
    assert len(tokens.forms) == 2
    tokens.good = "another"
    asked.fetch(server.url)
    assert len(tokens.forms) == 3


def test_a_source_that_takes_no_token_is_asked_twice_and_no_more(server, client, secret, tokens):
    def refusing(handler: Handler) -> None:
        if handler.command == "POST":
            tokens(handler)
        else:
            answer(b"{}", status=401)(handler)

    server.behaviour = refusing
    with pytest.raises(SourceContractBrokenError, match="401"):
        client(home=server.url, **_oauth(server, secret("id:hunter2"), send="body")).fetch(server.url)
    assert len(server.paths) == 4
    assert tokens.forms[0] == "grant_type=client_credentials&client_id=id&client_secret=hunter2"


@pytest.mark.attack(64)
@pytest.mark.parametrize(
    "grant", [{"access_token": ""}, {"access_token": 5}, {"token_type": "mac"}, {"access_token": "a\nhunter2"}]
)
def test_a_server_of_tokens_that_gives_none_is_refused_without_repeating_it(server, client, secret, tokens, grant):
    tokens.grant = grant
    server.behaviour = tokens
    with pytest.raises(SourceContractBrokenError, match="without a bearer token") as caught:
        client(home=server.url, **_oauth(server, secret("id:hunter2"))).fetch(server.url)
    assert "hunter2" not in str(caught.value)


def huge_head(handler: Handler) -> None:
    """Header lines of 10 MB."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for _ in range(160):
        handler.wfile.write(b"X: " + b"y" * 65_533 + b"\r\n")


def endless_interim(handler: Handler) -> None:
    """Says "wait" for ever."""
    while not handler.server.ended.wait(0.01):
        handler.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")


@pytest.mark.attack(60)
@pytest.mark.parametrize("behaviour", [huge_head, endless_interim])
def test_a_head_without_end_is_cut_off(server, client, behaviour):
    server.behaviour = behaviour
    begun_s = monotonic_s()
    with pytest.raises(SourceUnavailableError):
        client(read_s=0.5, total_s=1.0, **HERE).fetch(server.url)
    assert monotonic_s() - begun_s < 4


@pytest.mark.attack(58)
@pytest.mark.parametrize("encoding", ["deflate", "br", "zstd", "gzip, gzip"])
def test_an_encoding_that_nobody_asked_for_is_not_unpacked(server, client, encoding):
    server.behaviour = answer(b"\x78\x9c" + b"\x00" * 64, Content_Encoding=encoding)
    with pytest.raises(SourceContractBrokenError, match="nobody asked for"):
        client(max_bytes=MIB, **HERE).fetch(server.url)


def test_an_extra_root_certificate_is_trusted(server, client, papers):
    url = speak_tls(server, papers, "good")
    assert client(ca_file=str(papers / "ca.pem"), **HERE).fetch(url).body == b"[]"


@pytest.mark.attack(61)
@pytest.mark.parametrize(
    ("name", "says"),
    [("good", "issuer"), ("expired", "expired"), ("other", "IP address mismatch")],
)
def test_a_certificate_that_is_wrong_is_a_matter_for_the_operator(server, client, papers, name, says):
    url = speak_tls(server, papers, name)
    extra = {"ca_file": str(papers / "ca.pem")} if name != "good" else {}
    with pytest.raises(SourceContractBrokenError, match=f"cannot be trusted: .*{says}"):
        client(**extra, **HERE).fetch(url)
    assert server.paths == []


@pytest.mark.attack(61)
def test_a_source_that_speaks_no_tls_is_not_asked_without_it(server, client):
    server.behaviour = OK
    with pytest.raises((SourceContractBrokenError, SourceUnavailableError)):
        client(total_s=3.0, **HERE).fetch(server.url.replace("http:", "https:"))
    assert server.paths == []


def test_a_client_certificate_is_shown_to_a_server_that_wants_one(server, client, papers):
    url = speak_tls(server, papers, "good", wants_client=True)
    root = {"ca_file": str(papers / "ca.pem"), **HERE}
    mine = {"client_cert_file": str(papers / "client.pem"), "client_key_file": str(papers / "client.key")}
    assert client(**root, **mine).fetch(url).body == b"[]"
    with pytest.raises((SourceContractBrokenError, SourceUnavailableError)):
        client(**root).fetch(url)
    with pytest.raises(SourceContractBrokenError, match="client_key_file"):
        client(**root, **mine | {"client_key_file": str(papers / "absent")}).fetch(url)


@pytest.mark.attack(61)
def test_papers_are_read_once_and_again_when_they_change_and_no_refusal_lasts(server, client, papers, tmp_path):
    url = speak_tls(server, papers, "good", wants_client=True)
    names = {"ca_file": "ca.pem", "client_cert_file": "client.pem", "client_key_file": "client.key"}
    for name in names.values():
        shutil.copy(papers / name, tmp_path / name)
    mine = {key: str(tmp_path / name) for key, name in names.items()} | HERE
    assert client(**mine).fetch(url).body == b"[]"
    assert build_tls(HttpLimits(**mine)) is build_tls(HttpLimits(**mine))
    assert build_tls(HttpLimits(**mine)) is not build_tls(HttpLimits(**HERE))

    shutil.copy(papers / "self.pem", tmp_path / "ca.pem")
    with pytest.raises(SourceContractBrokenError, match="cannot be trusted"):
        client(**mine).fetch(url)
    (tmp_path / "ca.pem").write_text("no certificate")
    with pytest.raises(SourceContractBrokenError, match="ca_file"):
        client(**mine).fetch(url)
    shutil.copy(papers / "ca.pem", tmp_path / "ca.pem")
    assert client(**mine).fetch(url).body == b"[]"

    (tmp_path / "client.key").chmod(0o644)
    with pytest.raises(SourceContractBrokenError, match="0600"):
        client(**mine).fetch(url)


@pytest.mark.attack(65)
def test_linked_hosts_are_trusted_by_the_sources_roots_and_see_nothing_of_its_secrets(server, connect, papers):
    """A feed that links to another host: its roots count there, its client certificate is not shown there."""
    entry = '<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id><link href="{}"/></entry></feed>'
    http = {
        "ca_file": str(papers / "ca.pem"),
        "client_cert_file": str(papers / "client.pem"),
        "client_key_file": str(papers / "client.key"),
    }
    found = []
    for wants_client in (False, True):
        with hostile.hostile_server() as elsewhere:
            url = speak_tls(elsewhere, papers, "good", wants_client=wants_client)
            elsewhere.behaviour = answer(
                next(case for case in load_cases() if case.name == "cap-alert").page, content_type="text/xml"
            )
            server.behaviour = answer(entry.format(url).encode(), content_type="application/atom+xml")
            source = next(case for case in load_cases() if case.name == "cap-atom").source
            params = source.params | {"http": http, "link_hosts": [f"127.0.0.1:{elsewhere.server_port}"]}
            result = connect(msgspec.structs.replace(source, params=params)).poll(None)
            found.append((len(result.records), len(elsewhere.paths)))
    assert found == [(1, 1), (0, 0)]
