// SPDX-License-Identifier: GPL-2.0
/* The way by LD_PRELOAD: what the shim has to know goes by the environment. */

#define _GNU_SOURCE
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tcpxize.h"

#define SHIM	"tcpxize-preload.so"

/* Beside this program, or where it was installed */
static int find_shim(char *path, size_t room)
{
	char self[PATH_MAX] = "";

	if (readlink("/proc/self/exe", self, sizeof(self) - 1) > 0) {
		snprintf(path, room, "%s/" SHIM, dirname(self));
		if (!access(path, R_OK))
			return 0;
	}
	snprintf(path, room, "%s/" SHIM, LIBDIR);
	return access(path, R_OK);
}

static void set_number(const char *name, int value)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", value);
	setenv(name, text, 1);
}

static void set_stderr(const struct turn *turn)
{
	char text[64];

	snprintf(text, sizeof(text), "%llu:%llu", turn->dev, turn->ino);
	setenv(ENV_VERBOSE, text, 1);
}

static int add_shim(const char *shim)
{
	const char *others = getenv("LD_PRELOAD");
	char *all;
	int err;

	if (!others || !*others)
		return setenv("LD_PRELOAD", shim, 1);
	if (strstr(others, shim))
		return 0;
	if (asprintf(&all, "%s:%s", shim, others) < 0)
		return -1;
	err = setenv("LD_PRELOAD", all, 1);
	free(all);
	return err;
}

/* What an outer tcpxize has told its shim is not for this command */
void preload_forget(void)
{
	unsetenv(ENV_PROTOCOL);
	unsetenv(ENV_WIRE);
	unsetenv(ENV_CC);
	unsetenv(ENV_VERBOSE);
}

const char *preload_prepare(const struct turn *turn, bool demanded)
{
	char shim[PATH_MAX];

	(void)demanded;
	if (find_shim(shim, sizeof(shim)))
		return strerror(errno);
	/* It separates names there */
	if (strpbrk(shim, " :"))
		return strerror(EINVAL);
	set_number(ENV_PROTOCOL, turn->protocol);
	if (turn->wire)
		set_number(ENV_WIRE, turn->wire);
	if (turn->cc[0])
		setenv(ENV_CC, turn->cc, 1);
	if (turn->verbose)
		set_stderr(turn);
	return add_shim(shim) ? strerror(errno) : NULL;
}
