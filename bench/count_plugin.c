// SPDX-License-Identifier: GPL-2.0
/*
 * A plugin of QEMU's that counts how often the guest executes each instruction, while
 * bench/operations wants it: its no-operations with an address that no other has say
 * when (operations/count.c).
 *
 *	qemu-system-x86_64 -plugin FILE,out=COUNTS …
 *
 * COUNTS gets a line for each instruction that was counted, "ADDRESS TIMES", and an
 * empty line where the program says that a workload has ended.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is used of QEMU's interface, version 1; Debian has no header of it. */
struct qemu_plugin_tb;
struct qemu_plugin_insn;
enum { PLUGIN_INLINE_ADD_U64, PLUGIN_CB_NO_REGS = 0 };

size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t index);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *insn, int what,
						void *value, uint64_t summand);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
					    void (*call)(unsigned int cpu, void *data), int flags,
					    void *data);
void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id,
					   void (*call)(uint64_t id, struct qemu_plugin_tb *tb));

int qemu_plugin_version = 1;

#define BUCKETS		(1 << 18)

struct counter {
	struct counter *next;
	uint64_t address;
	uint64_t times;			/* since the VM was started */
	uint64_t begin;			/* @times when counting began */
	uint64_t counted;		/* before that */
};

static struct counter *buckets[BUCKETS];
static FILE *out;

static struct counter *find(uint64_t address)
{
	struct counter **bucket = &buckets[address % BUCKETS], *counter;

	for (counter = *bucket; counter; counter = counter->next)
		if (counter->address == address)
			return counter;
	counter = calloc(1, sizeof(*counter));
	if (!counter)
		abort();
	counter->address = address;
	counter->next = *bucket;
	*bucket = counter;
	return counter;
}

static void for_each(void (*call)(struct counter *counter))
{
	for (int i = 0; i < BUCKETS; i++)
		for (struct counter *counter = buckets[i]; counter; counter = counter->next)
			call(counter);
}

static void begin(struct counter *counter)
{
	counter->begin = counter->times;
}

static void end(struct counter *counter)
{
	counter->counted += counter->times - counter->begin;
}

static void print(struct counter *counter)
{
	if (counter->counted)
		fprintf(out, "%jx %ju\n", (uintmax_t)counter->address,
			(uintmax_t)counter->counted);
	counter->counted = 0;
}

static void told(unsigned int cpu, void *what)
{
	(void)cpu;
	switch (*(const char *)what) {
	case 'b':
		for_each(begin);
		break;
	case 'e':
		for_each(end);
		break;
	case 'p':
		for_each(print);
		fputc('\n', out);
		fflush(out);
	}
}

/* nopl ADDRESS(%rax), of which the first letters are "tcp": the last says what is wanted. */
static const char *marker(const struct qemu_plugin_insn *insn)
{
	static const unsigned char nop[] = { 0x0f, 0x1f, 0x80, 't', 'c', 'p' };
	static const char wants[] = "bep";
	const char *data = qemu_plugin_insn_data(insn);

	if (qemu_plugin_insn_size(insn) != sizeof(nop) + 1 || memcmp(data, nop, sizeof(nop)))
		return NULL;
	return strchr(wants, data[sizeof(nop)]);
}

static void translated(uint64_t id, struct qemu_plugin_tb *tb)
{
	(void)id;
	for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		const char *what = marker(insn);

		if (what)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, told, PLUGIN_CB_NO_REGS,
							       (void *)what);
		else
			qemu_plugin_register_vcpu_insn_exec_inline(
				insn, PLUGIN_INLINE_ADD_U64,
				&find(qemu_plugin_insn_vaddr(insn))->times, 1);
	}
}

int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv);

int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
	(void)info;
	if (argc != 1 || strncmp(argv[0], "out=", 4))
		return -1;
	out = fopen(argv[0] + 4, "w");
	if (!out)
		return -1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}
