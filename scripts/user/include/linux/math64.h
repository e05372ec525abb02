/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _USER_LINUX_MATH64_H
#define _USER_LINUX_MATH64_H

#include <linux/types.h>

#define do_div(n, base) ({		\
	u32 __base = (base);		\
	u32 __rem = (n) % __base;	\
	(n) /= __base;			\
	__rem;				\
})

static inline u64 div_u64(u64 a, u32 b)
{
	return a / b;
}

static inline u64 div64_u64(u64 a, u64 b)
{
	return a / b;
}

static inline u64 mul_u64_u32_div(u64 a, u32 mul, u32 div)
{
	return (unsigned __int128)a * mul / div;
}

#endif /* _USER_LINUX_MATH64_H */
