#!/usr/bin/env python3
"""TLS: streams over it as over plain sockets, certificates that change, clients that have some, and
handshakes that never end."""
import ipaddress
import json
import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import tempfile

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from system import PATIENCE, PROGRAM, TOP, Sluice, Stream, SystemTest, ask, main, wait_until

import clients
import metrics
from certificates import make_certificates, sign_client

SERVER = """
    publish: {key: test-key}
    delivery: {retry: 10ms, keepalive: 1s}
    tls: {certificate: FOLDER/server.pem, key: FOLDER/server.key, redirect: 8443}
"""


def copy(source, target):
    """As tools that renew certificates do it: the new file takes the old one's name whole."""
    shutil.copy(source, f"{target}.new")
    os.replace(f"{target}.new", target)


class Certificates:
    """Files of certificates/, and the pair that is in force as server.pem and server.key."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sluice-test-tls-"))
        make_certificates(self.folder)
        self.use("broker")

    def use(self, name, key=None):
        copy(self.folder / f"{name}.pem", self.folder / "server.pem")
        copy(self.folder / f"{key or name}.key", self.folder / "server.key")

    def client(self, certificate=None, version=None):
        context = ssl.create_default_context(cafile=self.folder / "ca.pem")
        context.check_hostname = False  # a certificate of another name is in force sometimes
        if certificate:
            context.load_cert_chain(self.folder / f"{certificate}.pem",
                                    self.folder / f"{certificate}.key")
        if version:
            context.minimum_version = context.maximum_version = version
        return context

    def config(self, text):
        return text.replace("FOLDER", str(self.folder))


class TlsTest(SystemTest):
    @classmethod
    def setUpClass(cls):
        cls.certificates = Certificates()
        cls.addClassCleanup(shutil.rmtree, cls.certificates.folder, ignore_errors=True)
        cls.trusting = cls.certificates.client()

    def node(self, config=SERVER, **options):
        self.certificates.use("broker")
        return self.enterContext(Sluice(self.certificates.config(config), tls=self.trusting,
                                        **options))

    def subject(self, node):
        """The common name of the certificate that is served now."""
        with socket.create_connection(node.address, 20 * PATIENCE) as plain:
            with self.trusting.wrap_socket(plain) as connection:
                names = dict(pair[0] for pair in connection.getpeercert()["subject"])
                return names["commonName"]


class Streams(TlsTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        config = cls.certificates.config(SERVER)
        cls.shared = cls.enterClassContext(Sluice(config, tls=cls.trusting))

    def test_comeOverBothVersions(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            with self.subTest(version=version.name):
                channel = f"news/{version.name}"
                context = self.certificates.client(version=version)
                with Stream(self.shared.address, f"/events/{channel}", tls=context) as stream:
                    stream.read_until(lambda reader: reader.controls("open"))
                    self.shared.publish_numbers(channel, 0, 100)
                    self.assert_numbers(stream.read_events(100), 0, 100)
                    self.assert_clean(stream)

    def test_resumeByTheIdOfTheLastEvent(self):
        self.shared.publish_numbers("resumed", 0, 10)
        with self.shared.stream("/events/resumed?from=earliest") as stream:
            events = stream.read_events(5)
        with self.shared.stream("/events/resumed", events[-1].last_id) as stream:
            self.assert_numbers(stream.read_events(5), 5, 10)

    def test_keepEveryByteOfReadersThatReadInBits(self):
        """Records are cut anywhere by a small window: nothing is lost, doubled or mixed up."""
        text = "x" * 2_000
        with self.shared.stream("/events/slow", receive_buffer=4_096) as stream:
            stream.read_until(lambda reader: reader.controls("open"))
            for n in range(40):
                self.shared.publish([{"channel": "slow", "data": f"{n} {i} {text}"}
                                     for i in range(50)])
            stream.read_until(lambda reader: len(reader.user_events) >= 2_000, 60, piece=1_500)
            self.assert_clean(stream)
            self.assertEqual([event.data for event in stream.reader.user_events],
                             [f"{n} {i} {text}" for n in range(40) for i in range(50)])
        wait_until(lambda: metrics.read(self.shared).value("sluice_sent_bytes_total") > 4_000_000,
                   what="the bytes that were sent")

    def test_endWithAWordOfTls(self):
        self.shared.publish_numbers("ending", 0, 2)
        with socket.create_connection(self.shared.address, 20 * PATIENCE) as plain:
            # Python takes an end without close_notify for an attack here.
            with self.trusting.wrap_socket(plain, suppress_ragged_eofs=False) as connection:
                connection.sendall(b"GET /events/ending?from=earliest&limit=2 HTTP/1.0\r\n"
                                   b"Host: x\r\n\r\n")
                text = b""
                while data := connection.recv(65_536):
                    text += data
        self.assertEqual(text.count(b"\ndata: "), 3)

    def test_areReadByCurl(self):
        self.shared.publish_numbers("curled", 0, 3)
        url = f"https://localhost:{self.shared.address[1]}/events/curled?from=earliest&limit=3"
        text = clients.read_with_curl(url, "--cacert", str(self.certificates.folder / "ca.pem"))
        self.assertIn(b"data: 2\n", text)

    def test_areReadByChromium(self):
        self.shared.publish_numbers("browsed", 0, 3)
        url = f"https://localhost:{self.shared.address[1]}/events/browsed?from=earliest"
        events = [event for event in clients.read_with("chromium", url, 3) if not event.is_control]
        self.assert_numbers(events, 0, 3)

    def test_areClosedCleanlyByTheEndOfTheNode(self):
        node = self.node()
        with node.stream("/events/any") as stream:
            stream.read_until(lambda reader: reader.controls("open"))
            node.stop()
            stream.read_to_end()
            self.assert_clean(stream)


class Surface(TlsTest):
    def test_largeAnswersAndBodiesPass(self):
        node = self.node()
        text = "y" * 200_000
        node.publish([{"channel": "large", "data": f"{n}{text}"} for n in range(10)])
        answer = node.get("/history/large?limit=10")
        self.assertGreater(len(answer.json()["events"]), 4)  # a page has a bound in bytes
        self.assertGreater(len(answer.body), 1_000_000)

    def test_theAdminListenerSpeaksItToo(self):
        node = self.node()
        self.assertTrue(node.admin_url.startswith("https://"))
        self.assertIn("sluice_tls_certificate_end_seconds", node.admin_get("/metrics").text)

    def test_plainRedirectsWhereItIsToldTo(self):
        node = self.node(SERVER + """
    listen: ["https://127.0.0.1:0", "http://127.0.0.1:0"]
    admin: http://127.0.0.1:0
    hosts: [shop.example]
