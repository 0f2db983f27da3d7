#!/usr/bin/env python3
"""Who may read and write changes while the node runs, and who guesses is slowed down whatever finds
out that he is wrong."""
import json
import signal
import time

from system import PUBLISH, Sluice, SystemTest, ask, main, wait_until
from identity import Application, Issuer


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def token(name, text=None, **claims):
    return {"name": name, "token": text or f"{name}-token", "claims": claims}


def config(auth, more="", publish=PUBLISH):
    return publish + f"""
    auth: {json.dumps(auth)}
    channels: {{"tenants/{{tenant}}": {{allow: claims.tenant == tenant}}, "open": {{allow: "true"}}}}
    {more}
"""


UNBOUND = "limits: {failures_slow: 100000, failures: 100000}"


class ChangesTest(SystemTest):
    def open(self, node, channel, headers):
        stream = node.stream(f"/events/{channel}",
                             headers=[f"{name}: {value}" for name, value in headers.items()])
        stream.read_until(lambda reader: reader.events)
        self.assertEqual(stream.response.status, 200, stream.response.body)
        return stream

    def status(self, node, channel, headers):
        return node.get(f"/history/{channel}", headers).status

    def change(self, node, auth, **more):
        node.configure(config(auth, UNBOUND, **more))
        return node.reload().json()["changes"]

    def assert_goes_on(self, node, stream, channel, n=0):
        node.publish([{"channel": channel, "data": n}])
        self.assert_numbers(stream.read_events(1), n, n + 1)


class Tokens(ChangesTest):
    def test_comeAndGoWithAReload(self):
        ann, bob = token("ann", tenant="acme"), token("bob", tenant="acme")
        with Sluice(config({"tokens": [ann, bob]}, UNBOUND)) as node, \
                self.open(node, "tenants/acme", bearer("ann-token")) as of_ann, \
                self.open(node, "tenants/acme", bearer("bob-token")) as of_bob:
            changes = self.change(node, {"tokens": [bob, token("eve", tenant="acme")],
                                         "warn": "2min"})
            self.assertEqual(changes["auth"], {
                "tokens": {"added": ["eve"], "removed": ["ann"], "changed": []},
                "issuers": {"added": [], "removed": [], "changed": []}, "keys": ["auth.warn"]})
            self.assertEqual(changes["needRestart"], [])
            node.wait_for_log("token removed: ann")
            of_ann.read_to_end()
            self.assertEqual(of_ann.reader.events[-1].type, "sluice.at", "it ends with its place")
            self.assertEqual(self.status(node, "tenants/acme", bearer("ann-token")), 401)
            self.assertEqual(self.status(node, "tenants/acme", bearer("eve-token")), 200)
            self.assert_goes_on(node, of_bob, "tenants/acme")
            # The same name with other claims is somebody else.
            self.change(node, {"tokens": [token("bob", tenant="globex")]})
            of_bob.read_to_end()
            self.assertEqual(self.status(node, "tenants/acme", bearer("bob-token")), 403)

    def test_changeBySighupToo(self):
        with Sluice(config({"tokens": [token("ann")]}, UNBOUND)) as node:
            node.configure(config({"tokens": [token("bob")]}, UNBOUND))
            node.send_signal(signal.SIGHUP)
            wait_until(lambda: self.status(node, "open", bearer("bob-token")) == 200, 20, "bob")
            self.assertEqual(self.status(node, "open", bearer("ann-token")), 401)

    def test_stayWhereTheFileIsWrong(self):
        with Sluice(config({"tokens": [token("ann")]}, UNBOUND)) as node, \
                self.open(node, "open", bearer("ann-token")) as stream:
            for auth in ({"tokens": [token("bob"), {"name": "bob"}]},
                         {"jwt": [{"issuer": "i", "audience": "a", "secret": "short"}]}, {}):
                node.configure(config(auth, UNBOUND))
                self.assertEqual(node.reload().status, 422)
            self.assertEqual(self.status(node, "open", bearer("ann-token")), 200)
            self.assertEqual(self.status(node, "open", bearer("bob-token")), 401)
            self.assert_goes_on(node, stream, "open")

    def test_needARestartWhereThereWereNone(self):
        with Sluice(PUBLISH) as node:
            node.configure(config({"tokens": [token("ann")]}, UNBOUND))
            self.assertIn("auth", node.reload().json()["changes"]["needRestart"])
            self.assertEqual(self.status(node, "other", {}), 200)

    def test_staysRevoked(self):
        with Sluice(config({"tokens": [token("ann")]}, UNBOUND)) as node:
            ask(node.admin, "POST", "/revoke", '{"subject": "ann"}')
            self.change(node, {"tokens": [token("ann"), token("bob")]})
            self.assertEqual(self.status(node, "open", bearer("ann-token")), 401)


