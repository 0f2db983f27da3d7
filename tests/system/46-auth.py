#!/usr/bin/env python3
"""Who may read and who may write: tokens, JWTs, rules, forward auth, streams that end, secrets."""
import json
import pathlib
import subprocess
import tempfile
import textwrap
import threading
import time

import jwt
from system import PATIENCE, PUBLISH, Sluice, SystemTest, ask, main, wait_until
from identity import Application, Issuer
from secret_watch import secrets_of
from sluice import PROGRAM

SECRET = "an-hs256-secret-of-more-than-32-bytes"


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def lines(headers):
    return [f"{name}: {value}" for name, value in headers.items()]


def config(auth, rules=None, more=""):
    rules = rules or {"tenants/{tenant}/{rest**}": "claims.tenant == tenant",
                      "public/{rest**}": "true"}
    channels = "".join(f"\n      {json.dumps(pattern)}: {{allow: {json.dumps(rule)}}}"
                       for pattern, rule in rules.items())
    return PUBLISH + f"""
    auth: {json.dumps(auth)}
    limits: {{failures_slow: 100000, failures: 100000}}
    channels:{channels}
    {more}
"""


class AuthTest(SystemTest):
    def open(self, node, target, token=None, **options):
        stream = node.stream(target, headers=lines(bearer(token)) if token else (), **options)
        stream.read_until(lambda reader: reader.events)
        self.assertEqual(stream.response.status, 200, stream.response.body)
        return stream

    def error(self, answer, status, code):
        self.assertEqual((answer.status, answer.json()["error"]["code"]), (status, code))
        return answer.json()["error"]


