"""Prints how much of src/ the tests run, by layer, and the lines that none runs.

usage: coverage.py LCOV LEAST

Ends with 1 if fewer than LEAST per cent of the lines are run. Code that only tests have (behind `#[cfg(test)]`) counts on neither side; nor does
main.rs, which only hands over to the library.
"""

import re
import sys
from collections import defaultdict
from pathlib import Path

SOURCE = Path("src").resolve()
LEFT_OUT = {SOURCE / "main.rs"}
TEST_ONLY = re.compile(r"( *)#\[cfg\(test\)\]$")
MODULE_FILE = re.compile(r" *(?:pub(?:\(\w+\))? )?mod (\w+);$")
OTHER_FILE = re.compile(r" *#\[path = \"(\w+)\.rs\"\]$")


def test_lines(source):
    """The numbers of the lines of test-only items, and the names of test-only modules in files of their own.

    It relies on the layout that rustfmt gives: an item ends at the first line that is no deeper than its attribute and
    closes something.
    """
    lines, numbers, modules = source.split("\n"), set(), set()
    at = 0
    while at < len(lines):
        attribute = TEST_ONLY.match(lines[at])
        if not attribute:
            at += 1
            continue
        end, other = at + 1, None
        while lines[end].lstrip().startswith("#["):
            other = other or OTHER_FILE.match(lines[end])
            end += 1
        module = other or MODULE_FILE.match(lines[end])
        if module:
            modules.add((module[1], other is not None))
        indent = attribute[1]
        while not re.match(rf"{indent}\S.*[;}}]$|{indent}}}", lines[end]):
            end += 1
        numbers.update(range(at + 1, end + 2))
        at = end + 1
    return numbers, modules


def skipped():
    """For each source file, the lines that do not count; whole files of test-only modules are None."""
    found = {}
    for path in sorted(SOURCE.rglob("*.rs")):
        numbers, modules = test_lines(path.read_text(encoding="utf-8"))
        if path in LEFT_OUT:
            found[path] = None
        found.setdefault(path, numbers)
        for module, beside in modules:
            folder = path.parent if beside or path.stem in ("mod", "lib", "main") else path.parent / path.stem
            found[folder / f"{module}.rs"] = None
            for inner in (folder / module).rglob("*.rs"):
                found[inner] = None
    return found


def records(lcov):
    """Per file: the executions of each line, and those of each arm of each branch."""
    files = {}
    for record in lcov.split("end_of_record"):
        source = re.search(r"^SF:(.*)$", record, re.M)
        if not source:
            continue
        lines, branches = files.setdefault(Path(source[1]), (defaultdict(int), defaultdict(int)))
        for number, count in re.findall(r"^DA:(\d+),(\d+)", record, re.M):
            lines[int(number)] = max(lines[int(number)], int(count))
        for number, block, arm, count in re.findall(r"^BRDA:(\d+),(\d+),(\d+),(\d+|-)", record, re.M):
            key = (int(number), block, arm)
            branches[key] = max(branches[key], 0 if count == "-" else int(count))
    return files


def ranges(numbers):
    """[1, 2, 3, 7] as "1-3 7"."""
    parts, first, last = [], None, None
    for number in [*sorted(numbers), None]:
        if first is not None and number != last + 1:
            parts.append(str(first) if first == last else f"{first}-{last}")
            first = None
        if number is not None:
            first, last = (number if first is None else first), number
    return " ".join(parts)


class Tally:
    def __init__(self):
        self.hit = self.all = self.arms_hit = self.arms = 0

    def add(self, lines, branches):
        self.hit += sum(1 for count in lines.values() if count)
        self.all += len(lines)
        self.arms_hit += sum(1 for count in branches.values() if count)
        self.arms += len(branches)

    def row(self, name):
        def share(hit, total):
            return f"{100 * hit / total:6.2f} %" if total else "       –"

        return f"{name:<14}{self.hit:>6} of {self.all:<6}{share(self.hit, self.all)}{self.arms_hit:>7} of {self.arms:<5}{share(self.arms_hit, self.arms)}"


def main(lcov, least):
    skip = skipped()
    layers, total, missed = defaultdict(Tally), Tally(), []
    for path, (lines, branches) in sorted(records(Path(lcov).read_text(encoding="utf-8")).items()):
        unwanted = skip.get(path, None)
        if unwanted is None:
            continue
        lines = {number: count for number, count in lines.items() if number not in unwanted}
        branches = {key: count for key, count in branches.items() if key[0] not in unwanted}
        inner = path.relative_to(SOURCE)
        layer = f"{inner.parts[0]}/" if len(inner.parts) > 1 else "(files of src)"
        for tally in (layers[layer], total):
            tally.add(lines, branches)
        never = [number for number, count in lines.items() if not count]
        if never:
            missed.append(f"src/{inner}: {ranges(never)}")
    print(f"{'':<14}{'lines':>16}{'':8}{'branches':>14}")
    for name, tally in sorted(layers.items()):
        print(tally.row(name))
    print(total.row("together"))
    print("\nrun by no test:", *missed, sep="\n  ")
    if total.all == 0:
        sys.exit(f"{lcov} has no line of {SOURCE}")
    if 100 * total.hit < float(least) * total.all:
        sys.exit(f"fewer than {least} % of the lines are run")


main(*sys.argv[1:])
