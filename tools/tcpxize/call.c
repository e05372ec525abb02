// SPDX-License-Identifier: GPL-2.0
/* The system calls that the filter asks about, of programs of each architecture here. */

#include <linux/audit.h>
#include <sys/syscall.h>

#include "tcpxize.h"

#if defined(__x86_64__)
#define ARCH		AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH		AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define ARCH		AUDIT_ARCH_RISCV64
#elif defined(__i386__)
#define ARCH		AUDIT_ARCH_I386
#elif defined(__arm__)
#define ARCH		AUDIT_ARCH_ARM
#else
#error "tcpxize: which AUDIT_ARCH is this?"
#endif

const struct call calls[] = {
	{ ARCH, SYS_socket,		CALL_SOCKET },
	{ ARCH, SYS_getsockopt,		CALL_GETSOCKOPT },
#if defined(__i386__)
	{ ARCH, SYS_socketcall,		CALL_SOCKETCALL },
#elif defined(__x86_64__)
	/* From arch/x86/entry/syscalls/syscall_32.tbl */
	{ AUDIT_ARCH_I386, 359,		CALL_SOCKET },
	{ AUDIT_ARCH_I386, 365,		CALL_GETSOCKOPT },
	{ AUDIT_ARCH_I386, 102,		CALL_SOCKETCALL },
#elif defined(__aarch64__)
	/* From arch/arm64/include/asm/unistd32.h */
	{ AUDIT_ARCH_ARM, 281,		CALL_SOCKET },
	{ AUDIT_ARCH_ARM, 295,		CALL_GETSOCKOPT },
#endif
};

const int calls_len = sizeof(calls) / sizeof(calls[0]);

const struct call *call_find(__u32 arch, int nr)
{
	int i;

	for (i = 0; i < calls_len; i++) {
		if (calls[i].arch == arch && calls[i].nr == nr)
			return &calls[i];
	}
	return NULL;
}
