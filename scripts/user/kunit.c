// SPDX-License-Identifier: GPL-2.0
/* Runs the KUnit cases in user space: see include/kunit/test.h. */
#include <kunit/test.h>
#include <stdarg.h>

#define MAX_SUITES 64

static struct kunit_suite *suites[MAX_SUITES];
static int nr_suites;

unsigned int kunit_first_seed = 1, kunit_seeds = 5;

void kunit_register(struct kunit_suite *suite)
{
	if (nr_suites == MAX_SUITES)
		abort();
	suites[nr_suites++] = suite;
}

void kunit_note(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	printf("    # ");
	vprintf(fmt, ap);
	va_end(ap);
}

void kunit_fail(struct kunit *test, bool fatal, const char *file, int line,
		const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	printf("    # %s: %s:%d: ", test->name, file, line);
	vprintf(fmt, ap);
	printf("\n");
	va_end(ap);
	test->failed = true;
	if (fatal)
		longjmp(test->abort, 1);
}

void *kunit_kzalloc(struct kunit *test, size_t size, int gfp)
{
	struct kunit_alloc *a = calloc(1, sizeof(*a) + size);

	(void)gfp;
	if (!a)
		abort();
	a->next = test->allocs;
	test->allocs = a;
	return a->room;
}

/* One case, or one parameter of it. */
static bool run_one(struct kunit_suite *suite, struct kunit_case *c, const void *param,
		    int index)
{
	struct kunit test = { .name = c->name, .param_value = param, .param_index = index };
	struct kunit_alloc *a;

	if (!setjmp(test.abort)) {
		if (suite->init && suite->init(&test))
			test.failed = true;
		else
			c->run_case(&test);
	}
	if (suite->exit)
		suite->exit(&test);
	while ((a = test.allocs)) {
		test.allocs = a->next;
		free(a);
	}
	return !test.failed;
}

static bool run_case(struct kunit_suite *suite, struct kunit_case *c)
{
	const void *param = NULL;
	char desc[KUNIT_PARAM_DESC_SIZE];
	bool ok = true;
	int n = 0;

	if (!c->generate_params)
		return run_one(suite, c, NULL, 0);
	for (;;) {
		desc[0] = '\0';
		param = c->generate_params(param, desc);
		if (!param)
			return ok;
		if (!run_one(suite, c, param, n++)) {
			printf("        not ok %d %s\n", n, desc);
			ok = false;
		}
	}
}

/* Usage: cases [FIRST_SEED SEEDS [SUITE]] */
int main(int argc, char **argv)
{
	const char *only = argc > 3 ? argv[3] : "";
	bool all = true;

	if (argc > 2) {
		kunit_first_seed = strtoul(argv[1], NULL, 0);
		kunit_seeds = strtoul(argv[2], NULL, 0);
	}

	printf("TAP version 14\n1..%d\n", nr_suites);
	for (int i = 0; i < nr_suites; i++) {
		struct kunit_suite *suite = suites[i];
		bool ok = true;
		int n = 0;

		if (*only && strcmp(only, suite->name))
			continue;
		if (suite->suite_init && suite->suite_init(suite))
			ok = false;
		for (struct kunit_case *c = suite->test_cases; c->run_case; c++) {
			bool good = run_case(suite, c);

			printf("    %sok %d %s\n", good ? "" : "not ", ++n, c->name);
			ok &= good;
		}
		if (suite->suite_exit)
			suite->suite_exit(suite);
		printf("%sok %d %s\n", ok ? "" : "not ", i + 1, suite->name);
		all &= ok;
	}
	return all ? 0 : 1;
}
