"""The one course of all faults of brokers: numbers flow, the fault strikes, it is mended."""
import time

from faults.books import Books, balanced
from faults.follower import Audit, Follower
from faults.rows import FaultTest
from sluice import wait_until
from states import wait_state

STEP = 200


class BrokerFaultTest(FaultTest):
    """REQUIRES of a subclass: `input` is the name of the node's only input."""

    input, target = None, None

    def send(self, first, beyond):
        """Numbers first .. beyond - 1; returns when the broker has them."""
        raise NotImplementedError

    @staticmethod
    def number(event):
        return int(event.data)

    def run_fault(self, node, strike, mend, outage_s=1.0, meanwhile=False, repeats=False):
        """strike, mend: what breaks it and what ends that. meanwhile: others reach the broker
        during the fault, so numbers are sent. repeats: the broker may send again what it had no
        acknowledgement of. Tells the row; the audit."""
        with Follower(node, self.target, self.number) as follower:
            self.send(0, STEP)
            follower.wait_for(STEP - 1)
            strike()
            sent = STEP
            if meanwhile:
                self.send(sent, sent + STEP)
                sent += STEP
            time.sleep(outage_s)
            mend()
            mended = time.monotonic()
            wait_state(node, "running/running", 60)
            self.send(sent, sent + STEP)
            back = follower.wait_for(sent, 60)
            sent += STEP
            follower.wait_for(sent - 1, 60)
            wait_until(lambda: Books(node).messages(self.input) == len(follower.numbers), 10,
                       "the reader's last event")
            audit = Audit(follower, sent)
            given = sent - len(audit.told) + audit.doubled
            books = balanced(node, {self.input: given})
            self.assertEqual(follower.visits, 1, "the stream itself was cut")
        self.tell(audit.text(repeats), books, back - mended)
        return audit
