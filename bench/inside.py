#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The part of bench/net that runs in the VM: builds the network, runs tasks.

usage: inside.py FLOW WIRE TASKS     a program, a module, a file of tasks (JSON)

	client ---access--- router ---bottleneck--- server
	10.1.0.1                                    10.2.0.2

Prints a line of JSON for each task. Starting a program takes as long here as
some thousand packets, so what is set for each task is set by system calls.
"""

import ctypes
import json
import os
import socket
import struct
import subprocess
import sys

from cells import DEEP

CLONE_NEWNET = 0x40000000
RTM_NEWQDISC, NLM_F_REQUEST, NLM_F_ACK, NLM_F_CREATE, NLM_F_REPLACE = 36, 1, 4, 0x400, 0x100
NLMSG_ERROR = 2
TCA_KIND, TCA_OPTIONS, TCA_FQ_CODEL_ECN = 1, 2, 4
TC_H_ROOT = 0xffffffff
MAX_BUFFER = 128 << 20
# What flow calls them.
MEASURES = {"duplex": "both"}
# Pages that all sockets of one stack may use.
MEMORY = "500000 600000 700000"

libc = ctypes.CDLL(None, use_errno=True)


def command(text, stdin=None):
    """Runs a program that must not fail."""
    done = subprocess.run(text.split(), input=stdin, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False, text=True)
    if done.returncode:
        sys.exit(f"{text}: {done.stdout.strip()}")


def enter(namespace):
    """Goes into a namespace."""
    with open("/run/netns/" + namespace) as file:
        if libc.setns(file.fileno(), CLONE_NEWNET):
            sys.exit(f"setns {namespace}: {os.strerror(ctypes.get_errno())}")


def sysctl(name, value):
    """Sets a sysctl, of the present namespace where it is one of those. Returns
    whether there is one of that name.
    """
    try:
        with open("/proc/sys/" + name, "w") as file:
            file.write(str(value))
    except FileNotFoundError:
        return False
    return True


def stack_sysctl(name, value):
    """Sets a sysctl of both stacks."""
    return sysctl("net/ipv4/tcp_" + name, value) and sysctl("net/tcpx/" + name, value)


def build_network(wire):
    """The three namespaces and what joins them."""
    command(f"insmod {wire}")
    stack_sysctl("mem", MEMORY)
    for name in ("client", "router", "server"):
        command(f"ip netns add {name}")
        enter(name)
        # Nothing but what is measured goes over the wires.
        sysctl("net/ipv6/conf/default/disable_ipv6", 1)
    command("ip -batch -", "link add access type wire\nlink add bottleneck type wire\n"
            "link set access netns client\nlink set access.peer netns router\n"
            "link set bottleneck netns router\n")
    command("ip -batch -", "address add 10.2.0.2/24 dev bottleneck.peer\nlink set lo up\n"
            "link set bottleneck.peer up\nroute add default dev bottleneck.peer\n")
    enter("router")
    sysctl("net/ipv4/ip_forward", 1)
    command("ip -batch -", "address add 10.1.0.2/24 dev access.peer\nlink set access.peer up\n"
            "address add 10.2.0.1/24 dev bottleneck\nlink set bottleneck up\n")
    enter("client")
    command("ip -batch -", "address add 10.1.0.1/24 dev access\nlink set lo up\n"
            "link set access up\nroute add default dev access\n")
    for name in ("client", "server"):
        enter(name)
        sysctl("net/ipv4/tcp_no_metrics_save", 1)
        stack_sysctl("rmem", f"4096 131072 {MAX_BUFFER}")
        stack_sysctl("wmem", f"4096 16384 {MAX_BUFFER}")


def attribute(kind, value):
    """A netlink attribute."""
    return struct.pack("HH", 4 + len(value), kind) + value + b"\0" * (-len(value) % 4)


def set_queue(device, kind, limit):
    """Gives a device of the present namespace a new, empty root qdisc; what tc does
    for "qdisc replace dev DEVICE root KIND limit LIMIT", "fq_codel ecn", or "netem loss
    LIMIT".
    """
    if kind == "netem":
        # latency, limit, loss, gap, duplicate, jitter: struct tc_netem_qopt
        value = struct.pack("6I", 0, DEEP[1], round(limit * 2**32), 0, 0, 0)
    elif kind == "fq_codel":
        value = attribute(TCA_FQ_CODEL_ECN, struct.pack("I", 1))
    else:
        value = struct.pack("I", limit)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as netlink:
        # An existing one of the same kind would only be changed, not emptied.
        for one, options in (("prio", None), (kind, value)):
            if one == "prio":
                options = struct.pack("i16s", 3, bytes((1, 2, 2, 2, 1, 2, 0, 0) + (1,) * 8))
            body = struct.pack("BxxxiIII", 0, socket.if_nametoindex(device), 0, TC_H_ROOT, 0)
            body += attribute(TCA_KIND, one.encode() + b"\0") + attribute(TCA_OPTIONS, options)
            netlink.send(struct.pack("IHHII", 16 + len(body), RTM_NEWQDISC,
                                     NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE,
                                     1, 0) + body)
            answer = netlink.recv(4096)
            error = struct.unpack_from("i", answer, 16)[0]
            if struct.unpack_from("H", answer, 4)[0] != NLMSG_ERROR or error:
                sys.exit(f"qdisc {one} at {device}: {os.strerror(-error)}")


def run_task(flow, task):
    """One measurement. Returns its result."""
    for name, device, queue in (("client", "access", "send_queue"),
                                ("server", "bottleneck.peer", "back_queue")):
        enter(name)
        known = stack_sysctl("ecn", task["ecn"])
        set_queue(device, *task[queue])
    enter("router")
    set_queue("bottleneck", *task["queue"])
    done = subprocess.run([flow, MEASURES.get(task["kind"], task["kind"]),
                           *(f"{name}={value}" for name, value in task["flow"].items())],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False, text=True)
    try:
        result = json.loads(done.stdout)
    except ValueError:
        return {"error": done.stdout.strip() or f"status {done.returncode}"}
    if not known and "tcpx" in task["stack"] and task["ecn"] == 1:
        result["note"] = "tcpx has no ECN"
    return result


def main(flow, wire, tasks_file):
    """Entry point."""
    build_network(wire)
    with open(tasks_file) as file:
        tasks = json.load(file)
    for task in tasks:
        print(json.dumps({"id": task["id"], "result": run_task(flow, task)}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