class Tokens(AuthTest):
    @classmethod
    def setUpClass(cls):
        cls.node = cls.enterClassContext(Sluice(config({
            "cookie": "session",
            "tokens": [{"name": "acme", "token": "acme-token", "claims": {"tenant": "acme"}},
                       {"name": "globex", "token": "globex-token", "claims": {"tenant": "globex"}}],
            "jwt": [{"issuer": "internal", "audience": "sluice", "secret": SECRET}]})))

    def test_readersSendThemInAHeaderACookieOrTheQuery(self):
        for n, (target, headers) in enumerate((
                ("/events/tenants/acme/a", bearer("acme-token")),
                ("/events/tenants/acme/a", {"Cookie": "x=1; session=acme-token"}),
                ("/events?channels=tenants/acme/a&access_token=acme-token", {}))):
            with self.node.stream(target, headers=lines(headers)) as stream:
                stream.read_until(lambda reader: reader.events)
                self.node.publish([{"channel": "tenants/acme/a", "data": n}])
                self.assert_numbers(stream.read_events(1), n, n + 1)

    def test_theRefusedAreToldWhy(self):
        for channels in ("tenants/acme/a", "public/a,tenants/acme/a", "other", "tenants/{t}/{x**}"):
            answer = self.node.get(f"/events?channels={channels}")
            self.error(answer, 401, "unauthorized")
            self.assertEqual(answer.headers["WWW-Authenticate"], 'Bearer realm="sluice"')
        for target in ("/events/public/a", "/poll/public/a", "/history/public/a"):
            answer = self.node.get(target, bearer("acme-tokem"))
            self.error(answer, 401, "unauthorized")
            self.assertIn('error="invalid_token"', answer.headers["WWW-Authenticate"])
        for target in ("/events/tenants/globex/a", "/poll/tenants/globex/a",
                       "/history/tenants/globex/a",
                       "/events?channels=public/a,tenants/acme/a,tenants/globex/a"):
            error = self.error(self.node.get(target, bearer("acme-token")), 403, "forbidden")
            self.assertIn("tenants/globex/a", error["message"])
            self.assertIn('"tenants/{tenant}/{rest**}"', error["message"])
        error = self.error(self.node.get("/events/other", bearer("acme-token")), 403, "forbidden")
        self.assertIn("no rule allows anybody to read other", error["message"])
        metrics = self.node.admin_get("/metrics").text
        self.assertRegex(metrics, r'sluice_auth_refused_total{reason="unknown"} [1-9]')
        self.assertRegex(metrics, r'sluice_auth_refused_total{reason="forbidden"} [1-9]')

    def test_whoShowsNoTokenReadsWhatIsForEverybody(self):
        with self.open(self.node, "/events?channels=public/a,public/{x**}") as stream:
            self.node.publish([{"channel": "tenants/acme/a", "data": "secret"},
                               {"channel": "public/b", "data": 1}])
            self.assert_numbers(stream.read_events(1), 1, 2)
        self.assertEqual(self.node.get("/history/public/b").status, 200)

    def test_patternsReachOnlyWhatIsAllowed(self):
        self.node.publish([{"channel": f"tenants/{who}/before", "data": 0}
                           for who in ("globex", "acme")])
        with self.open(self.node, "/events?channels=tenants/{t}/{x**}&from=earliest&envelope=json",
                       "acme-token") as stream:
            self.node.publish([{"channel": f"tenants/{who}/after-{n}", "data": n}
                               for n in range(5) for who in ("globex", "acme")])
            stream.read_until(lambda reader: any(
                event.data and "after-4" in event.data for event in reader.user_events))
            channels = {json.loads(event.data)["channel"] for event in stream.reader.user_events}
        self.assertTrue(all(name.startswith("tenants/acme/") for name in channels), channels)
        self.assertLessEqual({"tenants/acme/before", "tenants/acme/after-0"}, channels)

    def test_noChannelIsNamedLikeAPattern(self):
        """Else whoever may read the pattern would get it, whatever the rule says of its name."""
        pattern = "tenants/{t}/x"
        with self.open(self.node, f"/events/{pattern}", "acme-token") as stream:
            for channel in (pattern, "tenants/{t}", "a}b"):
                answer = ask(self.node.address, "POST", "/publish", json.dumps(
                    {"channel": channel, "data": "secret"}), bearer("test-key"))
                self.error(answer, 400, "bad-event")
            self.node.publish([{"channel": "tenants/acme/x", "data": 1}])
            self.assert_numbers(stream.read_events(1), 1, 2)

    def test_aChangeIsJudgedToo(self):
        with self.open(self.node, "/events/tenants/acme/a", "acme-token") as stream:
            token = json.loads(stream.reader.events[0].data)["stream"]

            def patch(headers, *channels):
                return ask(self.node.address, "PATCH", f"/streams/{token}",
                           json.dumps({"add": channels}), headers)
            self.error(patch({}, "public/a"), 403, "not-yours")
            error = self.error(patch(bearer("acme-token"), "public/a", "tenants/globex/a"), 403,
                               "forbidden")
            self.assertIn("tenants/globex/a", error["message"])
            self.error(patch(bearer("globex-token"), "public/a"), 403, "not-yours")
            self.assertEqual(patch(bearer("acme-token"), "tenants/{t}/b").status, 200)
            self.node.publish([{"channel": f"tenants/{who}/b", "data": n}
                               for n, who in enumerate(("acme", "globex", "acme"))])
            got = [event.data for event in stream.read_events(2)]
            self.assertEqual(got, ["0", "2"])

    def test_historyIsForNobodysCache(self):
        self.node.publish([{"channel": "tenants/acme/h", "data": 1}])
        answer = self.node.get("/history/tenants/acme/h", bearer("acme-token"))
        self.assertEqual(answer.status, 200)
        self.assertIn("private", answer.headers["Cache-Control"])
        self.assertIn("Authorization, Cookie", answer.headers.get_all("Vary"))
        again = self.node.get("/history/tenants/acme/h", {
            **bearer("acme-token"), "If-None-Match": answer.headers["ETag"]})
        self.assertEqual(again.status, 304)
        self.assertIn("Authorization, Cookie", again.headers.get_all("Vary"))

    def test_jwtsOfAnotherLibraryAreRead(self):
        now = int(time.time())
        claims = {"iss": "internal", "aud": ["other", "sluice"], "tenant": "acme", "exp": now + 60}
        good = jwt.encode(claims, SECRET, "HS256")
        self.assertEqual(self.node.get("/history/tenants/acme/a", bearer(good)).status, 200)
        for changes, reason in (({"exp": now - 60}, "expired"), ({"nbf": now + 90}, "not good yet"),
                                ({"aud": "other"}, "audience"), ({"iss": "x"}, "not known"),
                                ({"exp": None}, "no exp")):
            merged = {name: value for name, value in {**claims, **changes}.items() if value}
            answer = self.node.get("/history/public/a", bearer(jwt.encode(merged, SECRET, "HS256")))
            self.assertIn(reason, self.error(answer, 401, "unauthorized")["message"])
        self.assertEqual(self.node.get("/history/public/a", bearer(
            jwt.encode(claims, SECRET, "HS384"))).status, 401)


