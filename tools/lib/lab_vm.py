#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The part of tcpxlab that runs in the VM: builds the network, runs the flows.

usage: lab_vm.py WIRE FOLDER     bench/wire's module; FOLDER has spec.json

A namespace for each host, a wire of bench/wire for each link. Hosts have one address
each, 10.0.0.N and fd00::N, on lo. Leaves results.json, the trace and the captures of the
senders in FOLDER.
"""

import ctypes
import fcntl
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

TOOLS = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
sys.path.insert(0, os.path.join(os.path.dirname(TOOLS), "bench"))

from inside import (MAX_BUFFER, MEMORY, command, enter, set_queue, stack_sysctl,  # noqa: E402
                    sysctl)

WIRE_SET, WIRE_COUNTS = 0x89f0, 0x89f1
PROTOCOLS = {"tcp": 6, "tcpx": 253}
TCPX_WIRE_PROTOCOL = 0x1002
TRACEFS = "/sys/kernel/tracing"
EVENTS = ("tcpx/tcpx_segment", "tcpx/tcpx_cong", "tcpx/tcpx_state", "tcpx/tcpx_drop",
          "tcp/tcp_probe")
PORT = 5001
CHUNK = 1 << 18
# Periodic work of the kernel falls into the same moments of each run.
START = 600


class Bad(Exception):
    """What the file asks for cannot be had: the line, what is wrong, what would be right."""


def address(spec, host, version):
    """A host's address."""
    number = spec["hosts"].index(host) + 1
    return f"10.0.0.{number}" if version == "4" else f"fd00::{number:x}"


def devices(link_number):
    """The names of a link's two ends, in the order of its hosts."""
    return f"link{link_number}", f"link{link_number}.peer"


def wire_ioctl(device, request, data):
    """A private ioctl of a wire in the present namespace."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, request,
                    struct.pack("16sQ16x", device.encode(), ctypes.addressof(data)))


def set_wire(device, link, seed):
    """What the direction away from @device does to packets."""
    def part(p):
        return min(int(p * 2**32 + 0.5), 2**32 - 1)

    path = struct.pack("QQQQIIIIIIII", int(link["rate"]), int(link["delay"] * 1e9), seed, 0,
                       int(link["jitter"] * 1e9), part(link["loss"]), 0, 0,
                       part(link["reorder"]), part(link["duplicate"]), part(link["corrupt"]), 0)
    wire_ioctl(device, WIRE_SET, ctypes.create_string_buffer(path, len(path)))


def wire_counts(device):
    """Packets sent into a wire, and lost there."""
    data = ctypes.create_string_buffer(9 * 8)
    wire_ioctl(device, WIRE_COUNTS, data)
    packets, _, lost = struct.unpack_from("QQQ", data)
    return packets, lost


def queue_drops(device):
    """Packets that a device's queue had no room for."""
    shown = subprocess.run(["tc", "-s", "-j", "qdisc", "show", "dev", device], check=True,
                           stdout=subprocess.PIPE, text=True).stdout
    return sum(one.get("drops", 0) for one in json.loads(shown) if one.get("root"))


def build_hosts(spec, versions):
    """A namespace for each host."""
    for host in spec["hosts"]:
        command(f"ip netns add {host}")
        enter(host)
        sysctl("net/ipv6/conf/default/disable_ipv6", int("6" not in versions))
        # Nothing but what is asked for goes over the wires
        sysctl("net/ipv6/conf/default/router_solicitations", 0)
        sysctl("net/ipv6/conf/default/accept_dad", 0)
        sysctl("net/ipv4/ip_forward", 1)
        sysctl("net/ipv6/conf/all/forwarding", 1)
        sysctl("net/ipv4/tcp_no_metrics_save", 1)
        stack_sysctl("rmem", f"4096 131072 {MAX_BUFFER}")
        stack_sysctl("wmem", f"4096 16384 {MAX_BUFFER}")
        command("ip link set lo up")
        for version in versions:
            command(f"ip -{version} address add {address(spec, host, version)} dev lo")


def build_links(spec):
    """A wire for each link, its ends in its hosts' namespaces."""
    for number, link in enumerate(spec["links"]):
        names = devices(number)
        enter(link["ends"][0])
        command(f"ip link add {names[0]} type wire")
        command(f"ip link set {names[1]} netns {link['ends'][1]}")
        for which, (host, device) in enumerate(zip(link["ends"], names)):
            enter(host)
            command(f"ip link set {device} up")
            set_queue(device, *link["queue"])
            set_wire(device, link, (spec["seed"] << 16) + (number << 1) + which)