""", own_addresses=True)
        secure, plain = node.urls()
        self.assertTrue(secure.startswith("https://") and plain.startswith("http://"))
        self.assertTrue(node.admin_url.startswith("http://"))
        address = plain.removeprefix("http://").split(":")
        answer = ask(address, "GET", "/events/a?from=-1", headers={"Host": "shop.example:80"})
        self.assertEqual(answer.status, 308)
        self.assertEqual(answer.headers["Location"],
                         "https://shop.example:8443/events/a?from=-1")
        self.assertEqual(ask(address, "GET", "/readyz").status, 200)
        self.assertEqual(ask(address, "GET", "/a", headers={"Host": "a<b"}).status, 400)

    def test_plainAndTlsShareOneHub(self):
        node = self.node(SERVER.replace(", redirect: 8443", "") + """
    listen: ["https://127.0.0.1:0", "http://127.0.0.1:0"]
        """, own_addresses=True, arguments=["--admin", "127.0.0.1:0"])
        host, port = node.urls()[1].removeprefix("http://").split(":")
        with Stream((host, int(port)), "/events/both") as stream:
            stream.read_until(lambda reader: reader.controls("open"))
            node.publish_numbers("both", 0, 3)
            self.assert_numbers(stream.read_events(3), 0, 3)

    def test_plainHttpOnItsPortIsToldSo(self):
        node = self.node()
        answer = ask(node.address, "GET", "/healthz")
        self.assertEqual((answer.status, answer.json()["error"]["code"]), (400, "tls-only"))

    def test_healthAsksByIt(self):
        node = self.node()
        command = [PROGRAM, "health", f"{node.url}/readyz"]
        self.assertEqual(subprocess.run(command, timeout=20 * PATIENCE).returncode, 0)
        node.stop()
        self.assertEqual(subprocess.run(command, timeout=20 * PATIENCE).returncode, 1)

    def test_clientsMayBeAskedForCertificates(self):
        node = self.node(SERVER.replace(", redirect: 8443", ", clients: "
                         "{authorities: FOLDER/ca.pem, required: true}").replace(
                             "tls:", "admin: {tls: {certificate: FOLDER/server.pem, "
                             "key: FOLDER/server.key}}\n    tls:"))
        with self.assertRaises((ssl.SSLError, ConnectionError)):
            node.get("/healthz")
        known = self.certificates.client("client")
        self.assertEqual(ask(node.address, "GET", "/healthz", tls=known).status, 200)
        self.assertEqual(node.admin_get("/healthz").status, 200)  # asks for none
        node.wait_for_log("peer did not return a certificate")


class Clients(TlsTest):
    """Who is known by a certificate."""
    CONFIG = SERVER.replace(", redirect: 8443", ", clients: {authorities: FOLDER/clients.pem}") + """
    auth: {tokens: [{name: desk, token: desk-token, claims: {role: desk}}]}
    channels:
      "walls/{name}": {allow: claims.subject.CN == name && claims.subject.O == 'Shop'}
      "units/{unit}": {allow: unit in claims.subject.OU}
      "hosts/{host}": {allow: "host in claims.names.dns && 'urn:shop:wall' in claims.names.uri"}
      "mail/{who}": {allow: "who in claims.names.email && '192.0.2.9' in claims.names.ip"}
      "prints/{print}": {allow: claims.fingerprint == print && claims.issuer == 'CN=test-ca'}
      desks: {allow: claims.role == 'desk'}
      open: {allow: "true"}
