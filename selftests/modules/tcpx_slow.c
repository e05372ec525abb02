// SPDX-License-Identifier: GPL-2.0
/*
 * One CPU is slow at a tracepoint, so that the other can come in between: what
 * is a matter of chance otherwise happens every time.
 *
 * hrtimer_expire_entry and hrtimer_expire_exit are before and after a timer's
 * callback; @timer tells which callback is meant.
 */
#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/kallsyms.h>
#include <linux/module.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/tracepoint.h>

static char *at = "";
module_param(at, charp, 0444);
MODULE_PARM_DESC(at, "name of the tracepoint");

static char *timer = "";
module_param(timer, charp, 0444);
MODULE_PARM_DESC(timer, "name of the callback; empty: at is no tracepoint of hrtimers");

static uint cpu;
module_param(cpu, uint, 0444);
MODULE_PARM_DESC(cpu, "the slow one");

static uint msecs = 1;
module_param(msecs, uint, 0644);
MODULE_PARM_DESC(msecs, "how slow");

static ulong hits;
module_param(hits, ulong, 0444);
MODULE_PARM_DESC(hits, "how often it was");

static bool inside;
module_param(inside, bool, 0444);
MODULE_PARM_DESC(inside, "whether it is just now");

static struct tracepoint *found;

/* Registered with whatever arguments the tracepoint has; the first is enough */
static void slow_probe(void *data, const void *first)
{
	const struct hrtimer *t = first;
	char name[KSYM_NAME_LEN];

	if (raw_smp_processor_id() != cpu)
		return;
	if (*timer) {
		snprintf(name, sizeof(name), "%ps", t->function);
		/* A module's symbol is followed by the module's name */
		if (strncmp(name, timer, strlen(timer)))
			return;
	}
	hits++;
	WRITE_ONCE(inside, true);
	mdelay(READ_ONCE(msecs));
	WRITE_ONCE(inside, false);
}

static void slow_look(struct tracepoint *tp, void *unused)
{
	if (!strcmp(tp->name, at))
		found = tp;
}

static int slow_module(struct notifier_block *nb, unsigned long action, void *data)
{
	const struct tp_module *tp_mod = data;
	int i;

	for (i = 0; action == MODULE_STATE_COMING && i < tp_mod->mod->num_tracepoints; i++)
		slow_look(tracepoint_ptr_deref(&tp_mod->mod->tracepoints_ptrs[i]), NULL);
	return NOTIFY_OK;
}

static struct notifier_block slow_notifier = { .notifier_call = slow_module };

static int __init slow_init(void)
{
	int err;

	for_each_kernel_tracepoint(slow_look, NULL);
	/* Tells of the modules that are there as well */
	err = register_tracepoint_module_notifier(&slow_notifier);
	if (err)
		return err;
	unregister_tracepoint_module_notifier(&slow_notifier);
	if (!found)
		return -ENOENT;
	return tracepoint_probe_register(found, (void *)slow_probe, NULL);
}

static void __exit slow_exit(void)
{
	tracepoint_probe_unregister(found, (void *)slow_probe, NULL);
	tracepoint_synchronize_unregister();
}

module_init(slow_init);
module_exit(slow_exit);

MODULE_DESCRIPTION("One CPU is slow at a tracepoint");
MODULE_LICENSE("GPL");
