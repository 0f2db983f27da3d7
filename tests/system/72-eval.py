#!/usr/bin/env python3
"""`sluice eval`: expressions as a person tries them out."""
import json
import os
import pathlib
import pty
import subprocess
import tempfile

from system import PATIENCE, SystemTest, main
from sluice import PROGRAM


def evaluate(*arguments, stdin=""):
    return subprocess.run([PROGRAM, "eval", *arguments], capture_output=True, text=True,
                          input=stdin, timeout=20 * PATIENCE)


class Eval(SystemTest):
    def gives(self, wanted, *arguments):
        result = evaluate(*arguments)
        self.assertEqual((result.stdout, result.returncode, result.stderr), (wanted + "\n", 0, ""))

    def fails(self, status, *arguments):
        result = evaluate(*arguments)
        self.assertEqual((result.returncode, result.stdout), (status, ""), result.stderr)
        return result.stderr

    def test_printsTheValueAsJson(self):
        self.gives("7", "1 + 2 * 3")
        self.gives('{"a":[1,"x"],"b":null}', "{'a': [1u, 'x'], 'b': 0.0 / 0.0}")
        self.gives('"AP8="', "b'\\x00\\xff'")

    def test_printsTheValueAsCel(self):
        for text in ("1u", "b'\\x00'", "timestamp('2009-02-13T23:31:30Z')", "duration('1.5s')",
                     "[1, 2.0, 'it\\'s', true, null, {'a': {}}]", "double('NaN')", "int"):
            self.gives(text, text, "--format", "cel")

    def test_copiesNumbersAsTheyWereSent(self):
        payload = '{"price": 129.90, "id": 12345678901234567890123, "o": { "x": 1.0 }}'
        self.gives("129.90", "payload.price", "--payload", payload)
        self.gives("12345678901234567890123", "payload.id", "--payload", payload)
        self.gives('{ "x": 1.0 }', "payload.o", f"--payload={payload}")
        self.gives("130.9", "payload.price + 1", "--payload", payload)

    def test_readsThePayloadFromAFileOrTheStandardInput(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "order.json")
            file.write_text(json.dumps({"items": [{"p": 5}, {"p": 50}]}))
            self.gives("1", "payload.items.filter(i, i.p > 10).size()", "--payload", f"@{file}")
            missing = str(file) + ".no"
            self.assertIn(missing, self.fails(2, "payload", "--payload", f"@{missing}"))
        result = evaluate("payload[1]", "--payload", "@-", stdin="[1, 2.50]")
        self.assertEqual(result.stdout, "2.50\n")

    def test_takesVariablesThatUseEachOther(self):
        self.gives("3", "x + y", "--var", "x=1", "--var", "y=x + 1")
        self.gives('"kitchen"', "topic.split('/')[1]", "--var", "topic='sensors/kitchen'")
        self.gives("20", "price * n", "--var=price=payload.p", "--var", "n=2",
                   "--payload", '{"p": 10}')
        self.gives('"yeah"', "a.b.c", "--var", "a.b.c='yeah'")
        self.assertIn("--var x:1:4: error:", self.fails(1, "x", "--var", "x=1 +"))
        self.assertIn("NAME=EXPR", self.fails(2, "x", "--var", "1x=1"))

    def test_pointsAtWhatIsWrong(self):
        error = self.fails(1, "payload.amount > 'x' + 1", "--payload", '{"amount": 1}')
        self.assertEqual(error.splitlines()[:3],
                         ["expression:1:22: error: `+` does not take string and int [type]",
                          "  1 | payload.amount > 'x' + 1",
                          "    | " + " " * 21 + "^"])
        error = self.fails(1, "1 < 2 &&\n  payload.b > 1", "--payload", "{}")
        self.assertEqual(error.splitlines()[:3],
                         ["expression:2:3: error: `payload.b` is missing [no-value]",
                          "  2 |   payload.b > 1", "    |   ^~~~~~~~~"])
        self.assertIn("divide by zero", self.fails(1, "1 / 0"))
        self.assertIn("did you mean 'startsWith'", self.fails(1, "'a'.startWith('b')"))
        self.assertIn("--payload", self.fails(1, "payload.a"))

    def test_warnsBesideTheValue(self):
        result = evaluate("payload.a / payload.b", "--payload", '{"a": 7, "b": 2}')
        self.assertEqual((result.stdout, result.returncode), ("3\n", 0))
        self.assertIn("expression:1:11: warning:", result.stderr)

    def test_takesExpressionsThatLookLikeOptions(self):
        self.gives("-1", "-1")
        self.gives("19", "--------19")
        self.gives("-2", "--", "-2")
        self.gives("-5", "payload", "--payload", "-5")

    def test_tellsWrongUsage(self):
        self.assertIn("--format json or --format cel", self.fails(2, "1", "--format", "xml"))
        self.assertIn("no JSON", self.fails(2, "payload", "--payload", "{a: 1}"))
        self.assertIn("--fromat", self.fails(2, "1", "--fromat", "cel"))

    def test_boundsWhatItPrints(self):
        doubling = "['0123456789']" + ".map(x, [x, x])" * 40
        self.assertIn("longer than", self.fails(1, doubling))
        self.assertIn("steps", self.fails(1, doubling + " == " + doubling))

    def test_readsOneExpressionPerLine(self):
        result = evaluate("--var", "x=2", stdin="x + 1\n\nx +\n[x].map(y, y * x)\n")
        self.assertEqual((result.stdout, result.returncode), ("3\n[4]\n", 1))
        self.assertIn("expression:1:4: error:", result.stderr)
        self.assertEqual(evaluate(stdin="1\n").returncode, 0)

    def test_promptsOnATerminal(self):
        outer, inner = pty.openpty()
        with os.fdopen(outer, "wb", buffering=0) as keyboard:
            program = subprocess.Popen([PROGRAM, "eval"], stdin=inner, stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, text=True)
            os.close(inner)
            keyboard.write(b"1 + 1\nnope\n\x04")
            out, error = program.communicate(timeout=20 * PATIENCE)
        self.assertIn("> 2\n", out)
        self.assertIn("no variable `nope`", error)
        self.assertEqual(program.returncode, 0)


if __name__ == "__main__":
    main()