class Issuers(ChangesTest):
    def of(self, issuer, **more):
        return {"issuer": issuer.issuer, "audience": "sluice", "jwks": issuer.url, **more}

    def test_keepTheirKeysOverAReload(self):
        with Issuer() as issuer, Issuer("https://other.example") as other, \
                Sluice(config({"jwt": [self.of(issuer)]}, UNBOUND)) as node, \
                self.open(node, "tenants/acme", bearer(issuer.token(tenant="acme"))) as stream:
            issuer.is_dead = True
            changes = self.change(node, {"jwt": [self.of(issuer, refresh="1h"), self.of(other)]})
            self.assertEqual(changes["auth"]["issuers"]["added"], ["https://other.example"])
            self.assertEqual(self.status(node, "open", bearer(issuer.token())), 200)
            self.assertEqual(self.status(node, "open", bearer(other.token())), 200)
            self.assert_goes_on(node, stream, "tenants/acme")
            self.change(node, {"jwt": [self.of(other)]})
            stream.read_to_end()
            self.assertEqual(self.status(node, "open", bearer(issuer.token())), 401)
            self.assertEqual(self.status(node, "open", bearer(other.token())), 200)

    def test_withAnotherSecretLetNobodyStay(self):
        import jwt
        secrets = ["a-secret-of-more-than-32-bytes-" + c * 8 for c in "ab"]
        made = [jwt.encode({"iss": "i", "aud": "a", "exp": int(time.time()) + 600}, one, "HS256")
                for one in secrets]
        auth = [{"jwt": [{"issuer": "i", "audience": "a", "secret": one}]} for one in secrets]
        with Sluice(config(auth[0], UNBOUND)) as node, \
                self.open(node, "open", bearer(made[0])) as stream:
            self.change(node, auth[1])
            stream.read_to_end()
            self.assertEqual([self.status(node, "open", bearer(one)) for one in made], [401, 200])


class Applications(ChangesTest):
    def test_areAskedFromAReloadOn(self):
        with Application() as app, Application() as other, \
                Sluice(config({"tokens": [token("ann")]}, UNBOUND)) as node:
            cookie = {"Cookie": "user=eve"}
            app.claims = {"eve": {"tenant": "acme"}}
            self.assertEqual(self.status(node, "tenants/acme", cookie), 401)
            self.change(node, {"url": app.url, "cache": "1h", "concurrency": 2})
            with self.open(node, "tenants/acme", cookie) as stream:
                self.change(node, {"url": app.url, "cache": "1h", "concurrency": 3, "warn": "9s"})
                self.assertEqual(self.status(node, "tenants/acme", cookie), 200)
                self.assert_goes_on(node, stream, "tenants/acme")
                self.change(node, {"url": other.url})
                stream.read_to_end()
            self.assertEqual(self.status(node, "tenants/acme", cookie), 401)
            self.assertEqual(other.asked, 1)
            self.change(node, {"tokens": [token("ann")]})
            self.assertEqual(self.status(node, "open", bearer("ann-token")), 200)
            self.assertEqual(self.status(node, "tenants/acme", cookie), 401)
            self.assertEqual(other.asked, 1)


