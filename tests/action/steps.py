#!/usr/bin/env python3
"""The steps of action.yml on their own, for what a whole run with act cannot show: each shell that a job container may
have as `sh`, signals, exit codes, other systems, and the shape of the file. Needs PyYAML; BusyBox, dash and pwsh are
used where they are."""

import functools
import os
import re
import shutil
import signal
import statistics
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS = ACTION["runs"]["steps"]
BY_ID = {step["id"]: step for step in STEPS if "id" in step}

# As the runner starts `shell: sh`: the program found as `sh`, then `-e FILE`.
SHELLS = {
    name: command
    for name, command in {
        "dash": ["dash", "-e"],
        "bash as sh": ["sh-bash", "-e"],
        "busybox": ["busybox", "sh", "-e"],
    }.items()
    if shutil.which("bash" if command[0] == "sh-bash" else command[0])
}


def outputs_of(path):
    """Reads an output file: both forms, last one wins."""
    found = {}
    lines = iter(path.read_text(encoding="utf-8").splitlines())
    for line in lines:
        if re.match(r"[^=]*<<", line):
            name, end = line.split("<<", 1)
            body = []
            for inner in lines:
                if inner == end:
                    break
                body.append(inner)
            found[name] = "\n".join(body)
        elif line:
            name, value = line.split("=", 1)
            found[name] = value
    return found


class Runner:
    """One step in a scratch directory, with the environment of a runner and nothing of this machine's."""

    def __init__(self, directory):
        self.directory = Path(directory)
        self.output = self.directory / "output"
        self.tree = self.directory / "an action's tree"
        self.tree.mkdir()
        # `sh` must be its own name for bash to turn to its POSIX mode.
        self.links = self.directory / "links"
        self.links.mkdir()
        if shutil.which("bash"):
            (self.links / "sh-bash").symlink_to(shutil.which("bash"))

    def place(self, platform, program=HERE / "stand_in.sh"):
        target = self.tree / "bin" / platform / "codearts-retry"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(program, target)
        target.chmod(0o755)
        return target

    def command(self, shell, step):
        script = self.directory / f"{step}.sh"
        script.write_text(BY_ID[step]["run"], encoding="utf-8")
        first, *rest = SHELLS[shell]
        if first == "sh-bash":
            return ["sh", *rest, str(script)], shutil.which("bash")
        return [first, *rest, str(script)], shutil.which(first)

    def environment(self, extra):
        self.output.write_text("", encoding="utf-8")
        return {
            "PATH": os.environ["PATH"],
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(self.tree),
            "GITHUB_OUTPUT": str(self.output),
            "RUNNER_OS": "Linux",
            "RUNNER_ARCH": "X64",
            **extra,
        }

    def start(self, shell, step, **extra):
        argv, executable = self.command(shell, step)
        return subprocess.Popen(
            argv,
            executable=executable,
            env=self.environment(extra),
            cwd=self.directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, shell, step, **extra):
        process = self.start(shell, step, **extra)
        text, _ = process.communicate(timeout=60)
        return process.returncode, text, outputs_of(self.output)


