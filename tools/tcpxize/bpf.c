// SPDX-License-Identifier: GPL-2.0
/*
 * The BPF programs: one sees the protocol that a process asks for in socket(), and says
 * another one; one sees what getsockopt() has answered. Both are for one control group.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tcpxize.h"

#define MAX_INSNS	64
#define TO_END		-1		/* of a jump: resolved by finish() */
#define RESULT		BPF_REG_7	/* what the program returns */
#define TYPE_MASK	0xf		/* the kernel's SOCK_TYPE_MASK: the rest are flags */
#define RING_LEN	(1 << 16)	/* a power of two, and of pages wherever they are */

#define INSN(c, dst, src, o, i) \
	((struct bpf_insn){ .code = c, .dst_reg = dst, .src_reg = src, .off = o, .imm = i })
#define MOV(dst, src)		INSN(BPF_ALU64 | BPF_MOV | BPF_X, dst, src, 0, 0)
#define SET(dst, value)		INSN(BPF_ALU64 | BPF_MOV | BPF_K, dst, 0, 0, value)
#define ADD(dst, value)		INSN(BPF_ALU64 | BPF_ADD | BPF_K, dst, 0, 0, value)
#define LOAD(size, dst, src, o)	INSN(BPF_LDX | BPF_MEM | (size), dst, src, o, 0)
#define STORE(size, dst, o, src) INSN(BPF_STX | BPF_MEM | (size), dst, src, o, 0)
#define UNLESS(dst, value, o)	INSN(BPF_JMP32 | BPF_JNE | BPF_K, dst, 0, o, value)
#define IF(dst, value, o)	INSN(BPF_JMP32 | BPF_JEQ | BPF_K, dst, 0, o, value)
#define CALL(helper)		INSN(BPF_JMP | BPF_CALL, 0, 0, 0, helper)
/* Two of them: its value has 64 bits */
#define MAP(dst, fd)		INSN(BPF_LD | BPF_DW | BPF_IMM, dst, BPF_PSEUDO_MAP_FD, 0, fd), \
				INSN(0, 0, 0, 0, 0)

#define R0	BPF_REG_0
#define R1	BPF_REG_1
#define R2	BPF_REG_2
#define R3	BPF_REG_3
#define R4	BPF_REG_4
#define R5	BPF_REG_5
#define GIVEN	BPF_REG_6		/* what the program was called with */
#define STACK	BPF_REG_10

#define ARG(n)	((n) * 8)

struct code {
	struct bpf_insn insns[MAX_INSNS];
	int n;
};

static void add(struct code *code, const struct bpf_insn *insns, size_t len)
{
	memcpy(code->insns + code->n, insns, len);
	code->n += len / sizeof(*insns);
}

static void begin(struct code *code, int result)
{
	const struct bpf_insn insns[] = { MOV(GIVEN, R1), SET(RESULT, result) };

	code->n = 0;
	add(code, insns, sizeof(insns));
}

static void finish(struct code *code)
{
	const struct bpf_insn insns[] = { MOV(R0, RESULT), INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0) };
	int i;

	for (i = 0; i < code->n; i++) {
		if (code->insns[i].off == TO_END)
			code->insns[i].off = code->n - i - 1;
	}
	add(code, insns, sizeof(insns));
}

