/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _USER_LINUX_MATH64_H
#define _USER_LINUX_MATH64_H

#include <linux/types.h>

u32 div_u64_rem_by(u64 *n, u32 base);

#define do_div(n, base) div_u64_rem_by(&(n), base)

u64 div_u64(u64 a, u32 b);
u64 div64_u64(u64 a, u64 b);
u64 mul_u64_u32_div(u64 a, u32 mul, u32 div);

#endif /* _USER_LINUX_MATH64_H */
