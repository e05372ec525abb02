// SPDX-License-Identifier: GPL-2.0
/*
 * The first program of the test VM, for scripts/vm.
 *
 * Turns the host's file tree into the VM's (a throw-away layer in memory over
 * it; only the shared folders reach the host), mounts what a net test needs,
 * loads the module, runs one command with its output relayed to the host, asks
 * kmemleak, notes the command's exit status and powers off.
 *
 * What to do stands in the folder that the kernel command line names (vmdir=):
 *   argv, env   NUL-separated strings
 *   settings    lines "name value"; see struct settings
 * and there it leaves:
 *   status      the command's exit status, written last
 *   kmemleak    kmemleak's report, when it has one
 */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define MAX_SHARES	8
#define NEWROOT		"/run/root"

/* The settings file. Shares, and /tmp, are mounted writable at the same path
 * as on the host.
 */
static struct settings {
	char cwd[4096];
	char module[4096];	/* to insmod; empty: none */
	char depends[4096];	/* to modprobe first, separated by commas */
	char libmodules[4096];	/* what /lib/modules/VERSION shall be */
	char share[MAX_SHARES][4096];
	int shares;
	bool kmemleak;
} settings;

static const char *vmdir;
/* Where the VM's root is: NEWROOT until it was entered. */
static const char *root = NEWROOT;

static void say(const char *fmt, ...)
{
	char line[1024];
	va_list ap;
	int n, fd;

	va_start(ap, fmt);
	n = snprintf(line, sizeof(line), "vm-init: ");
	vsnprintf(line + n, sizeof(line) - n, fmt, ap);
	va_end(ap);
	fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		fd = dup(STDERR_FILENO);
	dprintf(fd, "%s\n", line);
	close(fd);
}

/* QEMU runs with -no-reboot, and not every kernel of ours can power off. */
static void power_off(void)
{
	sync();
	reboot(getenv("vmqemu") ? RB_AUTOBOOT : RB_POWER_OFF);
	for (;;)
		pause();
}

/* The host sees a missing status file and prints the console's end. */
static void die(const char *fmt, ...)
{
	char line[900];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	say("fatal: %s: %s", line, strerror(errno));
	power_off();
}

/* Reads a whole file; the result ends in a NUL that *len does not count. */
static char *read_file(const char *path, size_t *len)
{
	size_t have = 0, room = 4096;
	char *buf = malloc(room);
	ssize_t n;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		free(buf);
		return NULL;
	}
	while ((n = read(fd, buf + have, room - have - 1)) > 0) {
		have += n;
		if (room - have < 2) {
			room *= 2;
			buf = realloc(buf, room);
		}
	}
	close(fd);
	buf[have] = '\0';
	if (len)
		*len = have;
	return buf;
}

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	int err = 0;

	if (fd < 0)
		return -1;
	if (write(fd, text, strlen(text)) < 0)
		err = -1;
	if (fsync(fd) && errno != EINVAL)
		err = -1;
	close(fd);
	return err;
}

static char *in_vmdir(const char *name)
{
	static char path[4200];

	snprintf(path, sizeof(path), "%s%s/%s", root, vmdir, name);
	return path;
}

static char **read_strings(const char *name)
{
	size_t len, i, n = 0;
	char *text = read_file(in_vmdir(name), &len);
	char **list;

	if (!text)
		die("%s/%s", vmdir, name);
	list = calloc(len + 2, sizeof(*list));
	for (i = 0; i < len; i += strlen(text + i) + 1)
		list[n++] = text + i;
	return list;
}

