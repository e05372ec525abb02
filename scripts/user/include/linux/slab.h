/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _USER_LINUX_SLAB_H
#define _USER_LINUX_SLAB_H

#include <linux/types.h>

#define GFP_KERNEL 0

#endif /* _USER_LINUX_SLAB_H */
