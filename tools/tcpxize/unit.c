// SPDX-License-Identifier: GPL-2.0
/*
 * tcpxize for a systemd service: a drop-in that puts tcpxize before each command of
 * ExecStart=. What those are is read where systemd reads it, so that this works on a
 * machine that is not running as well (--root).
 */

#define _GNU_SOURCE
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tcpxize.h"

#define MAX_FILES	64
#define MAX_COMMANDS	64
#define DROP_IN		"tcpxize.conf"
#define PREFIXES	"-:+!@"		/* of a command: systemd.service(5) */
#define BLANKS		" \t"

/* A name in the first hides the same one in those that follow */
static const char *const folders[] = {
	"etc/systemd/system", "run/systemd/system", "usr/local/lib/systemd/system",
	"usr/lib/systemd/system", "lib/systemd/system", NULL
};

struct list {
	char *at[MAX_FILES];
	int n;
};

static int complain(const char *unit, const char *why)
{
	fprintf(stderr, "tcpxize: %s: %s\n", unit, why);
	return STATUS_FAILED;
}

static const char *base(const char *path)
{
	return strrchr(path, '/') + 1;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(base(*(char *const *)a), base(*(char *const *)b));
}

static bool has(const struct list *list, const char *path)
{
	int i;

	for (i = 0; i < list->n; i++) {
		if (!strcmp(base(list->at[i]), base(path)))
			return true;
	}
	return false;
}

static void add_files(struct list *list, const char *pattern)
{
	glob_t found;
	size_t i;

	if (glob(pattern, 0, NULL, &found))
		return;
	for (i = 0; i < found.gl_pathc && list->n < MAX_FILES; i++) {
		if (!has(list, found.gl_pathv[i]) && strcmp(base(found.gl_pathv[i]), DROP_IN))
			list->at[list->n++] = strdup(found.gl_pathv[i]);
	}
	globfree(&found);
}

static void add_everywhere(struct list *list, const char *root, const char *name,
			   const char *rest)
{
	char pattern[PATH_MAX];
	int i;

	for (i = 0; folders[i]; i++) {
		snprintf(pattern, sizeof(pattern), "%s/%s/%s%s", root, folders[i], name, rest);
		add_files(list, pattern);
	}
}

/* The template of an instance: name@.service for name@this.service */
static void template_of(const char *unit, char *out, size_t room)
{
	const char *at = strchr(unit, '@'), *dot = strrchr(unit, '.');

	if (at && at < dot)
		snprintf(out, room, "%.*s%s", (int)(at + 1 - unit), unit, dot);
	else
		snprintf(out, room, "%s", unit);
}

/* The files that make a unit, in the order in which they count */
static void unit_files(struct list *list, const char *root, const char *unit)
{
	struct list drop_ins = { .n = 0 };
	char template[NAME_MAX];
	int i;

	template_of(unit, template, sizeof(template));
	add_everywhere(list, root, unit, "");
	if (!list->n)
		add_everywhere(list, root, template, "");
	if (!list->n)
		return;
	list->n = 1;
	add_everywhere(&drop_ins, root, unit, ".d/*.conf");
	if (strcmp(unit, template))
		add_everywhere(&drop_ins, root, template, ".d/*.conf");
	qsort(drop_ins.at, drop_ins.n, sizeof(drop_ins.at[0]), by_name);
	for (i = 0; i < drop_ins.n && list->n < MAX_FILES; i++)
		list->at[list->n++] = drop_ins.at[i];
}

/* A line with those that continue it: malloc()ed, without what ends it; or NULL */
static char *logical_line(FILE *file)
{
	char *line = NULL, *all = strdup("");
	size_t room = 0;
	ssize_t n;
	bool more = true;

	while (more && (n = getline(&line, &room, file)) > 0) {
		char *longer;

		if (line[n - 1] == '\n')
			line[--n] = '\0';
		more = n > 0 && line[n - 1] == '\\';
		if (more)
			line[n - 1] = ' ';
		if (asprintf(&longer, "%s%s", all, line) < 0)
			exit(STATUS_FAILED);
		free(all);
		all = longer;
	}
	if (n < 0 && !*all) {
		free(all);
		all = NULL;
	}
	free(line);
	return all;
}

/* What follows "ExecStart=" in a line; else NULL */
static char *exec_start(char *line)
{
	line += strspn(line, " \t");
	if (strncmp(line, "ExecStart", 9))
		return NULL;
	line += 9 + strspn(line + 9, " \t");
	return *line == '=' ? line + 1 + strspn(line + 1, " \t") : NULL;
}

