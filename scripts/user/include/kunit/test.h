/* SPDX-License-Identifier: GPL-2.0 */
/*
 * As much of KUnit as the cases in kunit/ use, for user space, where gcov can
 * count lines: KTAP on stdout, an assertion ends its case.
 */
#ifndef _USER_KUNIT_TEST_H
#define _USER_KUNIT_TEST_H

#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/types.h>
#include <setjmp.h>

#define KUNIT_PARAM_DESC_SIZE	128

/* Of the random tests: from the command line */
extern unsigned int kunit_first_seed, kunit_seeds;

#define TEST_FIRST_SEED	kunit_first_seed
#define TEST_SEEDS	kunit_seeds

struct kunit_alloc {
	struct kunit_alloc *next;
	u64 room[];
};

struct kunit {
	void *priv;
	const void *param_value;
	int param_index;
	const char *name;
	bool failed;
	bool skipped;
	jmp_buf abort;
	struct kunit_alloc *allocs;
};

struct kunit_case {
	void (*run_case)(struct kunit *test);
	const char *name;
	const void *(*generate_params)(const void *prev, char *desc);
};

struct kunit_suite {
	const char *name;
	int (*suite_init)(struct kunit_suite *suite);
	void (*suite_exit)(struct kunit_suite *suite);
	int (*init)(struct kunit *test);
	void (*exit)(struct kunit *test);
	struct kunit_case *test_cases;
};

void kunit_register(struct kunit_suite *suite);
void kunit_fail(struct kunit *test, bool fatal, const char *file, int line,
		const char *fmt, ...) __attribute__((format(printf, 5, 6)));
void kunit_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void *kunit_kzalloc(struct kunit *test, size_t size, int gfp);

#define kunit_kmalloc(test, size, gfp)	kunit_kzalloc(test, size, gfp)
#define kunit_kcalloc(test, n, size, gfp) kunit_kzalloc(test, (n) * (size), gfp)

#define KUNIT_CASE(fn)			{ .run_case = fn, .name = #fn }
#define KUNIT_CASE_PARAM(fn, gen)	{ .run_case = fn, .name = #fn, .generate_params = gen }

#define kunit_test_suite(suite) \
	__attribute__((constructor)) static void suite##_register(void) { kunit_register(&(suite)); }
#define KUNIT_JOIN2(a, b)		a##b
#define KUNIT_JOIN(a, b)		KUNIT_JOIN2(a, b)
#define kunit_test_suites(...)						\
	__attribute__((constructor)) static void			\
	KUNIT_JOIN(kunit_register_, __LINE__)(void)			\
	{								\
		struct kunit_suite *all[] = { __VA_ARGS__ };		\
		for (size_t i = 0; i < ARRAY_SIZE(all); i++)		\
			kunit_register(all[i]);				\
	}

#define KUNIT_ARRAY_PARAM(name, array, get_desc)			\
	static const void *name##_gen_params(const void *prev, char *desc) \
	{								\
		typeof(&(array)[0]) next = prev ?			\
			((typeof(next))prev) + 1 : (array);		\
		if (next - (array) >= (ptrdiff_t)ARRAY_SIZE(array))	\
			return NULL;					\
		void (*describe)(typeof(next), char *) = get_desc;	\
		if (describe)						\
			describe(next, desc);				\
		return next;						\
	}

#define kunit_info(test, fmt, ...)	kunit_note(fmt, ##__VA_ARGS__)
#define kunit_warn(test, fmt, ...)	kunit_note(fmt, ##__VA_ARGS__)
#define kunit_err(test, fmt, ...)	kunit_note(fmt, ##__VA_ARGS__)

#define kunit_skip(test, fmt, ...) do {					\
	kunit_note(fmt, ##__VA_ARGS__);					\
	(test)->skipped = true;						\
	longjmp((test)->abort, 1);					\
} while (0)

#define KUNIT_CHECK(test, fatal, cond, fmt, ...) do {			\
	if (!(cond))							\
		kunit_fail(test, fatal, __FILE__, __LINE__, fmt, ##__VA_ARGS__); \
} while (0)