class Jwks(AuthTest):
    def auth(self, issuer, **more):
        return {"jwt": [{"issuer": issuer.issuer, "audience": "sluice", "jwks": issuer.url, **more}]}

    def test_keysRotateWithoutARefusedRequest(self):
        with Issuer() as issuer, Sluice(config(self.auth(issuer))) as node:
            for _ in range(2):
                token = issuer.token(sub="ann", tenant="acme")
                self.assertEqual(node.get("/history/tenants/acme/a", bearer(token)).status, 200)
                issuer.rotate()
            asked = issuer.asked
            for _ in range(20):
                answer = node.get("/history/public/a", bearer(issuer.token(headers={"kid": "no"})))
                self.assertEqual(answer.status, 401)
            self.assertLessEqual(issuer.asked, asked + 2, "a flood of unknown keys is one question")

    def test_aStreamWaitsForItsKey(self):
        with Issuer() as issuer, Sluice(config(self.auth(issuer))) as node:
            with self.open(node, "/events/public/a", issuer.token()) as stream:
                node.publish([{"channel": "public/a", "data": 0}])
                self.assert_numbers(stream.read_events(1), 0, 1)
            issuer.rotate()
            with self.open(node, "/events/public/a", issuer.token()) as stream:
                node.publish([{"channel": "public/a", "data": 1}])
                self.assert_numbers(stream.read_events(1), 1, 2)

    def test_aDeadPlaceKeepsTheLastKeysAndSaysSo(self):
        with Issuer() as issuer, Sluice(config(self.auth(issuer, refresh="1s"))) as node:
            token = issuer.token(tenant="acme")
            self.assertEqual(node.get("/history/public/a", bearer(token)).status, 200)
            issuer.is_dead = True
            node.wait_for_log(r"keys of https://id\.example cannot be read .*the last 1 stay")
            self.assertEqual(node.get("/history/public/a", bearer(token)).status, 200)

    def test_withoutKeysNobodyIsJudged(self):
        with Issuer() as issuer:
            issuer.is_dead = True
            with Sluice(config(self.auth(issuer))) as node:
                token = issuer.token()
                self.error(node.get("/history/public/a", bearer(token)), 503, "auth-unavailable")
                # A browser gives up for good at any other status, and this passes.
                answer = node.get("/events/public/a",
                                  {**bearer(token), "Accept": "text/event-stream"})
                self.assertEqual((answer.status, answer.text), (200, "retry: 10000\n"))

    def test_keysMayLieInAFile(self):
        with Issuer() as issuer:
            keys = issuer.answer(None)[1].decode()
            auth = {"jwt": [{"issuer": issuer.issuer, "audience": "sluice", "jwks": "./keys.json"}]}
            with Sluice(config(auth), files={"keys.json": keys}) as node:
                answer = node.get("/history/public/a", bearer(issuer.token()))
                self.assertEqual(answer.status, 200)


