/* SPDX-License-Identifier: GPL-2.0 */
/* The C library's limits.h includes this one too. */
#include_next <linux/limits.h>
#include <linux/types.h>
