"""An operator's books after a fault."""
import metrics
from sluice import wait_until

_RESULTS = ("mapped", "filtered", "unmatched", "redelivered", "rejected")


class Unbalanced(AssertionError):
    pass


class Books:
    """One look at /metrics of a node."""

    def __init__(self, node):
        self.page = metrics.read(node)

    def messages(self, input_, result=None):
        labels = {"input": input_} | ({"result": result} if result else {})
        return int(self.page.total("sluice_messages_total", **labels))

    def balance(self, sent):
        """sent: {input: messages that it was given}, each counted once by what became of it. Fails,
        or returns the text for the table."""
        notes = []
        for name, count in sent.items():
            by_result = {result: self.messages(name, result) for result in _RESULTS}
            if sum(by_result.values()) != self.messages(name):
                raise Unbalanced(f"{name}: {by_result}, {self.messages(name)} in all")
            if self.messages(name) - by_result["redelivered"] != count:
                raise Unbalanced(f"{name}: {by_result}, {count} were sent")
            notes += [f"some `{result}`" for result in ("redelivered", "rejected")
                      if by_result[result]]
        self.copies_balance()
        return ", ".join(["balance", *self._gaps(), *notes])

    def copies_balance(self):
        appended, kept = (self.page.value(f"sluice_{name}") for name in
                          ("appended_total", "history_events"))
        if appended != kept + self.page.total("sluice_evicted_total"):
            raise Unbalanced(f"appended {appended}, kept {kept}, evicted "
                             f"{self.page.total('sluice_evicted_total')}")

    def _gaps(self):
        reasons = sorted(labels["reason"] for name, labels, value in self.page.samples
                         if name == "sluice_gaps_total" and value)
        return [f"gaps counted as `{reason}`" for reason in reasons]


def balanced(node, sent, seconds=10):
    """The text of books that balance; messages may still be under way for so long."""
    def look():
        try:
            return Books(node).balance(sent)
        except Unbalanced as problem:
            last[:] = [problem]
            return None
    last = []
    try:
        return wait_until(look, seconds, "balanced books")
    except AssertionError:
        raise last[0] if last else None