class Endings(AuthTest):
    def test_aTokenThatEndsIsToldRenewedAndEnded(self):
        with Issuer() as issuer, Sluice(config({
                "leeway": "0", "warn": "1h",
                "jwt": [{"issuer": issuer.issuer, "audience": "sluice", "jwks": issuer.url}]})) as node:
            lasting = issuer.token(sub="ann", tenant="acme")
            with self.open(node, "/events/tenants/acme/a", lasting) as stream:
                token = json.loads(stream.reader.events[0].data)["stream"]
                stream.read_until(lambda reader: reader.controls("auth"))

                def renew(fresh):
                    return ask(node.address, "POST", f"/streams/{token}/auth", b"", bearer(fresh))
                self.error(renew(issuer.token(sub="eve", tenant="acme")), 403, "not-yours")
                error = self.error(renew(issuer.token(sub="ann", tenant="globex")), 403, "forbidden")
                self.assertIn("tenants/acme/a", error["message"])
                self.error(renew("wrong"), 401, "unauthorized")
                short = issuer.token(sub="ann", tenant="acme", lifetime_s=3)
                self.assertEqual(renew(short).json(), {"channels": ["tenants/acme/a"]})
                node.publish([{"channel": "tenants/acme/a", "data": 0}])
                self.assert_numbers(stream.read_events(1), 0, 1)
                stream.read_to_end(20)
                self.assertEqual(len(stream.reader.controls("auth")), 2)
                self.assertEqual(stream.reader.events[-1].type, "sluice.at")
                self.assertTrue(stream.reader.events[-1].last_id)
            self.assertEqual(node.get("/events/tenants/acme/a", bearer(short)).status, 401)
            wait_until(lambda: 'sluice_closed_total{reason="expired"} 1'
                       in node.admin_get("/metrics").text, what="the stream among the expired")

    def test_revocationEndsStreamsAtOnce(self):
        with Issuer() as issuer, Sluice(config({
                "jwt": [{"issuer": issuer.issuer, "audience": "sluice", "jwks": issuer.url}]})) as node:
            ann, bob = issuer.token(sub="ann", jti="1"), issuer.token(sub="bob", jti="2")
            with self.open(node, "/events/public/a", ann) as first, \
                    self.open(node, "/events/public/a", bob) as second:
                answer = ask(node.admin, "POST", "/revoke", json.dumps({"subject": "ann"}))
                self.assertEqual((answer.status, answer.json()), (200, {"revoked": 1}))
                first.read_to_end()
                error = self.error(node.get("/events/public/a", bearer(ann)), 401, "unauthorized")
                self.assertIn("revoked", error["message"])
                self.assertEqual(ask(node.admin, "POST", "/revoke",
                                     json.dumps({"token": "2"})).status, 200)
                second.read_to_end()
            self.assertEqual(node.get("/history/public/a", bearer(bob)).status, 401)
            self.assertEqual(node.get("/history/public/a", bearer(
                issuer.token(sub="bob", jti="3"))).status, 200)
            fresh = issuer.token(sub="ann", iat=int(time.time()) + 5)
            self.assertEqual(node.get("/history/public/a", bearer(fresh)).status, 200,
                             "it was issued after the revocation")


class Forward(AuthTest):
    def auth(self, application, **more):
        return {"url": application.url, **more}

    def cookie(self, user):
        return {"Cookie": f"user={user}"}

    def test_theApplicationSaysWhoItIs(self):
        with Application() as app, Sluice(config(self.auth(app))) as node:
            app.claims = {"ann": {"tenant": "acme"}}
            with node.stream("/events/tenants/acme/a?access_token=",
                             headers=lines({**self.cookie("ann"), "X-Other": "1"})) as stream:
                stream.read_until(lambda reader: reader.events)
                node.publish([{"channel": "tenants/acme/a", "data": 0}])
                self.assert_numbers(stream.read_events(1), 0, 1)
            self.error(node.get("/history/tenants/globex/a", self.cookie("ann")), 403, "forbidden")
            self.assertEqual(app.asked, 1, "the answer is remembered")
            self.assertEqual(app.requests[0]["X-Forwarded-Uri"], "/events/tenants/acme/a")
            self.assertEqual(app.requests[0]["X-Forwarded-For"], "127.0.0.1")
            self.assertNotIn("X-Other", app.requests[0])
            self.error(node.get("/events/public/a", self.cookie("eve")), 401, "unauthorized")
            answer = ask(node.address, "GET", "/history/public/a?from=earliest", None,
                         {**self.cookie("ann"), "Connection": "keep-alive"})
            self.assertEqual(answer.status, 200)

    def test_aSlowApplicationKeepsNobodyElse(self):
        with Application() as app, Sluice(config({
                **self.auth(app, concurrency=2, timeout="20s"),
                "tokens": [{"name": "t", "token": "t"}]})) as node:
            app.claims = {f"u{n}": {} for n in range(20)}
            app.hold.clear()
            got = []
            asking = [threading.Thread(target=lambda n=n: got.append(
                node.get("/history/public/a", self.cookie(f"u{n}")).status)) for n in range(20)]
            for one in asking:
                one.start()
            wait_until(lambda: app.asked == 2, what="two questions")
            for _ in range(20):
                self.assertEqual(node.get("/history/public/a", bearer("t")).status, 200)
            self.assertEqual(app.asked, 2, "no more than `concurrency` at once")
            app.hold.set()
            for one in asking:
                one.join(30 * PATIENCE)
            self.assertEqual(got, [200] * 20)

    def test_whileItIsDownNobodyOrTheLastAnswerCounts(self):
        with Application() as app, \
                Sluice(config(self.auth(app, cache="0"))) as strict, \
                Sluice(config(self.auth(app, cache="0", when_down="last"))) as lenient:
            app.claims = {"ann": {"tenant": "acme"}}
            for node in (strict, lenient):
                self.assertEqual(node.get("/history/tenants/acme/a", self.cookie("ann")).status, 200)
            app.status = 500
            self.error(strict.get("/history/tenants/acme/a", self.cookie("ann")), 503,
                       "auth-unavailable")
            strict.wait_for_log("does not answer: it answers 500; nobody gets in")
            self.assertEqual(lenient.get("/history/tenants/acme/a", self.cookie("ann")).status, 200)
            self.error(lenient.get("/history/public/a", self.cookie("bob")), 503,
                       "auth-unavailable")
            app.status = None
            self.assertEqual(strict.get("/history/tenants/acme/a", self.cookie("ann")).status, 200)
            strict.wait_for_log("the application answers again")

    def test_anEndlessWaitIsCut(self):
        with Application() as app, Sluice(config(self.auth(app, timeout="100ms"))) as node:
            app.hold.clear()
            try:
                self.error(node.get("/history/public/a", self.cookie("ann")), 503,
                           "auth-unavailable")
            finally:
                app.hold.set()


