// SPDX-License-Identifier: GPL-2.0
/*
 * Virtual time stands still while the test VM waits for the host's file server.
 *
 * With QEMU's -icount sleep=off an idle CPU finds itself at its next timer at once,
 * also where it is idle only since the host has not answered yet: reading a file
 * may take any time. So while a request is out, an idle CPU has no timer: that of
 * its local APIC is masked, and QEMU, which then knows of nothing to go on to,
 * stops the clock until an interrupt brings the answer. The timer counts by that
 * clock, so that unmasked it is due when it was.
 *
 * For one CPU, as virtual time is, and without x2APIC: newer kernels keep from modules what
 * would serve both.
 */

#include <linux/module.h>
#include <linux/virtio.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ids.h>
#include <trace/events/power.h>
#include <asm/apic.h>

#define MAX_SERVERS	8

/* One for each file tree that the host serves. */
static struct virtqueue *server[MAX_SERVERS];
static int servers;
/* The timer's entry in the local vector table before it was masked, or 0. */
static u32 unmasked;

/* A request occupies its place in the queue until the answer has been taken. */
static bool request_out(void)
{
	int i;

	for (i = 0; i < servers; i++)
		if (server[i]->num_free < virtqueue_get_vring_size(server[i]))
			return true;
	return false;
}

static void idle_begins(void)
{
	u32 lvtt = native_apic_mem_read(APIC_LVTT);

	/* Where it has run out, its interrupt is about to end the idling. */
	if (lvtt & APIC_LVT_MASKED || !native_apic_mem_read(APIC_TMCCT) || !request_out())
		return;
	unmasked = lvtt;
	native_apic_mem_write(APIC_LVTT, lvtt | APIC_LVT_MASKED);
}

static void idle_ends(void)
{
	if (!unmasked)
		return;
	native_apic_mem_write(APIC_LVTT, unmasked);
	unmasked = 0;
	/* It may have run out, unheard, while the interrupt was handled. */
	if (native_apic_mem_read(APIC_TMICT) && !native_apic_mem_read(APIC_TMCCT))
		native_apic_mem_write(APIC_TMICT, 1);
}

static void idle_changes(void *unused, unsigned int state, unsigned int cpu)
{
	if (state == PWR_EVENT_EXIT)
		idle_ends();
	else
		idle_begins();
}

static int note_server(struct device *dev, void *unused)
{
	struct virtio_device *vdev = dev_to_virtio(dev);
	struct virtqueue *vq;

	if (vdev->id.device != VIRTIO_ID_9P)
		return 0;
	virtio_device_for_each_vq(vdev, vq) {
		if (servers == MAX_SERVERS)
			return -ENOSPC;
		server[servers++] = vq;
	}
	return 0;
}

static const struct virtio_device_id no_device[] = { { 0 } };

static struct virtio_driver driver = {
	.driver.name	= KBUILD_MODNAME,
	.driver.owner	= THIS_MODULE,
	.id_table	= no_device,
};

static int __init vm_clock_init(void)
{
	int err;

	if (x2apic_enabled())
		return -EOPNOTSUPP;
	/* A driver for nothing, to be told which bus the devices are on. */
	err = register_virtio_driver(&driver);
	if (err)
		return err;
	err = bus_for_each_dev(driver.driver.bus, NULL, NULL, note_server);
	unregister_virtio_driver(&driver);
	return err ?: register_trace_cpu_idle(idle_changes, NULL);
}
module_init(vm_clock_init);

MODULE_DESCRIPTION("Stops virtual time while the host is asked for a file");
MODULE_LICENSE("GPL");
