"""Two hosts on this machine: network namespaces that are joined by a cable, a veth pair."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A network namespace with one network card."""

    name: str
    card: str
    address: str

    def command(self, command: list[str]) -> list[str]:
        """Return the command that runs another one on this host."""
        # gloo would otherwise take the address that the name of the machine has.
        return ["ip", "netns", "exec", self.name, "env", f"GLOO_SOCKET_IFNAME={self.card}", *command]


def why_not() -> str | None:
    """Return why this machine cannot have such hosts; None if it can."""
    if shutil.which("ip") is None:
        return "network namespaces need the program ip"
    try:
        with two_hosts():
            return None
    except subprocess.CalledProcessError as error:
        return f"network namespaces are not allowed here: {error.stderr.strip():.100}"


@contextmanager
def two_hosts() -> Iterator[list[Host]]:
    """Yield two hosts that exist within the block; each sees only the other one."""
    number = os.getpid()
    hosts = [Host(name=f"seqclf-{number}-{i}", card=f"veth{i}", address=f"10.77.0.{i + 1}") for i in range(2)]
    try:
        for host in hosts:
            _ip("netns", "add", host.name)
            _ip("-n", host.name, "link", "set", "lo", "up")
        first, second = hosts
        cable = ["link", "add", first.card, "netns", first.name, "type", "veth"]
        _ip(*cable, "peer", "name", second.card, "netns", second.name)
        for host in hosts:
            _ip("-n", host.name, "addr", "add", f"{host.address}/24", "dev", host.card)
            _ip("-n", host.name, "link", "set", host.card, "up")
        yield hosts
    finally:
        for host in hosts:
            with suppress(subprocess.CalledProcessError):
                _ip("netns", "del", host.name)


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True)
