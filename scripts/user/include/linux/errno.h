/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _USER_LINUX_ERRNO_H
#define _USER_LINUX_ERRNO_H

#include <asm/errno.h>

#endif /* _USER_LINUX_ERRNO_H */
