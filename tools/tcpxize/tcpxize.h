/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCPXIZE_H
#define TCPXIZE_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#define CC_MAX		16	/* TCP_CA_NAME_MAX */

/* What tells the shim; TCPXIZE_VERBOSE is the device and inode of stderr */
#define ENV_PROTOCOL	"TCPXIZE_PROTOCOL"
#define ENV_WIRE	"TCPXIZE_WIRE"
#define ENV_CC		"TCPXIZE_CC"
#define ENV_VERBOSE	"TCPXIZE_VERBOSE"

/* What env(1) and nice(1) end with */
enum { STATUS_FAILED = 125, STATUS_NO_EXEC = 126, STATUS_NOT_FOUND = 127 };

/**
 * struct turn - what a program's TCP sockets are turned into
 * @protocol: tcpx's own number
 * @wire: IP protocol number of their segments; 0: what net.tcpx.wire_protocol says
 * @cc: congestion control; empty: the default
 * @verbose: a line on stderr for each socket
 * @dev: what stderr was when the command began, and only there such a line goes
 * @ino: likewise
 */
struct turn {
	int protocol;
	int wire;
	char cc[CC_MAX];
	bool verbose;
	unsigned long long dev, ino;
};

enum call_kind { CALL_SOCKET, CALL_GETSOCKOPT, CALL_SOCKETCALL };

/**
 * struct call - a system call that the filter asks about
 * @arch: AUDIT_ARCH_...
 * @nr: its number there
 * @kind: what it is
 */
struct call {
	__u32 arch;
	int nr;
	enum call_kind kind;
};

/* call.c */
extern const struct call calls[];
extern const int calls_len;
const struct call *call_find(__u32 arch, int nr);

/* turn.c */
bool turn_wanted(int domain, int type, int protocol);
int turn_socket(const struct turn *turn, int domain, int type);
void turn_tell(const struct turn *turn, int to, int pid, int domain, const char *what);

/* filter.c */
int filter_install(bool no_setuid);

/*
 * A way: it readies this process, which is to be the command. Returns NULL, or why it can't be
 * had; then nothing has been changed. What is @demanded may take rights away.
 */
const char *bpf_prepare(const struct turn *turn, bool demanded);	/* keep.c */
const char *seccomp_prepare(const struct turn *turn, bool demanded);	/* supervise.c */
const char *preload_prepare(const struct turn *turn, bool demanded);	/* environ.c */

/* environ.c */
void preload_forget(void);

/* orphan.c */
int orphan_start(void (*run)(int to, const struct turn *turn), const struct turn *turn);
int orphan_keep_only(int fd, bool with_stderr);
void orphan_settle(void);

/* btf.c */
#define BTF_FILE	"/sys/kernel/btf/vmlinux"
int btf_function(const char *name);

/* group.c */
int group_make(char *path, size_t room);
int group_enter(const char *path);
int group_watch(const char *path);
bool group_has_any(int watch);
void group_remove(const char *path);

#define BPF_HOOK	"update_socket_protocol"

/**
 * struct bpf_turn - what the BPF programs are written for
 * @protocol: tcpx's own number
 * @domains: whose sockets are turned, AF_INET and AF_INET6; or one of them twice
 * @function: the BTF number of BPF_HOOK
 * @group: the folder of the control group, open
 * @map: for that group
 * @ring: where each socket is noted; -1: nowhere
 */
struct bpf_turn {
	int protocol;
	int domains[2];
	int function;
	int group;
	int map;
	int ring;
};

/**
 * struct bpf_note - what is noted of a socket
 * @pid: the process that made it
 * @domain: AF_INET or AF_INET6
 */
struct bpf_note {
	__u32 pid;
	__u32 domain;
};

/**
 * struct bpf_ring - the notes
 * @read: how far they have been read
 * @written: how far there are any
 * @contents: them
 */
struct bpf_ring {
	unsigned long *read;
	const unsigned long *written;
	const char *contents;
};

/* bpf.c */
int bpf_group_map(void);
int bpf_ring(void);
const char *bpf_start(const struct bpf_turn *turn);
bool bpf_ring_open(struct bpf_ring *ring, int map);
bool bpf_ring_read(struct bpf_ring *ring, struct bpf_note *note);

/* answer.c */
#define NOTIF_ROOM	4096	/* a later kernel's struct seccomp_notif may be larger than ours */
struct seccomp_notif;
int answer_all(int listener, const struct turn *turn, struct seccomp_notif *notif);
int answer_go_on(int listener, __u64 id);

/* target.c */
int target_socket(const struct turn *turn, int pid, int domain, int type);
int target_fd(int pid, int fd);
bool target_read(int pid, __u64 from, void *to, size_t len);
bool target_write(int pid, __u64 to, const void *from, size_t len);

/* unit.c: both return an exit status */
int unit_enable(const char *root, const char *unit, const char *options);
int unit_disable(const char *root, const char *unit);

#endif /* TCPXIZE_H */
