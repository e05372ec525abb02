// SPDX-License-Identifier: GPL-2.0
/*
 * Instructions: in a VM whose clock ticks once an instruction (QEMU's icount) the
 * time-stamp counter counts them, the kernel's and the program's, with the timer
 * interrupts that fall into the time. While the CPU has nothing to do the clock goes
 * on, and the kernel knows for how long: that is taken off.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <x86intrin.h>

#include "ops.h"

static struct {
	uint64_t start, idle, paused, pause;
	bool profile, silent;
} now;

/* Instructions that do nothing, but tell bench/count_plugin.c: begin, end, print. */
#define TELL(what) asm volatile("nopl 0x" what "706374(%%rax)" : : : "memory")
#define BEGIN	TELL("62")
#define END	TELL("65")
#define PRINT	TELL("70")

/* What is counted meanwhile is none of what the profile is to show. */
void count_silently(bool silent)
{
	now.silent = silent;
}

/* The profile of what has been counted is complete. */
void count_profile(void)
{
	PRINT;
}

/* How long the CPU has been idle, in ns. */
static uint64_t idle(void)
{
	FILE *file = fopen("/proc/timer_list", "r");
	unsigned long long found = 0;
	char line[256];

	while (file && fgets(line, sizeof(line), file) &&
	       sscanf(line, " .idle_sleeptime : %llu", &found) != 1)
		;
	if (!file || feof(file))
		die("/proc/timer_list");
	fclose(file);
	return found;
}

void count_begin(void)
{
	now.idle = idle();
	now.paused = 0;
	now.profile = !now.silent;
	if (now.profile)
		BEGIN;
	now.start = __rdtsc();
}

struct count count_end(void)
{
	uint64_t end = __rdtsc();
	struct count count;

	if (now.profile)
		END;
	now.profile = false;
	count.waited = idle() - now.idle;
	count.instructions = end - now.start - now.paused - count.waited;
	return count;
}

/* What is done between the two does not count; the CPU must not be idle in it. */
void count_pause(void)
{
	now.pause = __rdtsc();
	if (now.profile)
		END;
}

void count_resume(void)
{
	if (now.profile)
		BEGIN;
	now.paused += __rdtsc() - now.pause;
}

/* Warms up, and takes what a unit costs, of which each round has so many. */
void count_rounds(struct run *run, void (*once)(struct run *run), double units)
{
	struct count count;

	units *= run->workload->rounds;
	for (int i = 0; i < run->workload->warm_up; i++)
		once(run);
	count_begin();
	for (int i = 0; i < run->workload->rounds; i++)
		once(run);
	count = count_end();
	run->value = run->whole = count.instructions / units;
	run->waited = count.waited / units;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Sorts the values. */
double median(double *values, int count)
{
	qsort(values, count, sizeof(*values), compare);
	return values[count / 2];
}
