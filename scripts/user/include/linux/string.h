/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _USER_LINUX_STRING_H
#define _USER_LINUX_STRING_H

#include <string.h>

#endif /* _USER_LINUX_STRING_H */
