"""systemd as far as our guides use it, in a scratch folder: the ``systemctl`` of a trial.

    python -m bench.operating.parts.services ROOT VERB [--now] [UNIT …]

Units are read from ``ROOT/etc/systemd/system``. Each started one has a supervisor, which runs ``ExecStartPre`` and
``ExecStart`` with the unit's environment and folder, and starts it again when it ends, whatever has killed it. Users
and sandboxing are left out: everything runs as the present user.
"""

from __future__ import annotations

import configparser
import os
import shlex
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

RESTART_S = 0.1  # systemd's default
_CHECK_S = 0.05


@dataclass(frozen=True, slots=True)
class Unit:
    """What a unit file says; ``%%`` is a percent sign there."""

    name: str
    folder: str
    environment: dict[str, str]
    before: str
    start: str
    reload: str
    stop_s: float

    @classmethod
    def read(cls, root: Path, name: str) -> Unit:
        """Raises FileNotFoundError, configparser.Error."""
        parser = configparser.ConfigParser(interpolation=None, strict=False)
        path = root / "etc/systemd/system" / f"{name}.service"
        parser.read_string(path.read_text(encoding="utf-8"))
        service = {key: value.replace("%%", "%") for key, value in parser["Service"].items()}
        return cls(
            name=name,
            folder=service.get("workingdirectory", "/"),
            environment=read_environment(Path(service["environmentfile"])) if "environmentfile" in service else {},
            before=service.get("execstartpre", ""),
            start=service["execstart"],
            reload=service.get("execreload", ""),
            stop_s=float(service.get("timeoutstopsec", 90)),
        )


def read_environment(path: Path) -> dict[str, str]:
    """An environment file: NAME=value a line."""
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


class Services:
    """The units of a scratch folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._run = root / "run"
        self._run.mkdir(parents=True, exist_ok=True)

    def start(self, name: str) -> None:
        """Start the supervisor of a unit, unless it runs; returns when ExecStart runs. Raises RuntimeError."""
        if self._is_alive(f"{name}.supervisor"):
            return
        log = self.log_of(name)
        log.parent.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "bench.operating.parts.services", str(self.root), "supervise", name]
        with log.open("ab") as file:
            process = subprocess.Popen(
                command, cwd=_CHECKOUT, stdin=subprocess.DEVNULL, stdout=file, stderr=file, start_new_session=True
            )
        self._write(f"{name}.supervisor", process.pid)
        while not self._is_alive(f"{name}.main"):
            if process.poll() is not None:
                raise RuntimeError(f"{name} does not start: {log.read_text(encoding='utf-8')[-2_000:]}")
            time.sleep(_CHECK_S)

    def stop(self, name: str) -> None:
        """SIGTERM, and wait for the end."""
        if self._is_alive(f"{name}.supervisor"):
            os.kill(self.pid(f"{name}.supervisor"), signal.SIGTERM)
        while self._is_alive(f"{name}.supervisor"):
            time.sleep(_CHECK_S)

    def reload(self, name: str) -> None:
        """Run ExecReload."""
        command = Unit.read(self.root, name).reload.replace("$MAINPID", str(self.pid(f"{name}.main")))
        subprocess.run(shlex.split(command), check=True)

    def main_pid(self, name: str) -> int:
        """The number of the main process of a unit."""
        return self.pid(f"{name}.main")

    def log_of(self, name: str) -> Path:
        return self.root / "var/log" / f"{name}.log"

    def stop_all(self) -> None:
        for path in self._run.glob("*.supervisor"):
            self.stop(path.stem)

    # ---- in the supervisor

    def supervise(self, name: str) -> None:
        """Run a unit until SIGTERM."""
        unit = Unit.read(self.root, name)
        environment = {**os.environ, **unit.environment}
        stopping = False

        def stop(*_: object) -> None:
            nonlocal stopping
            stopping = True

        signal.signal(signal.SIGTERM, stop)
        while not stopping:
            if unit.before:
                subprocess.run(shlex.split(unit.before), cwd=unit.folder, env=environment, check=True)
            main = subprocess.Popen(shlex.split(unit.start), cwd=unit.folder, env=environment, start_new_session=True)
            self._write(f"{name}.main", main.pid)
            while main.poll() is None and not stopping:
                time.sleep(_CHECK_S)
            if stopping:
                _end(main, unit.stop_s)
            with suppress(ProcessLookupError):  # what is left of its processes, as systemd does
                os.killpg(main.pid, signal.SIGKILL)
            (self._run / f"{name}.main").unlink(missing_ok=True)
            if not stopping:
                time.sleep(RESTART_S)

    def pid(self, name: str) -> int:
        return int((self._run / name).read_text(encoding="ascii"))

    def _write(self, name: str, pid: int) -> None:
        temporary = self._run / f".{name}"
        temporary.write_text(str(pid), encoding="ascii")
        temporary.replace(self._run / name)

    def _is_alive(self, name: str) -> bool:
        try:
            pid = self.pid(name)
            os.kill(pid, 0)
            return "Z" not in Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
        except (OSError, ValueError):
            return False


def _end(process: subprocess.Popen[bytes], stop_s: float) -> None:
    process.terminate()
    try:
        process.wait(stop_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


_CHECKOUT = Path(__file__).resolve().parents[3]


def main(arguments: list[str]) -> None:
    root, verb, *names = arguments
    services = Services(Path(root))
    names = [name.removesuffix(".service") for name in names if not name.startswith("--")]
    match verb:
        case "daemon-reload":
            return
        case "enable" if "--now" not in arguments:
            return
        case "enable" | "start":
            actions = [services.start]
        case "restart":
            actions = [services.stop, services.start]
        case "stop" | "reload" | "supervise":
            actions = [getattr(services, verb)]
        case _:
            raise SystemExit(f"systemctl of a trial does not know {verb!r}")
    for name in names:
        for action in actions:
            action(name)


if __name__ == "__main__":
    main(sys.argv[1:])
