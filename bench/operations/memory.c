// SPDX-License-Identifier: GPL-2.0
/*
 * Bytes of the kernel's memory, counted twice: the objects of all slabs, and the pages
 * that are neither free nor a program's.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ops.h"

/* Without half-empty slabs that a CPU keeps for itself the counts of objects are exact. */
static void shrink_slabs(void)
{
	DIR *slabs = opendir("/sys/kernel/slab");
	struct dirent *entry;

	if (!slabs)
		die("/sys/kernel/slab");
	while ((entry = readdir(slabs))) {
		char path[512];
		int fd;

		snprintf(path, sizeof(path), "/sys/kernel/slab/%s/shrink", entry->d_name);
		fd = open(path, O_WRONLY);
		if (fd < 0)
			continue;
		if (write(fd, "1", 1) != 1)
			die(path);
		close(fd);
	}
	closedir(slabs);
}

static void read_slabs(struct memory *memory)
{
	FILE *file = fopen("/proc/slabinfo", "r");
	unsigned long active, size;
	char line[512], name[40];

	if (!file)
		die("/proc/slabinfo");
	while (fgets(line, sizeof(line), file) && memory->slab_count < MOST_SLABS)
		if (sscanf(line, "%39s %lu %*u %lu", name, &active, &size) == 3) {
			struct slab *slab = &memory->slabs[memory->slab_count++];

			memcpy(slab->name, name, sizeof(name));
			slab->bytes = (double)active * size;
			memory->objects += slab->bytes;
		}
	fclose(file);
}

/* Sums up those numbers of a file that follow one of the names. */
static double sum_of(const char *path, const char *const names[])
{
	FILE *file = fopen(path, "r");
	unsigned long number;
	double sum = 0;
	char name[64];

	if (!file)
		die(path);
	while (fscanf(file, "%63s", name) == 1)
		for (int i = 0; names[i]; i++)
			if (!strcmp(name, names[i]) && fscanf(file, "%lu", &number) == 1)
				sum += number;
	fclose(file);
	return sum;
}

void memory_read(struct memory *memory)
{
	static const char *const programs[] = {
		"nr_free_pages", "nr_zone_inactive_anon", "nr_zone_active_anon",
		"nr_zone_inactive_file", "nr_zone_active_file", "nr_zone_unevictable",
		"nr_page_table_pages", NULL
	};
	/* Free pages that a CPU keeps for itself. */
	static const char *const kept[] = { "count:", NULL };

	/* What goes after a grace period of RCU, or by a worker. */
	usleep(300000);
	shrink_slabs();
	*memory = (struct memory){ };
	read_slabs(memory);
	memory->pages = -getpagesize() * (sum_of("/proc/vmstat", programs) +
					  sum_of("/proc/zoneinfo", kept));
}

void memory_subtract(struct memory *memory, const struct memory *less)
{
	memory->objects -= less->objects;
	memory->pages -= less->pages;
	for (int i = 0; i < memory->slab_count; i++)
		for (int j = 0; j < less->slab_count; j++)
			if (!strcmp(memory->slabs[i].name, less->slabs[j].name))
				memory->slabs[i].bytes -= less->slabs[j].bytes;
}

static bool show_where;

/* From now on it is told which slabs the bytes are in. */
void memory_where(void)
{
	show_where = true;
}

/* So much for all of the objects that a workload has made. */
void memory_take(struct run *run, const struct memory *memory)
{
	double count = run->workload->count;

	run->value = (run->workload->pages ? memory->pages : memory->objects) / count;
	run->whole = run->value;
	for (int i = 0; show_where && i < memory->slab_count; i++)
		if (memory->slabs[i].bytes / count >= 0.5 || memory->slabs[i].bytes / count <= -0.5)
			printf("where\t%s\t%s\t%.1f\n", run->stack->name,
			       memory->slabs[i].name, memory->slabs[i].bytes / count);
	fflush(stdout);
}
