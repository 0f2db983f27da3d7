#!/usr/bin/env python3
"""config/examples/nginx.conf in a real nginx: streams come block by block, an id goes on through it, a
client that goes is noticed, and what is not a stream stays as it is."""
import json

from system import TOP, Sluice, Stream, SystemTest, ask, main, wait_until
import metrics
from child import Child, free_port

CONFIG = """
    publish: {key: test-key}
    delivery: {retry: 10ms, poll: 1s}
"""
# What surrounds the file in a packaged nginx, with all that it writes in its own folder.
AROUND = """
daemon off;
worker_processes 1;
pid nginx.pid;
error_log stderr;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    {server}
}}
"""


class Nginx(Child):
    def __init__(self, node):
        self.port = free_port()
        server = (TOP / "config" / "examples" / "nginx.conf").read_text()
        for old, new in (("127.0.0.1:8080", "%s:%d" % node.address),
                         ("listen 80;", f"listen 127.0.0.1:{self.port};")):
            assert server.count(old) == 1, old
            server = server.replace(old, new)
        super().__init__(["/usr/sbin/nginx", "-p", ".", "-c", "nginx.conf", "-e", "stderr"],
                         {"nginx.conf": AROUND.format(server=server)}, self.port)

    @property
    def address(self):
        return "127.0.0.1", self.port


class BehindNginx(SystemTest):
    def setUp(self):
        self.node = self.enterContext(Sluice(CONFIG))
        self.nginx = self.enterContext(Nginx(self.node))

    def publish(self, number):
        self.node.publish([{"channel": "news", "data": number}])

    def test_eventsComeOneByOneAndAnIdGoesOn(self):
        with Stream(self.nginx.address, "/events/news") as stream:
            stream.read_until(lambda reader: reader.events)
            for number in range(3):  # each must be here before the next one is sent
                self.publish(number)
                self.assertEqual(stream.read_events(number + 1)[number].data, str(number))
            last_id = stream.last_id
        self.publish(3)
        with Stream(self.nginx.address, "/events/news", last_id) as stream:
            self.assertEqual(stream.read_events(1)[0].data, "3")
            self.assertEqual(stream.reader.controls("gap"), [])

    def test_aClientThatGoesIsNoticed(self):
        with Stream(self.nginx.address, "/events/news") as stream:
            stream.read_until(lambda reader: reader.events)
            # Those of the tests before may not be gone yet.
            metrics.wait_total(self.node, 1, "sluice_subscribers")
        wait_until(lambda: metrics.read(self.node).total("sluice_subscribers") == 0,
                   what="the end of the stream")

    def test_pollsAndPublishingPass(self):
        sent = ask(self.nginx.address, "POST", "/publish", json.dumps(
            {"channel": "news", "data": {"a": 1}}), {"Authorization": "Bearer test-key"})
        self.assertEqual((sent.status, sent.json()["accepted"]), (200, 1))
        polled = ask(self.nginx.address, "GET", "/poll/news?from=-1")
        self.assertEqual(polled.json()["events"][0]["data"], {"a": 1})
        self.assertEqual(ask(self.nginx.address, "GET", "/events/news?from=x").status, 400)


if __name__ == "__main__":
    main()