static void read_settings(void)
{
	char *text = read_file(in_vmdir("settings"), NULL);
	char *line, *next;

	if (!text)
		die("%s/settings", vmdir);
	for (line = text; *line; line = next) {
		char *value = line + strcspn(line, "\n ");

		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = '\0';
		if (*value)
			*value++ = '\0';
		if (!strcmp(line, "cwd"))
			snprintf(settings.cwd, sizeof(settings.cwd), "%s", value);
		else if (!strcmp(line, "module"))
			snprintf(settings.module, sizeof(settings.module), "%s", value);
		else if (!strcmp(line, "depends"))
			snprintf(settings.depends, sizeof(settings.depends), "%s", value);
		else if (!strcmp(line, "libmodules"))
			snprintf(settings.libmodules, sizeof(settings.libmodules), "%s", value);
		else if (!strcmp(line, "share") && settings.shares < MAX_SHARES)
			snprintf(settings.share[settings.shares++],
				 sizeof(settings.share[0]), "%s", value);
		else if (!strcmp(line, "kmemleak"))
			settings.kmemleak = true;
	}
	free(text);
}

static int insmod(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int err;

	if (fd < 0)
		return -1;
	err = syscall(SYS_finit_module, fd, "", 0);
	close(fd);
	return err;
}

/* The initramfs of the QEMU backend brings the drivers that reach the host's
 * tree, and what stops virtual time meanwhile: files in /drivers, named in load
 * order in /drivers/list.
 */
static void load_drivers(void)
{
	char *list = read_file("/drivers/list", NULL);
	char *name, path[512];

	if (!list)
		return;
	for (name = strtok(list, "\n"); name; name = strtok(NULL, "\n")) {
		snprintf(path, sizeof(path), "/drivers/%s", name);
		if (insmod(path) && errno != EEXIST)
			say("%s: %s", path, strerror(errno));
	}
	free(list);
}

static void must_mount(const char *what, const char *where, const char *type,
		       unsigned long flags, const char *data)
{
	if (mount(what, where, type, flags, data))
		die("mount %s at %s", type, where);
}

/* For what a configuration may not have. */
static void may_mount(const char *what, const char *where, const char *type)
{
	mkdir(where, 0755);
	if (mount(what, where, type, MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) &&
	    errno != ENODEV && errno != ENOENT && errno != EBUSY)
		say("mount %s at %s: %s", type, where, strerror(errno));
}

static void mount_share(bool qemu, const char *path, int number)
{
	char where[4200], what[16];

	snprintf(where, sizeof(where), NEWROOT "%s", path);
	if (qemu) {
		snprintf(what, sizeof(what), "share%d", number);
		must_mount(what, where, "9p", 0,
			   "trans=virtio,version=9p2000.L,msize=262144,cache=mmap");
	} else {
		must_mount("none", where, "hostfs", 0, path);
	}
}

/* The host's root, read-only, with a layer in memory above it. */
static void mount_root(bool qemu)
{
	const char *lower = "/";

	must_mount("tmpfs", "/run", "tmpfs", 0, "mode=755,size=50%");
	mkdir("/run/upper", 0755);
	mkdir("/run/work", 0755);
	mkdir(NEWROOT, 0755);
	if (qemu) {
		lower = "/run/host";
		mkdir(lower, 0755);
		must_mount("root", lower, "9p", MS_RDONLY,
			   "trans=virtio,version=9p2000.L,msize=262144,cache=loose");
	}
	must_mount("overlay", NEWROOT, "overlay", 0,
		   qemu ? "lowerdir=/run/host,upperdir=/run/upper,workdir=/run/work" :
			  "lowerdir=/,upperdir=/run/upper,workdir=/run/work");
}

static void enter_root(void)
{
	if (chdir(NEWROOT) || mount(".", "/", NULL, MS_MOVE, NULL) || chroot(".") || chdir("/"))
		die("entering " NEWROOT);
	root = "";
}