def first_device(spec, host, to):
    """The device by which a host reaches another."""
    neighbour = spec["next_hops"][host][to]
    for number, link in enumerate(spec["links"]):
        if set(link["ends"]) == {host, neighbour}:
            return devices(number)[link["ends"][1] == host]
    raise AssertionError(f"no link from {host} to {neighbour}")


def build_routes(spec, versions):
    """A route to each host from each other."""
    for host in spec["hosts"]:
        enter(host)
        lines = {version: "" for version in versions}
        for to in spec["next_hops"][host]:
            for version in versions:
                lines[version] += (f"route add {address(spec, to, version)} "
                                   f"dev {first_device(spec, host, to)} "
                                   f"src {address(spec, host, version)}\n")
        for version, text in lines.items():
            command(f"ip -{version} -batch -", text)


class Capture:
    """tcpdump where a host's flows leave it."""

    def __init__(self, host, device, path):
        enter(host)
        self.process = subprocess.Popen(
            ["tcpdump", "-i", device, "-s", "160", "-U", "--immediate-mode", "-B", "65536",
             "-Z", "root", "-w", path], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        # It is ready when it says so
        line = self.process.stderr.readline()
        if b"listening" not in line:
            sys.exit(f"tcpdump: {line.decode().strip()}")

    def stop(self):
        """Ends it."""
        self.process.send_signal(signal.SIGINT)
        self.process.communicate()


class Events(threading.Thread):
    """Copies the tracepoints' text into a file, until stopped."""

    def __init__(self, path):
        super().__init__(daemon=True)
        if not os.path.exists(TRACEFS + "/events"):
            command(f"mount -t tracefs tracefs {TRACEFS}")
        self.dir = TRACEFS + "/instances/tcpxlab"
        os.mkdir(self.dir)
        self.put("trace_clock", "mono")
        self.put("buffer_size_kb", "32768")
        for event in EVENTS:
            if os.path.exists(f"{self.dir}/events/{event}"):
                self.put(f"events/{event}/enable", "1")
        self.pipe = os.open(self.dir + "/trace_pipe", os.O_RDONLY | os.O_NONBLOCK)
        self.file = open(path, "wb")
        self.ended = threading.Event()

    def put(self, file_name, text):
        """Writes a file of the instance."""
        with open(os.path.join(self.dir, file_name), "w") as file:
            file.write(text)

    def copy(self):
        """What has come."""
        while True:
            try:
                text = os.read(self.pipe, 1 << 16)
            except BlockingIOError:
                return
            if not text:
                return
            self.file.write(text)

    def run(self):
        """The thread."""
        while not self.ended.wait(0.25):
            self.copy()

    def stop(self):
        """Ends it."""
        self.ended.set()
        self.join()
        self.copy()
        self.file.close()


class Flow:
    """One flow: a thread at each end."""

    def __init__(self, spec, number, flow):
        self.flow, self.end = flow, spec["end"]
        self.hosts = flow["ends"]
        self.af = socket.AF_INET if flow["ip"] == "4" else socket.AF_INET6
        self.to = (address(spec, self.hosts[1], flow["ip"]), PORT + number)
        self.result = {"name": flow["name"], "status": "ok", "bytes": 0, "port": self.to[1],
                       "connected": None, "done": None, "again": None, "min_rtt": None}
        self.begin = 0
        self.listener = self.socket(self.hosts[1])
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(self.to)
        self.listener.listen()
        self.threads = [threading.Thread(target=part) for part in (self.send, self.receive)]

    def socket(self, host):
        """A socket of the flow's stack and algorithm."""
        enter(host)
        one = socket.socket(self.af, socket.SOCK_STREAM, PROTOCOLS[self.flow["stack"]])
        try:
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, self.flow["cc"].encode())
        except OSError:
            folder = "ipv4/tcp_" if self.flow["stack"] == "tcp" else "tcpx/"
            with open(f"/proc/sys/net/{folder}available_congestion_control") as file:
                known = ", ".join(file.read().split())
            raise Bad(self.flow["line"], f"the stack {self.flow['stack']} has no algorithm "
                      f"'{self.flow['cc']}'", f"one of {known}") from None
        if self.flow["wire"] == "6":
            one.setsockopt(PROTOCOLS["tcpx"], TCPX_WIRE_PROTOCOL, 6)
        return one

    def limit(self, one):
        """No call lasts longer than the lab."""
        one.settimeout(max(self.begin + self.end - time.monotonic(), 0.001))

    def start(self, begin):
        """Both threads; flows' times count from @begin on."""
        self.begin = begin
        for thread in self.threads:
            thread.start()

    def receive(self):
        """The receiver's thread."""
        try:
            self.limit(self.listener)
            peer, _ = self.listener.accept()
            self.limit(peer)
            while data := peer.recv(CHUNK):
                self.result["bytes"] += len(data)
                self.limit(peer)
            self.result["done"] = time.monotonic() - self.begin
            peer.close()
        except OSError:
            pass                        # the sender tells

    def send(self):
        """The sender's thread."""
        one = self.socket(self.hosts[0])
        time.sleep(max(self.begin + self.flow["start"] - time.monotonic(), 0))
        try:
            self.limit(one)
            one.connect(self.to)
            self.result["connected"] = time.monotonic() - self.begin
            self.send_all(one)
            one.shutdown(socket.SHUT_WR)
            one.recv(1)
        except socket.timeout:
            self.result["status"] = "unfinished"
        except OSError as error:
            self.result["status"] = os.strerror(error.errno)
        if self.result["connected"] is not None:
            self.look(one)
        one.close()

    def send_all(self, one):
        """All that is to be sent."""
        left = int(self.flow["size"]) if self.flow["size"] else None
        until = self.begin + self.flow["start"] + (self.flow["time"] or 0)
        while left is None or left > 0:
            wait = self.begin + self.end if left else min(until, self.begin + self.end)
            wait -= time.monotonic()
            if wait <= 0:
                break
            one.settimeout(wait)
            try:
                sent = one.send(bytes(min(left or CHUNK, CHUNK)))
            except socket.timeout:
                break
            left = None if left is None else left - sent
        self.limit(one)

    def look(self, one):
        """What TCP_INFO tells at the end."""
        info = one.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
        self.result["again"] = struct.unpack_from("I", info, 100)[0]
        self.result["min_rtt"] = struct.unpack_from("I", info, 148)[0] / 1e6


