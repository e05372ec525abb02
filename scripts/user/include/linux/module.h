/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _USER_LINUX_MODULE_H
#define _USER_LINUX_MODULE_H

#include <linux/types.h>

#define MODULE_LICENSE(x)
#define MODULE_DESCRIPTION(x)
#define MODULE_AUTHOR(x)
#define KBUILD_MODNAME "tcpx"
#define THIS_MODULE NULL

#endif /* _USER_LINUX_MODULE_H */