class Publishers(ChangesTest):
    def post(self, node, key, channel):
        return ask(node.address, "POST", "/publish", json.dumps({"channel": channel, "data": 1}),
                   bearer(key)).status

    def test_changeWithAReload(self):
        def keys(*all_keys):
            return "    publish: " + json.dumps({"keys": list(all_keys)}) + "\n"
        shop = {"key": "shop", "channels": ["orders"]}
        with Sluice(keys(shop)) as node:
            self.assertEqual(self.post(node, "shop", "orders"), 200)
            self.assertEqual(self.post(node, "desk", "desks"), 401)
            node.configure(keys(shop, {"key": "desk", "channels": ["desks"]}))
            answer = node.reload().json()
            self.assertEqual(answer["changes"]["publish"], ["publish.keys"])
            node.wait_for_log("publish.keys changed")
            self.assertEqual(self.post(node, "desk", "desks"), 200)
            self.assertEqual(self.post(node, "desk", "orders"), 403)
            node.configure(keys({"key": "desk"}))
            node.reload()
            self.assertEqual(self.post(node, "shop", "orders"), 401)
            self.assertEqual(self.post(node, "desk", "anything"), 200)
            node.configure("    {}\n")
            node.reload()
            self.assertEqual(self.post(node, "desk", "anything"), 403)


class Guesses(ChangesTest):
    """`failures_slow` and `failures` hold where others say that a key is wrong, too."""
    # A little of each is forgiven with time: it takes six to owe five.
    LIMITS = "limits: {failures_slow: 2, failures: 5, failures_time: 10min}"

    def guess(self, node, headers):
        begin = time.monotonic()
        status = self.status(node, "open", headers)
        return status, time.monotonic() - begin

    def assert_slowed_down_and_refused(self, node, guesses, good):
        answers = [self.guess(node, headers) for headers in guesses]
        self.assertEqual([status for status, _ in answers], [401] * 6 + [429])
        self.assertTrue(all(late > 0.95 for _, late in answers[2:6]), answers)
        self.assertEqual(self.status(node, "open", good), 429, "nothing is looked at")
        self.assertEqual(self.status(node, "open", {}), 200, "who shows no key is served")

    def test_ofTokensThatTheApplicationJudges(self):
        with Application() as app, Sluice(config({
                "url": app.url, "tokens": [token("ann")]}, self.LIMITS)) as node:
            app.status = 401
            guesses = [bearer(f"wrong-{n}") for n in range(7)]
            answers = [self.guess(node, headers) for headers in guesses]
            self.assertEqual([status for status, _ in answers], [401] * 6 + [429])
            self.assertTrue(all(late > 0.95 for _, late in answers[2:6]), answers)
            self.assertEqual(app.asked, 6)
            self.assertEqual(self.status(node, "open", bearer("ann-token")), 429)

    def test_ofSessionsAreOnlySlowedDown(self):
        """A house full of readers who were logged out must not shut itself out."""
        with Application() as app, Sluice(config({"url": app.url}, self.LIMITS)) as node:
            app.claims = {"ann": {}}
            answers = [self.guess(node, {"Cookie": f"user=wrong-{n}"}) for n in range(7)]
            self.assertEqual([status for status, _ in answers], [401] * 7)
            self.assertTrue(all(late > 0.95 for _, late in answers[2:]), answers)
            self.assertEqual(self.status(node, "open", {"Cookie": "user=ann"}), 200)

    def test_ofKeysThatHaveToBeFetched(self):
        with Issuer() as issuer, Issuer(issuer="https://id.example") as forger, Sluice(config({
                "jwt": [{"issuer": issuer.issuer, "audience": "sluice", "jwks": issuer.url}]},
                self.LIMITS)) as node:
            good = bearer(issuer.token())
            self.assertEqual(self.status(node, "open", good), 200)
            guesses = [bearer(forger.token(headers={"kid": f"unknown-{n}"})) for n in range(7)]
            self.assert_slowed_down_and_refused(node, guesses, good)

    def test_ofCookiesThatAreTokens(self):
        with Sluice(config({"cookie": "session", "tokens": [token("ann")]}, self.LIMITS)) as node:
            guesses = [{"Cookie": f"session=wrong-{n}"} for n in range(7)]
            self.assert_slowed_down_and_refused(node, guesses, {"Cookie": "session=ann-token"})


if __name__ == "__main__":
    main()
