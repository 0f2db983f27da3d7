"""Random expressions of the subset, and payloads for them.

Every expression is made in two spellings at once, ours and the other implementation's, since ours
lets int and double mix and the other one does not: `1 + 0.5` is `double(1) + 0.5` there.
"""
import json
import random

KINDS = ("bool", "int", "uint", "double", "string", "bytes", "list", "map", "timestamp",
         "duration", "null")
NUMBERS = ("int", "uint", "double")
INTS = (0, 1, 2, -1, 3, 7, 10, 255, -128, 1000000, 2**31, -2**31, 2**53 + 1, 2**63 - 1, -2**63 + 1)
DOUBLES = (0.0, 1.0, -1.0, 0.5, 2.5, -3.75, 100.0, 1e10, 1e-5, 123456.789, 9007199254740993.0)
STRINGS = ("", "a", "b", "abc", "Hello", "x y", "123", "-5", "1.5", "true", "PAID", "a/b/c", "é",
           "日本", "it's", 'q"q', "tab\t", "1h", "2009-02-13T23:31:30Z")
TIMES = ("2009-02-13T23:31:30Z", "1970-01-01T00:00:00Z", "2024-02-29T12:00:00.5Z",
         "1999-12-31T23:59:59+02:00", "2038-01-19T03:14:08Z")
DURATIONS = ("0s", "1s", "1.5s", "90s", "1h30m", "-2m", "250ms", "24h")
PATTERNS = ("a", "^a", "b$", "[a-z]+", "^[0-9]+$", "a.c", "(a|b)+", "", "l{2}")
ACCESSORS = ("getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek",
             "getDayOfYear", "getHours", "getMinutes", "getSeconds", "getMilliseconds")


# What the other implementation does not have: result -> (template, kinds of its parts).
EXTENSIONS = {
    "string": (("{}.charAt({})", "string", "int"), ("{}.substring({})", "string", "int"),
               ("{}.substring({}, {})", "string", "int", "int"), ("{}.trim()", "string"),
               ("{}.lowerAscii()", "string"), ("{}.upperAscii()", "string"),
               ("{}.replace({}, {})", "string", "string", "string"),
               ("{}.replace({}, {}, {})", "string", "string", "string", "int"),
               ("{}.join({})", "list", "string"), ("{}.join()", "list"),
               ("base64({})", "bytes"), ("base64({})", "string"), ("string({})", "timestamp"),
               ("string({})", "duration"), ("string({})", "bool"), ("string({})", "double"),
               ("string({})", "bytes")),
    "list": (("{}.split({})", "string", "string"), ("{}.split({}, {})", "string", "string", "int")),
    "int": (("{}.indexOf({})", "string", "string"), ("{}.lastIndexOf({})", "string", "string"),
            ("{}.indexOf({}, {})", "string", "string", "int"), ("{}.size()", "string"),
            ("{}.lastIndexOf({}, {})", "string", "string", "int"), ("int({})", "timestamp"),
            ("{}.getHours('America/New_York')", "timestamp"),
            ("{}.getDate('-09:30')", "timestamp"), ("{}.getMilliseconds()", "duration"),
            ("{}.getFullYear({})", "timestamp", "string"), ("default({}, {})", "int", "int"),
            ("({} + {})", "int", "double"), ("({} / {})", "uint", "double")),
    "bool": (("bool({})", "string"), ("{}.matches({})", "string", "string"),
             ("(type({}) == type({}))", "list", "map"), ("default({}, {})", "bool", "bool")),
    "timestamp": (("timestamp({})", "int"), ("timestamp({})", "string")),
    "duration": (("duration({})", "string"),),
    "map": (("default({}, {})", "map", "map"), ("[{}][{}]", "map", "int")),
}
SLIPS = ("in", "has(", "'''", "payload", "1e", "0x", "b'", "\\u", "&&", "//", "e\u0301")


