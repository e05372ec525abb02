// SPDX-License-Identifier: GPL-2.0
/*
 * A congestion control algorithm in a module of its own, as small as can be:
 * the window is what the parameter says, come what may.
 */
#include <linux/atomic.h>
#include <linux/module.h>

#include "../../cong/cong.h"
#include "../../core/tcb.h"
#include "../../net/cong_list.h"

static uint segments = 7;
module_param(segments, uint, 0444);
MODULE_PARM_DESC(segments, "of the window");

static uint twice;
module_param(twice, uint, 0444);
MODULE_PARM_DESC(twice, "register it under a name that is taken, which fails");

static atomic_t users;

static int users_get(char *buf, const struct kernel_param *kp)
{
	return sysfs_emit(buf, "%d\n", atomic_read(&users));
}

static const struct kernel_param_ops users_ops = { .get = users_get };

module_param_cb(users, &users_ops, NULL, 0444);

static void sample_init(struct tcpx_tcb *tcb, u64 now)
{
	atomic_inc(&users);
	tcb->cong.cwnd = segments * tcb->snd_mss;
}

static void sample_release(struct tcpx_tcb *tcb)
{
	atomic_dec(&users);
}

static u32 sample_ssthresh(struct tcpx_tcb *tcb, u32 flight, u64 now)
{
	return segments * tcb->snd_mss;
}

static void sample_acked(struct tcpx_tcb *tcb, const struct tcpx_rate_sample *rs, u64 now)
{
	tcb->cong.cwnd = segments * tcb->snd_mss;
}

static struct tcpx_cong_ops sample = {
	.name		= "sample",
	.owner		= THIS_MODULE,
	.flags		= TCPX_CONG_RESTRICTED,
	.init		= sample_init,
	.release	= sample_release,
	.ssthresh	= sample_ssthresh,
	.acked		= sample_acked,
};

static int __init tcpx_cong_sample_init(void)
{
	if (twice)
		sample.name = "cubic";
	return tcpx_cong_register(&sample);
}

static void __exit tcpx_cong_sample_exit(void)
{
	tcpx_cong_unregister(&sample);
}

module_init(tcpx_cong_sample_init);
module_exit(tcpx_cong_sample_exit);

MODULE_DESCRIPTION("A congestion control algorithm of a module's own");
MODULE_AUTHOR("The tcpx authors");
MODULE_LICENSE("GPL");
MODULE_ALIAS("tcpx-cong-sample");
