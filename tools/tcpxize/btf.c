// SPDX-License-Identifier: GPL-2.0
/* BTF, what the kernel tells of its types: the number of a function. */

#include <errno.h>
#include <fcntl.h>
#include <linux/btf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tcpxize.h"

#define MAX_LEN	(64 << 20)

/* The octets that follow a type of this kind; -1: a kind that there was not yet */
static long rest_len(__u32 info)
{
	long n = BTF_INFO_VLEN(info);

	switch (BTF_INFO_KIND(info)) {
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case BTF_KIND_DECL_TAG:
		return 4;
	case BTF_KIND_ARRAY:
		return sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
	case BTF_KIND_DATASEC:
	case BTF_KIND_ENUM64:
		return 12 * n;
	case BTF_KIND_ENUM:
	case BTF_KIND_FUNC_PROTO:
		return 8 * n;
	case BTF_KIND_PTR:
	case BTF_KIND_FWD:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_FUNC:
	case BTF_KIND_FLOAT:
	case BTF_KIND_TYPE_TAG:
		return 0;
	}
	return -1;
}

static int find(const char *all, const char *name)
{
	const struct btf_header *head = (const void *)all;
	const char *at = all + head->hdr_len + head->type_off, *end = at + head->type_len;
	const char *strings = all + head->hdr_len + head->str_off;
	int id;

	for (id = 1; at < end; id++) {
		const struct btf_type *type = (const void *)at;
		long len = rest_len(type->info);

		if (len < 0)
			break;
		if (BTF_INFO_KIND(type->info) == BTF_KIND_FUNC &&
		    !strcmp(strings + type->name_off, name))
			return id;
		at += sizeof(*type) + len;
	}
	errno = ENOENT;
	return -1;
}

static ssize_t read_all(int fd, char *to, size_t room)
{
	size_t len = 0;
	ssize_t n;

	while (len < room && (n = read(fd, to + len, room - len)) > 0)
		len += n;
	return n < 0 ? -1 : (ssize_t)len;
}

/* The number of a function of the kernel's own; -1: no such function, or no BTF */
int btf_function(const char *name)
{
	int fd = open(BTF_FILE, O_RDONLY | O_CLOEXEC), id = -1;
	char *all = NULL;
	off_t len;

	if (fd < 0)
		return -1;
	len = lseek(fd, 0, SEEK_END);
	if (len > 0 && len < MAX_LEN)
		all = malloc(len);
	if (all && !lseek(fd, 0, SEEK_SET) && read_all(fd, all, len) == len)
		id = find(all, name);
	free(all);
	close(fd);
	return id;
}