"""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = cls.certificates.folder
        names = [x509.DNSName("wall.shop.example"), x509.RFC822Name("wall@shop.example"),
                 x509.UniformResourceIdentifier("urn:shop:wall"),
                 x509.IPAddress(ipaddress.ip_address("192.0.2.9"))]
        sign_client(folder, "wall", [("O", "Shop"), ("OU", "north"), ("OU", "south"),
                                     ("CN", "wall")], names=names)
        sign_client(folder, "hall", [("O", "Shop"), ("CN", "hall")])
        sign_client(folder, "stranger", [("O", "Shop"), ("CN", "wall")], ca="other-ca")
        sign_client(folder, "ended", [("O", "Shop"), ("CN", "old wall")], days=-1)

    def node(self, config=CONFIG, **options):
        copy(self.certificates.folder / "ca.pem", self.certificates.folder / "clients.pem")
        return super().node(config, **options)

    def read(self, node, channel, certificate=None, token=None, version=None):
        """The status of its history."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return ask(node.address, "GET", f"/history/{channel}", headers=headers,
                   tls=self.certificates.client(certificate, version)).status

    def fingerprint(self, certificate):
        text = (self.certificates.folder / f"{certificate}.pem").read_bytes()
        return x509.load_pem_x509_certificate(text).fingerprint(hashes.SHA256()).hex()

    def test_areKnownByWhatTheirCertificateSays(self):
        node = self.node()
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            for channel in ("walls/wall", "units/north", "units/south", "hosts/wall.shop.example",
                            "mail/wall@shop.example", f"prints/{self.fingerprint('wall')}", "open"):
                self.assertEqual(self.read(node, channel, "wall", version=version), 200, channel)
            for channel in ("walls/hall", "units/east", "hosts/shop.example", "desks", "other"):
                self.assertEqual(self.read(node, channel, "wall", version=version), 403, channel)
        self.assertEqual(self.read(node, "walls/hall", "hall"), 200)
        self.assertEqual(self.read(node, "units/north", "hall"), 403, "it has no OU")

    def test_needNone(self):
        node = self.node()
        self.assertEqual(self.read(node, "open"), 200)
        self.assertEqual(self.read(node, "walls/wall"), 401)
        self.assertEqual(self.read(node, "desks", token="desk-token"), 200)
        # A token says who it is, whatever the certificate says, and a wrong one is refused.
        self.assertEqual(self.read(node, "desks", "wall", "desk-token"), 200)
        self.assertEqual(self.read(node, "walls/wall", "wall", "desk-token"), 403)
        self.assertEqual(self.read(node, "walls/wall", "wall", "wrong"), 401)

    def test_areRefusedByTheHandshakeWhereItIsBad(self):
        node = self.node()
        for name, why in (("stranger", "CN=wall,O=Shop"), ("ended", "CN=old wall,O=Shop")):
            with self.assertRaises((ssl.SSLError, ConnectionError), msg=name):
                self.read(node, "open", name)
            node.wait_for_log(f"certificate verify failed: .*{why}")
        self.assertEqual(self.read(node, "open", "wall"), 200)

    def test_areKnownByOtherAuthoritiesFromAReloadOn(self):
        node = self.node()
        with Stream(node.address, "/events/walls/wall", tls=self.certificates.client("wall")) \
                as stream:
            stream.read_until(lambda reader: reader.controls("open"))
            copy(self.certificates.folder / "other-ca.pem",
                 self.certificates.folder / "clients.pem")
            node.wait_for_log("the certificate was read again")
            self.assertEqual(self.read(node, "walls/wall", "stranger"), 200)
            with self.assertRaises((ssl.SSLError, ConnectionError)):
                self.read(node, "open", "wall")
            node.publish([{"channel": "walls/wall", "data": 0}])
            self.assert_numbers(stream.read_events(1), 0, 1)

    def test_areRevokedByTheFingerprint(self):
        node = self.node()
        with Stream(node.address, "/events/walls/wall", tls=self.certificates.client("wall")) \
                as stream:
            stream.read_until(lambda reader: reader.controls("open"))
            answer = ask(node.admin, "POST", "/revoke",
                         json.dumps({"token": self.fingerprint("wall")}), tls=self.trusting)
            self.assertEqual(answer.status, 200, answer.text)
            stream.read_to_end()
        self.assertEqual(self.read(node, "walls/wall", "wall"), 401)
        self.assertEqual(self.read(node, "walls/hall", "hall"), 200)

    def test_mayBeTheOnlyOnesWhoAreKnown(self):
        node = self.node(self.CONFIG.replace(
            "auth: {tokens: [{name: desk, token: desk-token, claims: {role: desk}}]}", "auth: {}"))
        self.assertEqual(self.read(node, "walls/wall", "wall"), 200)
        self.assertEqual(self.read(node, "walls/wall"), 401)