#define KUNIT_COMPARE(test, fatal, a, op, b, fmt, ...) do {		\
	typeof(a) __l = (a);						\
	typeof(b) __r = (b);						\
	if (!(__l op __r))						\
		kunit_fail(test, fatal, __FILE__, __LINE__,		\
			   "%s %s %s: %lld, %lld. " fmt, #a, #op, #b,	\
			   (long long)__l, (long long)__r, ##__VA_ARGS__); \
} while (0)

#define KUNIT_STRCMP(test, fatal, a, op, b, fmt, ...) do {		\
	const char *__l = (a), *__r = (b);				\
	if (!(strcmp(__l, __r) op 0))					\
		kunit_fail(test, fatal, __FILE__, __LINE__,		\
			   "%s %s %s: \"%s\", \"%s\". " fmt, #a, #op, #b, \
			   __l, __r, ##__VA_ARGS__);			\
} while (0)

#define KUNIT_FAIL(test, fmt, ...) \
	kunit_fail(test, false, __FILE__, __LINE__, fmt, ##__VA_ARGS__)
#define KUNIT_SUCCEED(test)		((void)(test))

#define KUNIT_EXPECT_EQ(t, a, b)	KUNIT_COMPARE(t, false, a, ==, b, "")
#define KUNIT_EXPECT_EQ_MSG(t, a, b, f, ...) \
	KUNIT_COMPARE(t, false, a, ==, b, f, ##__VA_ARGS__)
#define KUNIT_EXPECT_NE(t, a, b)	KUNIT_COMPARE(t, false, a, !=, b, "")
#define KUNIT_EXPECT_NE_MSG(t, a, b, f, ...) \
	KUNIT_COMPARE(t, false, a, !=, b, f, ##__VA_ARGS__)
#define KUNIT_EXPECT_LT(t, a, b)	KUNIT_COMPARE(t, false, a, <, b, "")
#define KUNIT_EXPECT_LT_MSG(t, a, b, f, ...) \
	KUNIT_COMPARE(t, false, a, <, b, f, ##__VA_ARGS__)
#define KUNIT_EXPECT_LE(t, a, b)	KUNIT_COMPARE(t, false, a, <=, b, "")
#define KUNIT_EXPECT_LE_MSG(t, a, b, f, ...) \
	KUNIT_COMPARE(t, false, a, <=, b, f, ##__VA_ARGS__)
#define KUNIT_EXPECT_GT(t, a, b)	KUNIT_COMPARE(t, false, a, >, b, "")
#define KUNIT_EXPECT_GT_MSG(t, a, b, f, ...) \
	KUNIT_COMPARE(t, false, a, >, b, f, ##__VA_ARGS__)
#define KUNIT_EXPECT_GE(t, a, b)	KUNIT_COMPARE(t, false, a, >=, b, "")
#define KUNIT_EXPECT_GE_MSG(t, a, b, f, ...) \
	KUNIT_COMPARE(t, false, a, >=, b, f, ##__VA_ARGS__)
#define KUNIT_EXPECT_PTR_EQ(t, a, b)	KUNIT_COMPARE(t, false, a, ==, b, "")
#define KUNIT_EXPECT_PTR_EQ_MSG(t, a, b, f, ...) \
	KUNIT_COMPARE(t, false, a, ==, b, f, ##__VA_ARGS__)
#define KUNIT_EXPECT_PTR_NE(t, a, b)	KUNIT_COMPARE(t, false, a, !=, b, "")
#define KUNIT_EXPECT_PTR_NE_MSG(t, a, b, f, ...) \
	KUNIT_COMPARE(t, false, a, !=, b, f, ##__VA_ARGS__)
#define KUNIT_EXPECT_STREQ(t, a, b)	KUNIT_STRCMP(t, false, a, ==, b, "")
#define KUNIT_EXPECT_STREQ_MSG(t, a, b, f, ...) \
	KUNIT_STRCMP(t, false, a, ==, b, f, ##__VA_ARGS__)
#define KUNIT_EXPECT_STRNEQ(t, a, b)	KUNIT_STRCMP(t, false, a, !=, b, "")
#define KUNIT_EXPECT_STRNEQ_MSG(t, a, b, f, ...) \
	KUNIT_STRCMP(t, false, a, !=, b, f, ##__VA_ARGS__)
#define KUNIT_EXPECT_TRUE(t, c)	KUNIT_CHECK(t, false, c, "TRUE: %s", #c)
#define KUNIT_EXPECT_TRUE_MSG(t, c, f, ...) \
	KUNIT_CHECK(t, false, c, "TRUE: %s. " f, #c, ##__VA_ARGS__)
#define KUNIT_EXPECT_FALSE(t, c)	KUNIT_CHECK(t, false, !(c), "FALSE: %s", #c)
#define KUNIT_EXPECT_FALSE_MSG(t, c, f, ...) \
	KUNIT_CHECK(t, false, !(c), "FALSE: %s. " f, #c, ##__VA_ARGS__)
#define KUNIT_EXPECT_NULL(t, c)	KUNIT_CHECK(t, false, !(c), "NULL: %s", #c)
#define KUNIT_EXPECT_NULL_MSG(t, c, f, ...) \
	KUNIT_CHECK(t, false, !(c), "NULL: %s. " f, #c, ##__VA_ARGS__)
#define KUNIT_EXPECT_NOT_NULL(t, c)	KUNIT_CHECK(t, false, c, "NOT_NULL: %s", #c)
#define KUNIT_EXPECT_NOT_NULL_MSG(t, c, f, ...) \
	KUNIT_CHECK(t, false, c, "NOT_NULL: %s. " f, #c, ##__VA_ARGS__)
#define KUNIT_EXPECT_NOT_ERR_OR_NULL(t, c)	KUNIT_CHECK(t, false, c, "NOT_ERR_OR_NULL: %s", #c)
#define KUNIT_EXPECT_NOT_ERR_OR_NULL_MSG(t, c, f, ...) \
	KUNIT_CHECK(t, false, c, "NOT_ERR_OR_NULL: %s. " f, #c, ##__VA_ARGS__)
#define KUNIT_EXPECT_MEMEQ(t, a, b, n) \
	KUNIT_CHECK(t, false, !memcmp(a, b, n), "MEMEQ: %s, %s", #a, #b)
#define KUNIT_EXPECT_MEMEQ_MSG(t, a, b, n, f, ...) \
	KUNIT_CHECK(t, false, !memcmp(a, b, n), "MEMEQ: %s, %s. " f, #a, #b, ##__VA_ARGS__)
#define KUNIT_EXPECT_MEMNEQ(t, a, b, n) \
	KUNIT_CHECK(t, false, memcmp(a, b, n), "MEMNEQ: %s, %s", #a, #b)
#define KUNIT_EXPECT_MEMNEQ_MSG(t, a, b, n, f, ...) \
	KUNIT_CHECK(t, false, memcmp(a, b, n), "MEMNEQ: %s, %s. " f, #a, #b, ##__VA_ARGS__)

#define KUNIT_ASSERT_EQ(t, a, b)	KUNIT_COMPARE(t, true, a, ==, b, "")
#define KUNIT_ASSERT_EQ_MSG(t, a, b, f, ...) \
	KUNIT_COMPARE(t, true, a, ==, b, f, ##__VA_ARGS__)
#define KUNIT_ASSERT_NE(t, a, b)	KUNIT_COMPARE(t, true, a, !=, b, "")
#define KUNIT_ASSERT_NE_MSG(t, a, b, f, ...) \
	KUNIT_COMPARE(t, true, a, !=, b, f, ##__VA_ARGS__)
#define KUNIT_ASSERT_LT(t, a, b)	KUNIT_COMPARE(t, true, a, <, b, "")
#define KUNIT_ASSERT_LT_MSG(t, a, b, f, ...) \
	KUNIT_COMPARE(t, true, a, <, b, f, ##__VA_ARGS__)
#define KUNIT_ASSERT_LE(t, a, b)	KUNIT_COMPARE(t, true, a, <=, b, "")
#define KUNIT_ASSERT_LE_MSG(t, a, b, f, ...) \
	KUNIT_COMPARE(t, true, a, <=, b, f, ##__VA_ARGS__)
#define KUNIT_ASSERT_GT(t, a, b)	KUNIT_COMPARE(t, true, a, >, b, "")
#define KUNIT_ASSERT_GT_MSG(t, a, b, f, ...) \
	KUNIT_COMPARE(t, true, a, >, b, f, ##__VA_ARGS__)
#define KUNIT_ASSERT_GE(t, a, b)	KUNIT_COMPARE(t, true, a, >=, b, "")
#define KUNIT_ASSERT_GE_MSG(t, a, b, f, ...) \
	KUNIT_COMPARE(t, true, a, >=, b, f, ##__VA_ARGS__)
#define KUNIT_ASSERT_PTR_EQ(t, a, b)	KUNIT_COMPARE(t, true, a, ==, b, "")
#define KUNIT_ASSERT_PTR_EQ_MSG(t, a, b, f, ...) \
	KUNIT_COMPARE(t, true, a, ==, b, f, ##__VA_ARGS__)
#define KUNIT_ASSERT_PTR_NE(t, a, b)	KUNIT_COMPARE(t, true, a, !=, b, "")
#define KUNIT_ASSERT_PTR_NE_MSG(t, a, b, f, ...) \
	KUNIT_COMPARE(t, true, a, !=, b, f, ##__VA_ARGS__)
#define KUNIT_ASSERT_STREQ(t, a, b)	KUNIT_STRCMP(t, true, a, ==, b, "")
#define KUNIT_ASSERT_STREQ_MSG(t, a, b, f, ...) \
	KUNIT_STRCMP(t, true, a, ==, b, f, ##__VA_ARGS__)
#define KUNIT_ASSERT_STRNEQ(t, a, b)	KUNIT_STRCMP(t, true, a, !=, b, "")
#define KUNIT_ASSERT_STRNEQ_MSG(t, a, b, f, ...) \
	KUNIT_STRCMP(t, true, a, !=, b, f, ##__VA_ARGS__)
#define KUNIT_ASSERT_TRUE(t, c)	KUNIT_CHECK(t, true, c, "TRUE: %s", #c)
#define KUNIT_ASSERT_TRUE_MSG(t, c, f, ...) \
	KUNIT_CHECK(t, true, c, "TRUE: %s. " f, #c, ##__VA_ARGS__)
#define KUNIT_ASSERT_FALSE(t, c)	KUNIT_CHECK(t, true, !(c), "FALSE: %s", #c)
#define KUNIT_ASSERT_FALSE_MSG(t, c, f, ...) \
	KUNIT_CHECK(t, true, !(c), "FALSE: %s. " f, #c, ##__VA_ARGS__)
#define KUNIT_ASSERT_NULL(t, c)	KUNIT_CHECK(t, true, !(c), "NULL: %s", #c)
#define KUNIT_ASSERT_NULL_MSG(t, c, f, ...) \
	KUNIT_CHECK(t, true, !(c), "NULL: %s. " f, #c, ##__VA_ARGS__)
#define KUNIT_ASSERT_NOT_NULL(t, c)	KUNIT_CHECK(t, true, c, "NOT_NULL: %s", #c)
#define KUNIT_ASSERT_NOT_NULL_MSG(t, c, f, ...) \
	KUNIT_CHECK(t, true, c, "NOT_NULL: %s. " f, #c, ##__VA_ARGS__)
#define KUNIT_ASSERT_NOT_ERR_OR_NULL(t, c)	KUNIT_CHECK(t, true, c, "NOT_ERR_OR_NULL: %s", #c)
#define KUNIT_ASSERT_NOT_ERR_OR_NULL_MSG(t, c, f, ...) \
	KUNIT_CHECK(t, true, c, "NOT_ERR_OR_NULL: %s. " f, #c, ##__VA_ARGS__)
#define KUNIT_ASSERT_MEMEQ(t, a, b, n) \
	KUNIT_CHECK(t, true, !memcmp(a, b, n), "MEMEQ: %s, %s", #a, #b)
#define KUNIT_ASSERT_MEMEQ_MSG(t, a, b, n, f, ...) \
	KUNIT_CHECK(t, true, !memcmp(a, b, n), "MEMEQ: %s, %s. " f, #a, #b, ##__VA_ARGS__)
#define KUNIT_ASSERT_MEMNEQ(t, a, b, n) \
	KUNIT_CHECK(t, true, memcmp(a, b, n), "MEMNEQ: %s, %s", #a, #b)
#define KUNIT_ASSERT_MEMNEQ_MSG(t, a, b, n, f, ...) \
	KUNIT_CHECK(t, true, memcmp(a, b, n), "MEMNEQ: %s, %s. " f, #a, #b, ##__VA_ARGS__)

#endif /* _USER_KUNIT_TEST_H */