static void mount_system(void)
{
	must_mount("proc", "/proc", "proc", 0, NULL);
	must_mount("sysfs", "/sys", "sysfs", 0, NULL);
	must_mount("devtmpfs", "/dev", "devtmpfs", 0, "mode=755");
	must_mount("tmpfs", "/run", "tmpfs", 0, "mode=755");
	mkdir("/run/lock", 01777);
	mkdir("/run/user", 0755);
	mkdir("/dev/pts", 0755);
	mkdir("/dev/shm", 01777);
	must_mount("devpts", "/dev/pts", "devpts", 0, "ptmxmode=666,mode=620");
	must_mount("tmpfs", "/dev/shm", "tmpfs", 0, "mode=1777");
	may_mount("mqueue", "/dev/mqueue", "mqueue");
	may_mount("securityfs", "/sys/kernel/security", "securityfs");
	may_mount("debugfs", "/sys/kernel/debug", "debugfs");
	may_mount("tracefs", "/sys/kernel/tracing", "tracefs");
	may_mount("cgroup2", "/sys/fs/cgroup", "cgroup2");
	may_mount("bpf", "/sys/fs/bpf", "bpf");
	if (symlink("/proc/self/fd", "/dev/fd") ||
	    symlink("/proc/self/fd/0", "/dev/stdin") ||
	    symlink("/proc/self/fd/1", "/dev/stdout") ||
	    symlink("/proc/self/fd/2", "/dev/stderr"))
		say("links in /dev: %s", strerror(errno));
	symlink("/dev/pts/ptmx", "/dev/ptmx");
}

/* modprobe finds the running kernel's own list of modules and built-ins. */
static void link_libmodules(void)
{
	char where[4096], *version;

	version = strrchr(settings.libmodules, '/');
	snprintf(where, sizeof(where), "/lib/modules%s", version);
	mkdir("/lib/modules", 0755);
	if (symlink(settings.libmodules, where) && errno != EEXIST)
		say("%s: %s", where, strerror(errno));
}

static void loopback_up(void)
{
	struct ifreq ifr = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &ifr))
		die("lo");
	ifr.ifr_flags |= IFF_UP;
	if (ioctl(fd, SIOCSIFFLAGS, &ifr))
		die("lo");
	close(fd);
}

/* Runs a program to its end, output to the console. */
static int run_quietly(char *const argv[])
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		execv(argv[0], argv);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return -1;
	return status;
}

static void load_module(void)
{
	char *name;

	if (!settings.module[0])
		return;
	for (name = strtok(settings.depends, ","); name; name = strtok(NULL, ",")) {
		char *const argv[] = { "/sbin/modprobe", name, NULL };

		if (run_quietly(argv))
			say("modprobe %s failed", name);
	}
	if (insmod(settings.module))
		die("insmod %s", settings.module);
}

/* One direction of the command's output: its pipe, and the host's end. */
struct relay {
	int from;
	int to;
};

static int open_relay(const char *name)
{
	const char *path = getenv(name);
	struct termios raw;
	int fd;

	fd = path ? open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC) : -1;
	if (fd < 0)
		die("%s", path ? path : name);
	if (!tcgetattr(fd, &raw)) {
		cfmakeraw(&raw);
		tcsetattr(fd, TCSANOW, &raw);
	}
	return fd;
}

/* Passes on what there is. Returns false at end of file. */
static bool relay_some(struct relay *r)
{
	char buf[65536];
	ssize_t n = read(r->from, buf, sizeof(buf)), done = 0, m;

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		return false;
	while (done < n) {
		m = write(r->to, buf + done, n - done);
		if (m < 0 && errno != EINTR && errno != EAGAIN)
			return false;
		if (m > 0)
			done += m;
	}
	return true;
}

static void drain(struct relay *r)
{
	int left;

	while (!ioctl(r->from, FIONREAD, &left) && left > 0 && relay_some(r))
		;
}

