// SPDX-License-Identifier: GPL-2.0
/*
 * Divisions of 64-bit numbers.  Not inline: what is left of such divisions in the objects of
 * the pure files is none that a 32-bit kernel has.
 */
#include <linux/math64.h>

u32 div_u64_rem_by(u64 *n, u32 base)
{
	u32 rem = *n % base;

	*n /= base;
	return rem;
}

u64 div_u64(u64 a, u32 b)
{
	return a / b;
}

u64 div64_u64(u64 a, u64 b)
{
	return a / b;
}

/* In halves: 32-bit machines have no wider type */
u64 mul_u64_u32_div(u64 a, u32 mul, u32 div)
{
	u64 low = (u64)(u32)a * mul;
	u64 high = (a >> 32) * mul + (low >> 32);

	return (high / div << 32) + ((high % div << 32) + (u32)low) / div;
}