/* Adds its ExecStart= lines; an empty one drops what was before. */
static void read_commands(struct list *commands, const char *path)
{
	FILE *file = fopen(path, "re");
	char *line, *command;

	if (!file)
		return;
	while ((line = logical_line(file))) {
		command = exec_start(line);
		if (command && !*command)
			commands->n = 0;
		else if (command && commands->n < MAX_COMMANDS)
			commands->at[commands->n++] = strdup(command);
		free(line);
	}
	fclose(file);
}

/* The length of a word as systemd reads it, with its quotes */
static int word_len(const char *at)
{
	const char *start = at;
	char quote = '\0';

	for (; *at && (quote || !strchr(BLANKS, *at)); at++) {
		if (*at == '\\' && at[1])
			at++;
		else if (quote && *at == quote)
			quote = '\0';
		else if (!quote && (*at == '"' || *at == '\''))
			quote = *at;
	}
	return at - start;
}

static void write_prefixes(FILE *file, const char *at, const char *end)
{
	for (; at < end; at++) {
		/* tcpxize has --argv0 instead */
		if (*at != '@')
			fputc(*at, file);
	}
}

/* Of "@PROGRAM NAME ARGUMENT..." the program is what is run, and told that it is NAME. */
static void write_command(FILE *file, const char *self, const char *options,
			  const char *command)
{
	const char *program = command + strspn(command, PREFIXES);
	const char *end = program + word_len(program);
	const char *name = end + strspn(end, BLANKS), *rest = name + word_len(name);

	fprintf(file, "ExecStart=");
	write_prefixes(file, command, program);
	fprintf(file, "%s %s", self, options);
	if (memchr(command, '@', program - command))
		fprintf(file, "--argv0 %.*s -- %.*s%s\n", (int)(rest - name), name,
			(int)(end - program), program, rest);
	else
		fprintf(file, "-- %s\n", program);
}

/* ROOT/etc/systemd/system/UNIT.service.d/tcpxize.conf */
static void drop_in_path(char *path, const char *root, const char *unit)
{
	snprintf(path, PATH_MAX, "%s/%s/%s.d/" DROP_IN, root, folders[0], unit);
}

/* Folders on the way to a file */
static void make_folders(const char *path)
{
	char folder[PATH_MAX];
	char *slash;

	strcpy(folder, path);
	for (slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(folder, 0755);
		*slash = '/';
	}
}

/* systemctl's spelling: .service where there is none */
static const char *full_name(const char *unit)
{
	static char name[NAME_MAX];

	snprintf(name, sizeof(name), "%s%s", unit, strchr(unit, '.') ? "" : ".service");
	return name;
}

/* The running systemd reads its units again; the service is restarted by whoever wants it. */
static int reloaded(const char *root, const char *unit)
{
	if (!strcmp(root, "/") && !access("/run/systemd/system", F_OK) &&
	    system("systemctl daemon-reload"))
		return complain(unit, "systemctl daemon-reload failed");
	printf("tcpxize: it counts from the next systemctl restart %s\n", unit);
	return 0;
}

static const char *why_not(const struct list *commands, const char *self)
{
	if (!commands->n)
		return "no such service, or it has no ExecStart=";
	if (strpbrk(self, " \t\"'\\%$"))
		return "tcpxize lies in a folder whose name systemd would not take as it is";
	return NULL;
}

int unit_enable(const char *root, const char *unit, const char *options)
{
	struct list files = { .n = 0 }, commands = { .n = 0 };
	char self[PATH_MAX] = "", path[PATH_MAX];
	const char *why;
	FILE *file;
	int i;

	unit = full_name(unit);
	if (strchr(unit, '/'))
		return complain(unit, "a unit's name has no /");
	unit_files(&files, root, unit);
	for (i = 0; i < files.n; i++)
		read_commands(&commands, files.at[i]);
	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		return complain("/proc/self/exe", strerror(errno));
	why = why_not(&commands, self);
	if (why)
		return complain(unit, why);
	drop_in_path(path, root, unit);
	make_folders(path);
	file = fopen(path, "we");
	if (!file)
		return complain(path, strerror(errno));
	fprintf(file, "# Of tcpxize enable; tcpxize disable takes it away\n[Service]\nExecStart=\n");
	for (i = 0; i < commands.n; i++)
		write_command(file, self, options, commands.at[i]);
	if (fclose(file))
		return complain(path, strerror(errno));
	return reloaded(root, unit);
}

int unit_disable(const char *root, const char *unit)
{
	char path[PATH_MAX];

	unit = full_name(unit);
	if (strchr(unit, '/'))
		return complain(unit, "a unit's name has no /");
	drop_in_path(path, root, unit);
	if (unlink(path))
		return complain(path, strerror(errno));
	/* Other drop-ins may be there */
	*strrchr(path, '/') = '\0';
	rmdir(path);
	return reloaded(root, unit);
}