def quoted(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\t", "\\t") + "'"


class Both(tuple):
    """An expression as (ours, theirs)."""

    def __new__(cls, ours, theirs=None):
        return super().__new__(cls, (ours, ours if theirs is None else theirs))


def fill(template, *parts):
    """The template with each {} replaced, in both spellings."""
    between = template.split("{}")
    assert len(between) == len(parts) + 1, template

    def joined(spelling):
        return between[0] + "".join(part[spelling] + text
                                    for part, text in zip(parts, between[1:]))
    return Both(joined(0), joined(1))


class Grammar:
    """One random payload, and expressions over it; with `extended` also what only ours has."""

    def __init__(self, chance, chaos=0.04, extended=False):
        self.extended = extended
        self.chance = chance
        self.chaos = chaos       # how often an operand is of a wrong kind
        self.payload = self._object(2)
        self.variables = []      # (name, kind) of the macros around

    # ---- payloads ----

    def _json(self, kind, depth):
        chance = self.chance
        if kind == "list":
            inner = chance.choice(("int", "double", "string", "bool", "map"))
            return [self._json(inner, depth - 1) for _ in range(chance.randrange(4))]
        if kind == "map":
            return self._object(depth - 1)
        return {"bool": chance.random() < 0.5, "int": chance.choice(INTS),
                "double": chance.choice(DOUBLES), "string": chance.choice(STRINGS),
                "null": None}[kind]

    def _object(self, depth):
        kinds = ["bool", "int", "double", "string", "null"] + (["list", "map"] if depth > 0 else [])
        return {name: self._json(self.chance.choice(kinds), depth)
                for name in self.chance.sample("abcdefg", self.chance.randrange(6))}

    def _paths(self):
        """All values of the payload: (expression, kind, item kind of a list)."""
        found = []

        def walk(text, value, depth):
            kind = {bool: "bool", int: "int", float: "double", str: "string", list: "list",
                    dict: "map", type(None): "null"}[type(value)]
            found.append((text, kind))
            if depth > 2:
                return
            if kind == "map":
                for key, item in value.items():
                    walk(f"{text}.{key}" if self.chance.random() < 0.7 else f"{text}['{key}']",
                         item, depth + 1)
            if kind == "list":
                for i, item in enumerate(value):
                    walk(f"{text}[{i}]", item, depth + 1)
        walk("payload", self.payload, 0)
        return found

    # ---- expressions ----

    def any(self, depth):
        return self.make(self.chance.choice(KINDS), depth)

    def make(self, kind, depth, never=()):
        """Of the kind, or rarely of a wrong one that is not in `never`."""
        chance = self.chance
        if chance.random() < self.chaos:
            # Not among numbers: two kinds of them mix only where ours and theirs are told how.
            others = [k for k in KINDS if k != kind and k not in never
                      and (k not in NUMBERS or kind not in NUMBERS)]
            kind = chance.choice(others)
        if depth <= 0 or chance.random() < 0.15:
            return self._leaf(kind)
        roll = chance.random()
        if roll < 0.06:
            return fill("({} ? {} : {})", self.make("bool", depth - 1), self.make(kind, depth - 1),
                        self.make(kind, depth - 1))
        if roll < 0.1:
            items = [self.make(kind, depth - 2) for _ in range(chance.randrange(1, 4))]
            return fill("[" + ", ".join(["{}"] * len(items)) +
                        f"][{chance.randrange(len(items) + 1)}]", *items)
        if self.extended and roll < 0.4 and kind in EXTENSIONS:
            template, *kinds = chance.choice(EXTENSIONS[kind])
            return fill(template, *(self.make(each, depth - 1) for each in kinds))
        return getattr(self, "_" + kind)(depth)

    def _leaf(self, kind):
        chance = self.chance
        if chance.random() < 0.5:
            known = [text for text, of in self._paths() if of == kind]
            known += [name for name, of in self.variables if of == kind] * 3
            if known:
                return Both(chance.choice(known))
        name = chance.choice(("a", "b", "missing", "c.d", "g[0]"))
        if chance.random() < 0.03 and not isinstance(self.payload.get(name[0]), (int, float, list)):
            return Both("payload." + name)
        number = chance.choice(INTS)
        return Both({
            "bool": chance.choice(("true", "false")), "null": "null",
            "int": str(number), "uint": f"{abs(number)}u",
            "double": repr(chance.choice(DOUBLES)), "string": quoted(chance.choice(STRINGS)),
            "bytes": "b" + quoted(chance.choice(("", "a", "abc", "é"))),
            "list": chance.choice(("[]", "[1, 2, 3]", "['a', 'b']", "[1.5, 2.0]", "[true]")),
            "map": chance.choice(("{}", "{'a': 1}", "{'a': 1, 'b': 2}", "{1: 'x'}")),
            "timestamp": f"timestamp('{chance.choice(TIMES)}')",
            "duration": f"duration('{chance.choice(DURATIONS)}')"}[kind])

    def _bool(self, depth):
        chance, make = self.chance, self.make
        kind = chance.choice(("int", "uint", "double", "string", "bytes", "timestamp", "duration",
                              "bool"))
        other = chance.choice(NUMBERS) if kind in NUMBERS else kind
        forms = (
            lambda: fill(f"({{}} {chance.choice(('==', '!=', '<', '<=', '>', '>='))} {{}})",
                         make(kind, depth - 1), make(other, depth - 1)),
            lambda: fill(f"({{}} {chance.choice(('==', '!='))} {{}})", self.any(depth - 1),
                         self.any(depth - 1)),
            lambda: fill(f"({{}} {chance.choice(('&&', '||'))} {{}})", make("bool", depth - 1),
                         make("bool", depth - 1)),
            lambda: fill("!{}", make("bool", depth - 1)),
            lambda: fill(f"{{}}.{chance.choice(('startsWith', 'endsWith', 'contains'))}({{}})",
                         make("string", depth - 1), make("string", depth - 1)),
            lambda: fill(f"{{}}.matches({quoted(chance.choice(PATTERNS))})",
                         make("string", depth - 1)),
            lambda: fill("({} in {})", self.any(depth - 1), make("list", depth - 1)),
            lambda: fill("({} in {})", make("string", depth - 1), make("map", depth - 1)),
            lambda: Both(f"has(payload.{chance.choice('abcdefg')})"),
            lambda: Both(f"has(payload.{chance.choice('abcdefg')}.{chance.choice('abcdefg')})"),
            lambda: fill(f"has({{}}.{chance.choice('abc')})", make("map", depth - 1)),
            lambda: self._macro(chance.choice(("all", "exists", "exists_one")), "bool", depth))
        return chance.choice(forms)()

    def _arithmetic(self, kind, depth, operators):
        # They take `list + map` and append the keys.
        never = ("map",) if kind == "list" else ("list",) if kind == "map" else ()
        return fill(f"({{}} {self.chance.choice(operators)} {{}})",
                    self.make(kind, depth - 1, never), self.make(kind, depth - 1, never))

    def _int(self, depth):
        chance, make = self.chance, self.make
        return chance.choice((
            lambda: self._arithmetic("int", depth, "+-*/%"),
            lambda: self._arithmetic("int", depth, "+-*/%"),
            lambda: fill("-({})", make("int", depth - 1, never=("bool",))),
            lambda: fill("size({})", make(chance.choice(("string", "bytes", "list", "map")),
                                          depth - 1)),
            lambda: fill("int({})", make(chance.choice(("uint", "double", "string", "int")),
                                         depth - 1)),
            lambda: fill("{}." + chance.choice(ACCESSORS) + "()", make("timestamp", depth - 1)),
            lambda: fill("{}." + chance.choice(("getHours", "getMinutes", "getSeconds")) + "()",
                         make("duration", depth - 1))))()

    def _uint(self, depth):
        return self.chance.choice((
            lambda: self._arithmetic("uint", depth, "+-*/%"),
            lambda: fill("uint({})", self.make(self.chance.choice(("int", "double", "string")),
                                               depth - 1))))()

    def _double(self, depth):
        def mixed():
            operator = self.chance.choice("+-*/")
            whole = self.make(self.chance.choice(("int", "uint")), depth - 1)
            real = self.make("double", depth - 1)
            # `double(x)` of no number is an error of theirs where ours has none for a string.
            return Both(f"(double({whole[0]}) {operator} {real[0]})",
                        f"(double({whole[1]}) {operator} {real[1]})")

        def really_mixed():
            operator = self.chance.choice("+-*/")
            whole, real = self.chance.choice(INTS), self.make("double", depth - 1)
            return Both(f"({whole} {operator} {real[0]})", f"({whole}.0 {operator} {real[1]})")
        return self.chance.choice((
            lambda: self._arithmetic("double", depth, "+-*/"),
            mixed, really_mixed,
            lambda: fill("-({})", self.make("double", depth - 1, never=("bool",))),
            lambda: fill("double({})", self.make(self.chance.choice(("int", "uint", "string")),
                                                 depth - 1))))()

    def _string(self, depth):
        return self.chance.choice((
            lambda: self._arithmetic("string", depth, "+"),
            lambda: fill("string({})", self.make(self.chance.choice(("int", "uint", "string")),
                                                 depth - 1)),
            lambda: self._leaf("string")))()

    def _bytes(self, depth):
        return self.chance.choice((
            lambda: self._arithmetic("bytes", depth, "+"),
            lambda: fill("bytes({})", self.make("string", depth - 1))))()

    def _list(self, depth):
        chance = self.chance

        def literal():
            kind = chance.choice(KINDS)
            items = [self.make(kind, depth - 2) for _ in range(chance.randrange(4))]
            return fill("[" + ", ".join(["{}"] * len(items)) + "]", *items)
        return chance.choice((
            literal,
            lambda: self._arithmetic("list", depth, "+"),
            lambda: self._macro("filter", "bool", depth),
            lambda: self._macro("map", chance.choice(KINDS), depth)))()

    def _map(self, depth):
        names = self.chance.sample("abcdef", self.chance.randrange(4))
        items = [self.any(depth - 2) for _ in names]
        if not names:
            return Both("{}")
        inside = ", ".join(f"'{name}': {{}}" for name in names)
        return fill("{" + inside + "}", *items)

    def _timestamp(self, depth):
        return fill(f"({{}} {self.chance.choice('+-')} {{}})", self.make("timestamp", depth - 1),
                    self.make("duration", depth - 1))

    def _duration(self, depth):
        return self.chance.choice((
            lambda: self._arithmetic("duration", depth, "+-"),
            lambda: self._arithmetic("timestamp", depth, "-")))()

    def _null(self, depth):
        return self._leaf("null")

    def _macro(self, name, body, depth):
        """name(variable, body) over a list whose items are of one kind."""
        kind = self.chance.choice(("int", "string", "double", "map"))
        items = [self.make(kind, depth - 2) for _ in range(self.chance.randrange(4))]
        ranged = fill("[" + ", ".join(["{}"] * len(items)) + "]", *items)
        if self.chance.random() < 0.2:
            kind, ranged = "string", self.make("map", depth - 2)
        variable = f"v{len(self.variables)}"
        self.variables.append((variable, kind))
        inner = self.make(body, depth - 1)
        self.variables.pop()
        return fill(f"{{}}.{name}({variable}, {{}})", ranged, inner)


def sample(seed, depth=4):
    """(payload, ours, theirs) of a seed: the same for ever. No `theirs`: it is not to compare."""
    chance = random.Random(seed)
    extended = chance.random() < 0.3
    grammar = Grammar(chance, extended=extended)
    ours, theirs = grammar.any(chance.randrange(1, depth + 1))
    if chance.random() < 0.1:
        return json.dumps(grammar.payload), mistyped(chance, ours), None
    return json.dumps(grammar.payload), ours, None if extended else theirs


def mistyped(chance, text):
    """The text with some slips."""
    for _ in range(chance.randrange(1, 4)):
        at = chance.randrange(len(text) + 1)
        slip = chance.choice(("", text[at:at + 3] * 2, chance.choice(SLIPS),
                              chance.choice("()[]{}.,?:'\"`\\+-*/%=<>!&|xu01 \n\0é")))
        text = text[:at] + slip + text[at + chance.randrange(4):]
    return text