class Shape(unittest.TestCase):
    def test_what_the_marketplace_asks_for(self):
        self.assertEqual(ACTION["name"], "Retry CodeArts Pipeline")
        self.assertLess(len(ACTION["description"]), 125)
        self.assertEqual(ACTION["branding"], {"icon": "refresh-cw", "color": "red"})
        self.assertTrue(ACTION["author"])

    def test_names_are_snake_case_and_described(self):
        for kind in ("inputs", "outputs"):
            for name, entry in ACTION[kind].items():
                self.assertRegex(name, r"^[a-z]+(_[a-z]+)*$")
                self.assertTrue(entry["description"].endswith("."), name)

    def test_defaults_are_text_and_required_inputs_have_none(self):
        for name, entry in ACTION["inputs"].items():
            self.assertIsInstance(entry.get("default", ""), str, name)
            self.assertFalse(entry["required"] and "default" in entry, name)

    def test_both_twins_map_every_input_and_nothing_else(self):
        for twin, finder in (("posix", "find-posix"), ("windows", "find-windows")):
            expected = {f"INPUT_{name.upper()}": "${{ inputs.%s }}" % name for name in ACTION["inputs"]}
            expected["CODEARTS_RETRY_PROGRAM"] = "${{ steps.%s.outputs.path }}" % finder
            self.assertEqual(BY_ID[twin]["env"], expected)

    def test_every_output_merges_the_twins(self):
        for name, entry in ACTION["outputs"].items():
            self.assertEqual(
                entry["value"], "${{ steps.posix.outputs.%s || steps.windows.outputs.%s }}" % (name, name)
            )

    def test_the_steps_that_may_build_get_no_input(self):
        for step in ("find-posix", "find-windows"):
            self.assertNotIn("env", BY_ID[step])

    def test_no_script_holds_an_expression(self):
        for step in STEPS:
            self.assertNotIn("${{", step["run"])

    def test_the_twins_exclude_each_other(self):
        for step in STEPS[:-1]:
            unix = step["shell"] == "sh"
            self.assertEqual(step["if"], "runner.os != 'Windows'" if unix else "runner.os == 'Windows'")
            self.assertEqual(step["shell"], "sh" if unix else "pwsh")

    def test_the_last_step_runs_only_after_success_and_fails(self):
        last = STEPS[-1]
        self.assertNotRegex(last["if"], r"always|failure|cancelled")
        self.assertTrue(last["run"].rstrip().endswith("exit 10"))


def in_each_shell(test):
    """Runs a test once for each shell, each time with a new scratch directory."""

    @functools.wraps(test)
    def run(self):
        for shell in SHELLS:
            with self.subTest(shell=shell), tempfile.TemporaryDirectory() as scratch:
                self.runner = Runner(scratch)
                test(self, shell)

    return run


