/* SPDX-License-Identifier: GPL-2.0 */
/* What user space has of the kernel's uapi, by the name that it has there. */
#include <linux/inet_diag.h>
