"""A real HAProxy for tests: round robin over nodes, of which it asks /readyz, as an operator would
set it up.

    with HaProxy([left.address, right.address]) as balancer:
        Stream(balancer.address, "/events/orders")
"""
from child import Child, free_port

# Nodes that are killed are asked often enough that a client meets a dead one rarely; a node that
# refuses a connection hands its request to the other one.
_CONFIG = """global
    maxconn 4000
defaults
    mode http
    timeout connect 2s
    timeout client 60s
    timeout server 60s
    option redispatch 1
    retries 2
    retry-on conn-failure empty-response
frontend readers
    bind 127.0.0.1:{port}
    default_backend nodes
backend nodes
    balance roundrobin
    option httpchk GET /readyz
    default-server inter 200ms fall 1 rise 1
{servers}
"""


class HaProxy(Child):
    """In front of nodes at fixed addresses, which come and go."""

    def __init__(self, addresses):
        """addresses: [(host, port)]"""
        self._http_port = free_port()
        servers = "\n".join(f"    server node{n} {host}:{port} check"
                            for n, (host, port) in enumerate(addresses))
        config = _CONFIG.format(port=self._http_port, servers=servers)
        super().__init__(["/usr/sbin/haproxy", "-db", "-f", "haproxy.cfg"], {"haproxy.cfg": config},
                         self._http_port)

    @property
    def address(self):
        return "127.0.0.1", self._http_port
