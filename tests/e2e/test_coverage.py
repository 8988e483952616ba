"""Checks that tests/COVERAGE names every row of its lists, which are Checks, Media types, Repeating a request and Postbacks of
savemms-api(7), and that the tests exist."""

import ast
import os

HERE = os.path.dirname(os.path.abspath(__file__))
CODES = {1: "E100", 2: "E108", 3: "E104 E109 E105 E112 E107 E106 E113 E120", 4: "E311", 5: "E228", 6: "E652", 7: "E622",
         8: "E312", 9: "E225", 10: "E313", 11: "E334", 12: "E226", 13: "E227", 14: "E224", 15: "E223", 16: "E1130",
         17: "E1131", 18: "E351 E352 E353 E355 E356 E357", 19: "E331 E332 E333 E335 E336 E337", 20: "E229", 21: "E341"}
WORDS_31 = ("order", "fetch-last", "same-kind", "empty-url", "stores-nothing")
ROWS_33 = ("kind text", "kind image", "kind audio", "kind video", "kind contact", "kind calendar", "kind pdf", "parameters",
           "supported any", "octets supported", "octets other", "anything else",
           "fails image", "fails audio", "fails video", "fails object")
RULES_95 = ("syntax", "scope", "print", "replay", "quota", "running", "lease", "other print", "kept", "ttl", "passed on")
POSTBACKS = ("once", "retries", "signature", "two-secrets", "retry-after", "gone", "dialect", "same-bytes",
             "failures", "delivery", "fallback")


def table():
    with open(os.path.join(HERE, "..", "COVERAGE")) as f:
        lines = [line.rstrip("\n") for line in f if line.strip() and not line.startswith("#")]
    return {row: tests.split() for row, tests in (line.split("\t") for line in lines)}


def functions(name):
    with open(os.path.join(HERE, name)) as f:
        return {node.name for node in ast.parse(f.read()).body if isinstance(node, ast.FunctionDef)}


def test_every_row_is_named():
    rows = {f"3.1/{n} {code}" for n, codes in CODES.items() for code in codes.split()}
    rows |= {f"3.1/{word}" for word in WORDS_31} | {f"3.3/{row}" for row in ROWS_33}
    rows |= {f"9.5/{rule}" for rule in RULES_95}
    rows |= {f"postback/{row}" for row in POSTBACKS}
    assert set(table()) == rows


def test_every_test_exists():
    for row, tests in table().items():
        assert tests, row
        for test in tests:
            name, function = test.split("::")
            assert function.startswith("test_") and function in functions(name), (row, test)