static int call(int cmd, union bpf_attr *attr)
{
	return syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

static int make_map(enum bpf_map_type type, int size, int n)
{
	union bpf_attr attr = {
		.map_type = type,
		.key_size = size,
		.value_size = size,
		.max_entries = n,
	};

	return call(BPF_MAP_CREATE, &attr);
}

static int load(const struct code *code, enum bpf_prog_type type, enum bpf_attach_type where,
		int function)
{
	union bpf_attr attr = {
		.prog_type = type,
		.insns = (unsigned long)code->insns,
		.insn_cnt = code->n,
		.license = (unsigned long)"GPL",
		.prog_name = "tcpxize",
		.expected_attach_type = where,
		.attach_btf_id = function,
	};

	return call(BPF_PROG_LOAD, &attr);
}

/* It lasts as long as what is returned is open */
static int attach(int prog, int target, enum bpf_attach_type where)
{
	union bpf_attr attr = {
		.link_create = { .prog_fd = prog, .target_fd = target, .attach_type = where },
	};

	/* errno is load()'s */
	return prog < 0 ? -1 : call(BPF_LINK_CREATE, &attr);
}

/* For one control group, which is what a program can compare a process with */
int bpf_group_map(void)
{
	return make_map(BPF_MAP_TYPE_CGROUP_ARRAY, sizeof(__u32), 1);
}

static int put_group(int map, int group)
{
	const __u32 first = 0;
	union bpf_attr attr = {
		.map_fd = map,
		.key = (unsigned long)&first,
		.value = (unsigned long)&group,
	};

	return call(BPF_MAP_UPDATE_ELEM, &attr);
}

/* update_socket_protocol(family, type, protocol), of which 0 leaves everything as it is */
static void write_socket(struct code *code, const struct bpf_turn *turn)
{
	const struct bpf_insn tests[] = {
		LOAD(BPF_DW, R1, GIVEN, ARG(0)),
		IF(R1, turn->domains[0], 1),
		UNLESS(R1, turn->domains[1], TO_END),
		LOAD(BPF_DW, R1, GIVEN, ARG(1)),
		INSN(BPF_ALU | BPF_AND | BPF_K, R1, 0, 0, TYPE_MASK),
		UNLESS(R1, SOCK_STREAM, TO_END),
		LOAD(BPF_DW, R1, GIVEN, ARG(2)),
		IF(R1, 0, 1),
		UNLESS(R1, IPPROTO_TCP, TO_END),
		MAP(R1, turn->map),
		SET(R2, 0),
		CALL(BPF_FUNC_current_task_under_cgroup),
		UNLESS(R0, 1, TO_END),
		SET(RESULT, turn->protocol),
	};
	const struct bpf_insn note[] = {
		CALL(BPF_FUNC_get_current_pid_tgid),
		INSN(BPF_ALU64 | BPF_RSH | BPF_K, R0, 0, 0, 32),
		STORE(BPF_W, STACK, -8, R0),
		LOAD(BPF_DW, R1, GIVEN, ARG(0)),
		STORE(BPF_W, STACK, -4, R1),
		MAP(R1, turn->ring),
		MOV(R2, STACK),
		ADD(R2, -8),
		SET(R3, sizeof(struct bpf_note)),
		SET(R4, 0),
		CALL(BPF_FUNC_ringbuf_output),
	};

	begin(code, 0);
	add(code, tests, sizeof(tests));
	if (turn->ring >= 0)
		add(code, note, sizeof(note));
	finish(code);
}

#define SOCKOPT(field)	offsetof(struct bpf_sockopt, field)

/* Of a socket of tcpx SO_PROTOCOL says TCP, which is what the program asked for */
static void write_getsockopt(struct code *code, int protocol)
{
	const struct bpf_insn insns[] = {
		LOAD(BPF_W, R2, GIVEN, SOCKOPT(level)),
		UNLESS(R2, SOL_SOCKET, TO_END),
		LOAD(BPF_W, R2, GIVEN, SOCKOPT(optname)),
		UNLESS(R2, SO_PROTOCOL, TO_END),
		LOAD(BPF_DW, R3, GIVEN, SOCKOPT(optval)),
		LOAD(BPF_DW, R4, GIVEN, SOCKOPT(optval_end)),
		MOV(R5, R3),
		ADD(R5, sizeof(int)),
		INSN(BPF_JMP | BPF_JGT | BPF_X, R5, R4, TO_END, 0),
		LOAD(BPF_W, R2, R3, 0),
		UNLESS(R2, protocol, TO_END),
		INSN(BPF_ST | BPF_MEM | BPF_W, R3, 0, 0, IPPROTO_TCP),
	};

	begin(code, 1);
	add(code, insns, sizeof(insns));
	finish(code);
}

/*
 * Starts both programs, which run as long as a process has open what this one then has. Returns
 * what failed, with errno; or NULL.
 */
const char *bpf_start(const struct bpf_turn *turn)
{
	struct code code;

	write_getsockopt(&code, turn->protocol);
	if (attach(load(&code, BPF_PROG_TYPE_CGROUP_SOCKOPT, BPF_CGROUP_GETSOCKOPT, 0),
		   turn->group, BPF_CGROUP_GETSOCKOPT) < 0)
		return "the program on getsockopt()";
	write_socket(&code, turn);
	if (put_group(turn->map, turn->group) ||
	    attach(load(&code, BPF_PROG_TYPE_TRACING, BPF_MODIFY_RETURN, turn->function), 0,
		   BPF_MODIFY_RETURN) < 0)
		return "the program on socket()";
	return NULL;
}

/* Where a program puts what is read one by one */
int bpf_ring(void)
{
	return make_map(BPF_MAP_TYPE_RINGBUF, 0, RING_LEN);
}

/*
 * As <linux/bpf.h> has it: a page that says how far it has been read, one that says how far it
 * has been written, and the contents, twice in a row.
 */
bool bpf_ring_open(struct bpf_ring *ring, int map)
{
	size_t page = sysconf(_SC_PAGESIZE);
	char *read = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, map, 0);
	char *written = mmap(NULL, page + 2 * RING_LEN, PROT_READ, MAP_SHARED, map, page);

	if (read == MAP_FAILED || written == MAP_FAILED)
		return false;
	ring->read = (unsigned long *)read;
	ring->written = (unsigned long *)written;
	ring->contents = written + page;
	return true;
}

/* The next one; false: there is none */
bool bpf_ring_read(struct bpf_ring *ring, struct bpf_note *note)
{
	unsigned long at = *ring->read;
	const char *head = ring->contents + (at & (RING_LEN - 1));
	__u32 len;

	if (at >= __atomic_load_n(ring->written, __ATOMIC_ACQUIRE))
		return false;
	len = __atomic_load_n((const __u32 *)head, __ATOMIC_ACQUIRE);
	if (len & BPF_RINGBUF_BUSY_BIT)
		return false;
	memcpy(note, head + BPF_RINGBUF_HDR_SZ, sizeof(*note));
	/* All of them have one length, a multiple of 8 */
	__atomic_store_n(ring->read, at + BPF_RINGBUF_HDR_SZ + sizeof(*note), __ATOMIC_RELEASE);
	return true;
}