static void child(char **argv, char **env, int out, int err)
{
	int null = open("/dev/null", O_RDONLY);
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	dup2(null, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	if (null > STDERR_FILENO)
		close(null);
	if (chdir(settings.cwd))
		dprintf(STDERR_FILENO, "vm: %s: %s\n", settings.cwd, strerror(errno));
	environ = env;
	execvp(argv[0], argv);
	dprintf(STDERR_FILENO, "vm: %s: %s\n", argv[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

static void sigchld(int sig)
{
	(void)sig;
}

/* Runs the command, returns its exit status in the shell's way. Its output is
 * relayed until it ends, even where a daemon it left behind keeps the pipe.
 */
static int run_command(char **argv, char **env)
{
	struct sigaction sa = { .sa_handler = sigchld };
	struct relay relay[2];
	int out[2], err[2], status;
	sigset_t block, unblocked;
	struct pollfd pfd[2];
	pid_t pid, got;

	relay[0].to = open_relay("vmout");
	relay[1].to = open_relay("vmerr");
	if (pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC))
		die("pipe");
	relay[0].from = out[0];
	relay[1].from = err[0];
	/* Outside ppoll SIGCHLD waits, so that none is missed. */
	sigemptyset(&block);
	sigaddset(&block, SIGCHLD);
	sigprocmask(SIG_BLOCK, &block, &unblocked);
	sigdelset(&unblocked, SIGCHLD);
	sigaction(SIGCHLD, &sa, NULL);

	pid = fork();
	if (pid < 0)
		die("fork");
	if (!pid)
		child(argv, env, out[1], err[1]);
	close(out[1]);
	close(err[1]);
	for (;;) {
		for (int i = 0; i < 2; i++) {
			pfd[i].fd = relay[i].from;
			pfd[i].events = POLLIN;
			pfd[i].revents = 0;
		}
		ppoll(pfd, 2, NULL, &unblocked);
		for (int i = 0; i < 2; i++) {
			if (pfd[i].revents && relay[i].from >= 0 && !relay_some(&relay[i])) {
				close(relay[i].from);
				relay[i].from = -1;
			}
		}
		while ((got = waitpid(-1, &status, WNOHANG)) > 0) {
			if (got == pid)
				goto ended;
		}
	}
ended:
	drain(&relay[0]);
	drain(&relay[1]);
	for (int i = 0; i < 2; i++) {
		tcdrain(relay[i].to);
		close(relay[i].to);
	}
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* Whatever the command left running would hold sockets and memory. */
static void kill_rest(void)
{
	kill(-1, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0)
		;
}

/* kmemleak reports an object once two scans found no pointer to it and it is
 * at least 5 s old.
 */
static void ask_kmemleak(void)
{
	static const char *file = "/sys/kernel/debug/kmemleak";
	char *report;

	if (!settings.kmemleak)
		return;
	if (access(file, W_OK)) {
		die("%s", file);
		return;
	}
	sleep(6);
	write_file(file, "scan");
	write_file(file, "scan");
	report = read_file(file, NULL);
	if (report && *report && write_file(in_vmdir("kmemleak"), report))
		die("writing kmemleak's report");
	free(report);
}

int main(void)
{
	bool qemu;
	char **argv, **env, text[16];
	int status, i;

	vmdir = getenv("vmdir");
	qemu = getenv("vmqemu");
	mkdir("/run", 0755);
	load_drivers();
	if (!vmdir)
		die("no vmdir");
	mount_root(qemu);
	/* The job's own folder lies in /tmp. */
	mount_share(qemu, "/tmp", 0);
	read_settings();
	for (i = 0; i < settings.shares; i++)
		mount_share(qemu, settings.share[i], i + 1);
	enter_root();
	mount_system();
	link_libmodules();
	if (sethostname("tcpx-vm", 7))
		say("hostname: %s", strerror(errno));
	loopback_up();
	/* All hosts of a test share the queue, and in virtual time a burst of theirs is at once */
	if (write_file("/proc/sys/net/core/netdev_max_backlog", "100000"))
		say("netdev_max_backlog: %s", strerror(errno));
	if (settings.kmemleak)
		write_file("/sys/kernel/debug/kmemleak", "scan=off");

	argv = read_strings("argv");
	env = read_strings("env");
	load_module();
	status = run_command(argv, env);
	kill_rest();
	ask_kmemleak();
	snprintf(text, sizeof(text), "%d\n", status);
	if (write_file(in_vmdir("status"), text))
		die("writing the status");
	power_off();
}
