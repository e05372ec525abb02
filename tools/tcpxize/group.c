// SPDX-License-Identifier: GPL-2.0
/* A control group (v2) for the command and its children, below tcpxize's own. */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tcpxize.h"

/* This process's, as its hierarchy has it */
static int own_group(char *group)
{
	FILE *file = fopen("/proc/self/cgroup", "re");
	char line[PATH_MAX];
	int found = 0;

	while (file && !found && fgets(line, sizeof(line), file))
		found = sscanf(line, "0::%[^\n]", group) == 1;
	if (file)
		fclose(file);
	errno = ENOENT;
	return found ? 0 : -1;
}

/* ...and as a folder, wherever the hierarchy is mounted */
static int own_folder(char *path, size_t room)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	char group[PATH_MAX];
	struct mntent *mount;
	bool found = false;
	int err = ENOENT;

	if (!mounts || own_group(group))
		return -1;
	while (!found && (mount = getmntent(mounts))) {
		if (strcmp(mount->mnt_type, "cgroup2"))
			continue;
		snprintf(path, room, "%s%s", mount->mnt_dir, group);
		found = !access(path, W_OK);
		err = errno;
	}
	endmntent(mounts);
	errno = err;
	return found ? 0 : -1;
}

/* Puts the folder's name into @path, which stays empty if there is none. */
int group_make(char *path, size_t room)
{
	char own[PATH_MAX];

	path[0] = '\0';
	if (own_folder(own, sizeof(own)))
		return -1;
	snprintf(path, room, "%s/tcpxize-XXXXXX", own);
	if (!mkdtemp(path)) {
		path[0] = '\0';
		return -1;
	}
	/* What runs in it may look at it, whoever's it is */
	return chmod(path, 0755);
}

static int open_in(const char *path, const char *name, int how)
{
	char full[PATH_MAX + 32];

	snprintf(full, sizeof(full), "%s/%s", path, name);
	return open(full, how | O_CLOEXEC);
}

/* Moves this process there */
int group_enter(const char *path)
{
	int fd = open_in(path, "cgroup.procs", O_WRONLY), err;
	bool done = write(fd, "0", 1) == 1;

	err = errno;
	close(fd);
	errno = err;
	return done ? 0 : -1;
}

/* A file that has POLLPRI when group_has_any() may have changed */
int group_watch(const char *path)
{
	return open_in(path, "cgroup.events", O_RDONLY);
}

/* Whether there are processes, in it or below */
bool group_has_any(int watch)
{
	char text[256];
	ssize_t n = pread(watch, text, sizeof(text) - 1, 0);

	if (n < 0)
		return false;
	text[n] = '\0';
	return strstr(text, "populated 1");
}

static int remove_one(const char *path, const struct stat *st, int what, struct FTW *ftw)
{
	(void)st;
	(void)ftw;
	/* Its files go with it */
	return what == FTW_DP ? rmdir(path) : 0;
}

/* With those that the command has left below it; an empty name is none */
void group_remove(const char *path)
{
	if (!path[0])
		return;
	nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}