def run(spec, folder):
    """Runs the flows. Returns what they and the links have to say."""
    flows = [Flow(spec, number, flow) for number, flow in enumerate(spec["flows"])]
    places = dict.fromkeys((flow["ends"][0], first_device(spec, *flow["ends"]))
                           for flow in spec["flows"])
    captures = [Capture(host, device, os.path.join(folder, f"{host}-{device}.pcap"))
                for host, device in places]
    events = Events(os.path.join(folder, "trace.txt"))
    begin = (int(time.monotonic() / START) + 1) * START
    clocks = time.time() - time.monotonic()
    time.sleep(begin - time.monotonic() - 1)
    events.start()
    for flow in flows:
        flow.start(begin)
    for flow in flows:
        for thread in flow.threads:
            thread.join()
    events.stop()
    for capture in captures:
        capture.stop()
    return {"flows": [flow.result for flow in flows], "clocks": clocks,
            "links": list(link_results(spec))}


def link_results(spec):
    """Each direction's counts."""
    for number, link in enumerate(spec["links"]):
        for which, device in enumerate(devices(number)):
            enter(link["ends"][which])
            packets, lost = wire_counts(device)
            yield {"from": link["ends"][which], "to": link["ends"][1 - which],
                   "packets": packets, "lost": lost, "dropped": queue_drops(device)}


def main(wire, folder):
    """Entry point."""
    with open(os.path.join(folder, "spec.json")) as file:
        spec = json.load(file)
    versions = sorted({flow["ip"] for flow in spec["flows"]})
    for path in wire, *spec["modules"]:
        command(f"insmod {path}")
    stack_sysctl("mem", MEMORY)
    build_hosts(spec, versions)
    build_links(spec)
    build_routes(spec, versions)
    try:
        results = run(spec, folder)
    except Bad as error:
        results = {"bad": error.args}
    with open(os.path.join(folder, "results.json"), "w") as file:
        json.dump(results, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