class Posix(unittest.TestCase):
    @in_each_shell
    def test_the_exit_code_of_the_program_is_the_step_s(self, shell):
        program = self.runner.place("linux-x64")
        for code in (0, 1, 2, 10, 130, 143):
            got, _, outputs = self.runner.run(
                shell, "posix", CODEARTS_RETRY_PROGRAM=str(program), STAND_IN_EXIT=str(code)
            )
            self.assertEqual(got, code)
            self.assertEqual(outputs["success"], "true" if code == 0 else "false")

    @in_each_shell
    def test_a_signal_to_the_shell_reaches_the_program(self, shell):
        program = self.runner.place("linux-x64")
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            process = self.runner.start(
                shell, "posix", CODEARTS_RETRY_PROGRAM=str(program), STAND_IN_MODE="hang"
            )
            line = process.stdout.readline()
            self.assertEqual(line, f"stand-in waits as {process.pid}\n", "the program replaced the shell")
            sent = time.monotonic()
            process.send_signal(number)
            process.communicate(timeout=10)
            self.assertLess(time.monotonic() - sent, 1)
            self.assertEqual(process.returncode, code)
            self.assertEqual(outputs_of(self.runner.output)["success"], "false")

    @in_each_shell
    def test_no_program_at_all_is_red(self, shell):
        code, _, outputs = self.runner.run(shell, "posix", CODEARTS_RETRY_PROGRAM="")
        self.assertNotEqual(code, 0)
        self.assertEqual(outputs, {})

    @in_each_shell
    def test_start_up_files_named_in_the_environment_change_nothing(self, shell):
        program = self.runner.place("linux-x64")
        rc = self.runner.directory / "rc"
        rc.write_text("echo rc was read; exit 99\n", encoding="utf-8")
        for step in ("find-posix", "posix"):
            code, text, _ = self.runner.run(
                shell, step, CODEARTS_RETRY_PROGRAM=str(program), BASH_ENV=str(rc), ENV=str(rc)
            )
            self.assertEqual((code, text), (0, ""))

    @in_each_shell
    def test_finds_the_program_of_the_system_it_runs_on(self, shell):
        if shell == "busybox":
            self.skipTest("brings its own uname")
        fake = self.runner.links / "uname"
        cases = {
            ("Linux", "x86_64"): "linux-x64",
            ("Linux", "aarch64"): "linux-arm64",
            ("Darwin", "x86_64"): "macos-x64",
            ("Darwin", "arm64"): "macos-arm64",
            ("Linux", "riscv64"): "linux-riscv64",
            ("FreeBSD", "amd64"): "freebsd-x64",
        }
        for (system, machine), platform in cases.items():
            fake.write_text(f'#!/bin/sh\n[ "$1" = -s ] && echo {system} || echo {machine}\n', encoding="utf-8")
            fake.chmod(0o755)
            program = self.runner.place(platform)
            code, text, outputs = self.runner.run(
                shell, "find-posix", PATH=f"{self.runner.links}:{os.environ['PATH']}"
            )
            self.assertEqual((code, text), (0, ""))
            self.assertEqual(outputs, {"path": str(program)})

    @in_each_shell
    def test_without_uname_it_believes_the_runner(self, shell):
        tools = self.runner.directory / "tools"
        tools.mkdir()
        (tools / "tr").symlink_to(shutil.which("tr"))
        program = self.runner.place("macos-arm64")
        if shell == "busybox":
            self.skipTest("brings its own uname")
        code, _, outputs = self.runner.run(
            shell, "find-posix", PATH=str(tools), RUNNER_OS="macOS", RUNNER_ARCH="ARM64"
        )
        self.assertEqual((code, outputs), (0, {"path": str(program)}))

    @in_each_shell
    def test_a_program_for_another_system_does_not_count(self, shell):
        self.runner.place("windows-x64")
        tools = self.runner.directory / "tools"
        tools.mkdir()
        for tool in ("uname", "tr"):
            (tools / tool).symlink_to(shutil.which(tool))
        code, text, outputs = self.runner.run(shell, "find-posix", PATH=str(tools))
        self.assertEqual((code, outputs), (2, {}))
        self.assertRegex(text, r"^::error title=Retry CodeArts Pipeline::no program for \S+ in this tree and no cargo")
        self.assertEqual(len(text.splitlines()), 1)

    @in_each_shell
    def test_the_shell_around_the_program_costs_at_most_50_ms(self, shell):
        program = self.runner.place("linux-x64", shutil.which("true"))
        argv, executable = self.runner.command(shell, "posix")
        environment = self.runner.environment({"CODEARTS_RETRY_PROGRAM": str(program)})
        alone, wrapped = [], []
        for _ in range(15):
            for bucket, command, file in (
                (alone, [str(program)], None),
                (wrapped, argv, executable),
            ):
                start = time.perf_counter()
                subprocess.run(command, executable=file, env=environment, check=True)
                bucket.append(time.perf_counter() - start)
        cost = (statistics.median(wrapped) - statistics.median(alone)) * 1000
        print(f"the shell around the program, {shell}: {cost:.1f} ms")
        self.assertLess(cost, 50)


@unittest.skipUnless(shutil.which("pwsh"), "needs pwsh")
class PowerShell(unittest.TestCase):
    """The other twin, as far as a system that is not Windows can show it."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.runner = Runner(scratch.name)

    def run_step(self, step, **extra):
        script = self.runner.directory / f"{step}.ps1"
        script.write_text(
            "$ErrorActionPreference = 'stop'\n"
            + BY_ID[step]["run"]
            + "\nif ((Test-Path -LiteralPath variable:\\LASTEXITCODE)) { exit $LASTEXITCODE }\n",
            encoding="utf-8",
        )
        done = subprocess.run(
            ["pwsh", "-command", f". '{script}'"],
            env={"HOME": str(self.runner.directory), **self.runner.environment(extra)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr, outputs_of(self.runner.output)

    def test_finds_the_program(self):
        program = self.runner.tree / "bin" / "windows-arm64" / "codearts-retry.exe"
        program.parent.mkdir(parents=True)
        program.touch()
        code, _, outputs = self.run_step("find-windows", RUNNER_ARCH="ARM64")
        self.assertEqual((code, outputs), (0, {"path": str(program)}))

    def test_the_exit_code_of_the_program_is_the_step_s(self):
        program = self.runner.place("linux-x64")
        for expected in (0, 2, 10):
            code, _, outputs = self.run_step(
                "windows", CODEARTS_RETRY_PROGRAM=str(program), STAND_IN_EXIT=str(expected)
            )
            self.assertEqual(code, expected)
            self.assertEqual(outputs["success"], "true" if expected == 0 else "false")


if __name__ == "__main__":
    unittest.main()
