// SPDX-License-Identifier: GPL-2.0
/* Every right and wrong way to set and to get one socket option. */
#include "diff.h"

/* getsockopt with room for @len bytes; shows how many came and which. */
void opt_get(const char *name, int fd, int level, int opt, socklen_t len)
{
	unsigned char val[512];
	char hex[80] = " ";
	socklen_t got = len;
	size_t i, n = 1;
	long ret;

	memset(val, 0xee, sizeof(val));
	ret = getsockopt(fd, level, opt, val, &got);
	for (i = 0; !ret && i < got && i < 32; i++)
		n += snprintf(hex + n, sizeof(hex) - n, "%02x", val[i]);
	step_fmt(name, ret, "-", "len=%d%s", (int)got, n > 1 ? hex : "");
}

void opt_values(int fd, int level, const struct opt *o)
{
	int val, i;

	opt_get(nm("%s-default", o->name), fd, level, o->opt, sizeof(int));
	for (i = 0; i < o->nr; i++) {
		step(nm("%s-set-%d", o->name, o->val[i]),
		     seti(fd, level, o->opt, o->val[i]));
		errno = 0;
		val = geti(fd, level, o->opt);
		step(nm("%s-got-%d", o->name, o->val[i]), val);
	}
}

void opt_sizes(int fd, int level, const struct opt *o)
{
	static const int sizes[] = { -1, 0, 1, 2, 3, 5, 8, 100 };
	static const int room[] = { -1, 0, 1, 3, 8, 100 };
	int val[32] = { o->nr ? o->val[0] : 1 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		step(nm("%s-set-size-%d", o->name, sizes[i]),
		     setsockopt(fd, level, o->opt, val, sizes[i]));
	step(nm("%s-size-reset", o->name), seti(fd, level, o->opt, val[0]));
	for (i = 0; i < ARRAY_SIZE(room); i++)
		opt_get(nm("%s-get-size-%d", o->name, room[i]), fd, level,
			o->opt, room[i]);
}

void opt_pointers(int fd, int level, const struct opt *o)
{
	socklen_t len = sizeof(int);
	int val;

	step(nm("%s-set-fault", o->name),
	     setsockopt(fd, level, o->opt, bad, sizeof(int)));
	step(nm("%s-set-straddle", o->name),
	     setsockopt(fd, level, o->opt, bad - 2, sizeof(int)));
	step(nm("%s-set-null", o->name),
	     setsockopt(fd, level, o->opt, NULL, sizeof(int)));
	step(nm("%s-set-null-0", o->name),
	     setsockopt(fd, level, o->opt, NULL, 0));
	step(nm("%s-get-fault", o->name),
	     getsockopt(fd, level, o->opt, bad, &len));
	step(nm("%s-get-null", o->name),
	     getsockopt(fd, level, o->opt, NULL, &len));
	step(nm("%s-len-fault", o->name),
	     getsockopt(fd, level, o->opt, &val, (void *)bad));
	step(nm("%s-len-null", o->name),
	     getsockopt(fd, level, o->opt, &val, NULL));
}