class Renewal(TlsTest):
    def test_aNewCertificateIsServedAndNoStreamCloses(self):
        node = self.node()
        with node.stream("/events/kept") as stream:
            stream.read_until(lambda reader: reader.controls("open"))
            self.assertEqual(self.subject(node), "broker")
            self.certificates.use("elsewhere")
            wait_until(lambda: self.subject(node) == "elsewhere", 20, "the new certificate")
            node.publish_numbers("kept", 0, 3)
            self.assert_numbers(stream.read_events(3), 0, 3)
        node.wait_for_log("the certificate was read again")

    def test_aBadOneLeavesTheOldOneInForceAndSaysSo(self):
        node = self.node()
        self.certificates.use("elsewhere", key="client")
        node.wait_for_log("the one before stays in force")
        self.assertEqual(self.subject(node), "broker")
        self.certificates.use("elsewhere")
        wait_until(lambda: self.subject(node) == "elsewhere", 20, "the good one behind it")

    def test_aReloadPutsOtherFilesInForceAndRefusesBadOnes(self):
        node = self.node()
        config = self.certificates.config(SERVER)
        node.configure(config.replace("/server.", "/elsewhere."))
        answer = node.reload().json()
        self.assertTrue(answer["changes"]["tls"], answer)
        self.assertEqual(self.subject(node), "elsewhere")
        node.configure(config.replace("/server.key", "/client.key"))
        answer = node.reload()
        self.assertEqual(answer.status, 422)
        self.assertIn("client.key", answer.json()["problems"][0]["message"])
        self.assertEqual(self.subject(node), "elsewhere")

    def test_aBadOneAtTheStartNamesItsLine(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "sluice.yaml"
            file.write_text(f"publish: {{key: k}}\ntls: {{certificate: {file}}}\n")
            result = subprocess.run([PROGRAM, "check", str(file)], capture_output=True, text=True,
                                    timeout=20 * PATIENCE)
        self.assertEqual(result.returncode, 2)
        self.assertIn("sluice.yaml:2:20", result.stderr)
        self.assertIn("no start line", result.stderr)
        # What is not on this machine may be on the one that is meant: said, but no error.
        result = subprocess.run([PROGRAM, "check", str(TOP / "config/examples/tls.yaml")],
                                capture_output=True, text=True, timeout=20 * PATIENCE)
        self.assertEqual(result.returncode, 0)
        self.assertIn("No such file", result.stderr)


class Floods(TlsTest):
    def test_handshakesAreBoundedInNumberAndTime(self):
        node = self.node(SERVER + "    limits: {handshakes: 20, head_time: 2s}\n")
        silent = [socket.create_connection(node.address, 20 * PATIENCE) for _ in range(60)]
        half = bytes.fromhex("160301020001")  # a record's head, and then nothing
        for connection in silent[:30]:
            try:
                connection.sendall(half)
            except OSError:
                pass
        self.assertLessEqual(metrics.read(node).value("sluice_tls_handshaking"), 21)
        # Whoever means it gets through, once those who do not have had their chance.
        def answered():
            try:
                return node.get("/healthz").status == 200
            except OSError:
                return False
        wait_until(answered, 30, "a good handshake")
        wait_until(lambda: metrics.read(node).value("sluice_tls_handshaking") == 0, 30,
                   "the end of silent handshakes")
        self.assertGreater(
            metrics.read(node).value("sluice_tls_handshakes_total", result="no_room"), 0)
        for connection in silent:
            connection.close()

    def test_anIdleStreamTakesAtMost16KiB(self):
        """Of our memory: what the process grows by, with the buffers of the kernel left out."""
        node = self.node()
        warm = [node.stream(f"/events/idle?n={n}") for n in range(50)]
        for stream in warm:
            stream.read_until(lambda reader: reader.controls("open"))
        before, count = node.rss_kib(), 600
        streams = [node.stream("/events/idle") for _ in range(count)]
        for stream in streams:
            stream.read_until(lambda reader: reader.controls("open"))
        each = (node.rss_kib() - before) / count
        print(f"an idle TLS stream takes {each:.1f} KiB", flush=True)
        if not os.environ.get("ASAN_OPTIONS"):
            self.assertLess(each, 16)
        for stream in warm + streams:
            stream.close()


if __name__ == "__main__":
    main()
