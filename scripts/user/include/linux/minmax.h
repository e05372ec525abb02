/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _USER_LINUX_MINMAX_H
#define _USER_LINUX_MINMAX_H

#define min(a, b) ({			\
	typeof(a) __a = (a);		\
	typeof(b) __b = (b);		\
	(void)(&__a == &__b);		\
	__a < __b ? __a : __b;		\
})
#define max(a, b) ({			\
	typeof(a) __a = (a);		\
	typeof(b) __b = (b);		\
	(void)(&__a == &__b);		\
	__a > __b ? __a : __b;		\
})
#define min_t(type, a, b) ({		\
	type __at = (a);		\
	type __bt = (b);		\
	__at < __bt ? __at : __bt;	\
})
#define max_t(type, a, b) ({		\
	type __at = (a);		\
	type __bt = (b);		\
	__at > __bt ? __at : __bt;	\
})
#define min3(a, b, c)		min(min(a, b), c)
#define max3(a, b, c)		max(max(a, b), c)
#define clamp(v, lo, hi)	min(max(v, lo), hi)
#define clamp_t(type, v, lo, hi) min_t(type, max_t(type, v, lo), hi)
#define swap(a, b) do {			\
	typeof(a) __s = (a);		\
	(a) = (b);			\
	(b) = __s;			\
} while (0)

#endif /* _USER_LINUX_MINMAX_H */