class Writers(AuthTest):
    CONFIG = """
    publish:
      key: all
      keys: [{key: shop, channels: ["tenants/{t}/orders"], rate: 2/s}]
      claims: ["tenants/{t}/notes"]
    auth: {tokens: [{name: ann, token: ann, claims: {publish: ["tenants/acme/{x}"]}}]}
    channels: {"{any**}": {allow: "true"}}
    admin: {listen: "127.0.0.1:0", read_key: look, operator_key: act}
    """

    def test_eachKeyHasItsChannelsAndItsRate(self):
        with Sluice(self.CONFIG) as node:
            def publish(key, channel, count=1):
                events = [{"channel": channel, "data": n} for n in range(count)]
                return ask(node.address, "POST", "/publish", json.dumps(events), bearer(key))
            self.assertEqual(publish("all", "anything").status, 200)
            self.error(publish("shop", "tenants/acme/users"), 403, "channel-not-allowed")
            self.assertEqual(publish("shop", "tenants/acme/orders", 2).status, 200)
            answer = publish("shop", "tenants/acme/orders", 2)
            self.error(answer, 429, "too-many-events")
            self.assertGreaterEqual(int(answer.headers["Retry-After"]), 1)
            self.assertEqual(publish("ann", "tenants/acme/notes").status, 200)
            self.error(publish("ann", "tenants/acme/orders"), 403, "channel-not-allowed")
            self.error(publish("ann", "tenants/globex/notes"), 403, "channel-not-allowed")
            self.error(publish("look", "anything"), 401, "unauthorized")

    def test_operatorsHaveTwoKeys(self):
        with Sluice(self.CONFIG) as node:
            def status(method, target, key=None):
                return ask(node.admin, method, target, "{}",
                           bearer(key) if key else None).status
            self.assertEqual(status("GET", "/metrics"), 401)
            self.assertEqual(status("GET", "/metrics", "loom"), 401)
            self.assertEqual(status("GET", "/metrics", "look"), 200)
            self.assertEqual(status("GET", "/inputs", "act"), 200)
            for target in ("/reload", "/revoke"):
                self.assertEqual(status("POST", target, "look"), 403)
            self.assertEqual(status("POST", "/reload", "act"), 200)
            self.assertEqual(status("POST", "/revoke", "act"), 400)


class Rules(AuthTest):
    AUTH = {"tokens": [{"name": "a", "token": "a", "claims": {"role": "viewer"}}]}

    def test_aReloadPutsOthersInForce(self):
        with Sluice(config(self.AUTH, {"x": "claims.role == 'viewer'"})) as node:
            self.assertEqual(node.get("/history/x", bearer("a")).status, 200)
            node.configure(config(self.AUTH, {"x": "claims.role == 'admin'"}))
            self.assertEqual(node.reload().json()["changes"]["channels"]["changed"], ["x"])
            self.assertEqual(node.get("/history/x", bearer("a")).status, 403)

    def test_anOpenNodeSaysSo(self):
        with tempfile.TemporaryDirectory(prefix="sluice-test-") as folder:
            for text, is_open in ((PUBLISH, True), (config(self.AUTH), False)):
                file = pathlib.Path(folder) / "sluice.yaml"
                file.write_text(textwrap.dedent(text) + "listen: 0.0.0.0:8080\n")
                done = subprocess.run([PROGRAM, "check", str(file)], capture_output=True, text=True,
                                      timeout=60 * PATIENCE)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual("may read every channel" in done.stdout + done.stderr, is_open)


class Secrets(AuthTest):
    PLANTED = ("planted-token-1", "planted-key-2", "planted-secret-3-of-more-than-32-bytes",
               "planted-read-4", "planted-operator-5", "planted-query-6", "planted-header-7",
               "planted-publish-8", "planted-plugin-9")

    def test_noLogAndNoAnswerShowsThem(self):
        text = """
    inputs: {tick: {plugin: mqtt, broker: "mqtt://127.0.0.1:1", password: "${file:plugin}", username: u}}
    mappings: [{from: "tick:{all**}", channel: "{topic}"}]
    auth:
      tokens: [{name: t, token: "${TOKEN}"}]
      jwt: [{issuer: i, audience: a, secret: "${SECRET}"}]
    channels: {"{any**}": {allow: "true"}}
    publish: {key: "${KEY}", keys: [{key: "${file:publish}"}]}
    admin: {listen: "127.0.0.1:0", read_key: "${READ}", operator_key: "${OPERATOR}"}
    log: {level: debug}
"""
        names = ("TOKEN", "KEY", "SECRET", "READ", "OPERATOR")
        environment = dict(zip(names, self.PLANTED))
        files = {"plugin": self.PLANTED[8] + "\n", "publish": self.PLANTED[7] + "\n"}
        seen = []
        with Sluice(text, environment=environment, files=files) as node:
            for target, headers in (
                    ("/events/x?access_token=" + self.PLANTED[5], {}),
                    ("/poll/x", bearer(self.PLANTED[6])),
                    ("/history/x?access_token=" + self.PLANTED[0], {}),
                    ("/history/%zz?access_token=" + self.PLANTED[0], {}),
                    ("/nothing?access_token=" + self.PLANTED[0], {})):
                answer = node.get(target, headers)
                seen.append(answer.text + str(answer.headers))
            for target in ("/inputs", "/channels", "/metrics"):
                answer = ask(node.admin, "GET", target, headers=bearer(self.PLANTED[3]))
                self.assertEqual(answer.status, 200)
                seen.append(answer.text)
            for key in (self.PLANTED[1], self.PLANTED[7], "wrong"):
                seen.append(ask(node.address, "POST", "/publish", '{"channel": 7}',
                                bearer(key)).text)
            # What is wrong with a file is told without what variables hold.
            node.configure(text.replace("channels:", "chanels:"))
            seen.append(ask(node.admin, "POST", "/reload",
                            headers=bearer(self.PLANTED[4])).text)
            for arguments in (["check", str(node.file)], ["check", "--json", str(node.file)]):
                done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True,
                                      cwd=node.file.parent, env=environment, timeout=60 * PATIENCE)
                seen.append(done.stdout + done.stderr)
            self.assertEqual(node.stop(), 0)
            seen.append(node.log())
        for secret in self.PLANTED:
            for text in seen:
                self.assertNotIn(secret, text)

    def test_everyTestSearchesWhatItGets(self):
        """What the support of all tests does with each log and each answer."""
        text = """
    publish: {key: "${KEY}", keys: [{key: "${file:publish}"}]}
    auth: {tokens: [{name: t, token: planted-token-1}], jwt: [{secret: "${SECRET:-none}"}]}
"""
        found = secrets_of(text, {"KEY": self.PLANTED[1], "SECRET": self.PLANTED[2]},
                           {"publish": self.PLANTED[7] + "\n"})
        self.assertEqual(found, {self.PLANTED[0], self.PLANTED[1], self.PLANTED[2],
                                 self.PLANTED[7]})
        with Sluice(PUBLISH.replace("test-key", "planted-key-2")) as node:
            node.publish([{"channel": "x", "data": "planted-key-2"}], key="planted-key-2")
            with self.assertRaisesRegex(AssertionError, "shows the secret"):
                node.get("/poll/x?from=earliest")
            with self.assertRaisesRegex(AssertionError, "shows the secret"):
                with node.stream("/events/x?from=earliest") as stream:
                    stream.read_events(1)


if __name__ == "__main__":
    main()
