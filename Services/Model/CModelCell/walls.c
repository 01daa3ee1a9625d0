#define _GNU_SOURCE

#include "cell.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/// How deep a loader may recurse: half of what it has in the service.
#define STACK_BYTES (4u << 20)

static int set_limit(int which, uint64_t bound) {
    // A second later for processor time, so that the signal says what it was.
    struct rlimit limit = {(rlim_t)bound, (rlim_t)bound + (which == RLIMIT_CPU ? 1 : 0)};
    return setrlimit(which, &limit) == 0;
}

static int set_limits(uint64_t memory_bytes, uint64_t processor_seconds) {
    return set_limit(RLIMIT_AS, memory_bytes) & set_limit(RLIMIT_CPU, processor_seconds)
           & set_limit(RLIMIT_CORE, 0) & set_limit(RLIMIT_FSIZE, 0)
           & set_limit(RLIMIT_STACK, STACK_BYTES) & set_limit(RLIMIT_NOFILE, 3);
}

int32_t twin_cell_try_to_break_out(void) {
    int32_t count = 0;
    int file = open("/etc/passwd", O_RDONLY);
    if (file >= 0) count++;
    int other = socket(AF_INET, SOCK_STREAM, 0);
    if (other >= 0) count++;
    pid_t child = fork();
    if (child == 0) _exit(0);
    if (child > 0) {
        count++;
        waitpid(child, NULL, 0);
    }
    return count;
}

#ifdef __linux__

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
#define OWN_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OWN_ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

#ifdef OWN_ARCHITECTURE

#define ALLOW(name)                                            \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 1),     \
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

/// What computing takes; all else is answered with EPERM.
static int close_calls(void) {
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OWN_ARCHITECTURE, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        ALLOW(read),
        ALLOW(write),
        ALLOW(close),
        ALLOW(fstat),
        ALLOW(lseek),
        ALLOW(mmap),
        ALLOW(mprotect),
        ALLOW(munmap),
        ALLOW(mremap),
        ALLOW(madvise),
        ALLOW(brk),
        ALLOW(futex),
        ALLOW(sched_yield),
        ALLOW(sched_getaffinity),
        ALLOW(rt_sigaction),
        ALLOW(rt_sigprocmask),
        ALLOW(rt_sigreturn),
        ALLOW(sigaltstack),
        ALLOW(getpid),
        ALLOW(gettid),
        ALLOW(tgkill),
        ALLOW(clock_gettime),
        ALLOW(clock_nanosleep),
        ALLOW(nanosleep),
        ALLOW(restart_syscall),
        ALLOW(getrandom),
        ALLOW(exit),
        ALLOW(exit_group),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (EPERM & SECCOMP_RET_DATA)),
    };
    struct sock_fprog program = {sizeof filter / sizeof filter[0], filter};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

#else

static int close_calls(void) { return 0; }

#endif

#if defined(SYS_landlock_create_ruleset) && defined(SYS_landlock_restrict_self)

#include <linux/landlock.h>

/// No file may be read, written, run or made: there is no rule that says which may.
static int close_files(void) {
    struct landlock_ruleset_attr attributes;
    memset(&attributes, 0, sizeof attributes);
    // What the first version of it knows; every later one knows that too.
    attributes.handled_access_fs = (1ULL << 13) - 1;
    long rules = syscall(
        SYS_landlock_create_ruleset, &attributes, sizeof attributes.handled_access_fs, 0);
    if (rules < 0) return 0;
    long done = syscall(SYS_landlock_restrict_self, (int)rules, 0);
    close((int)rules);
    return done == 0;
}

#else

static int close_files(void) { return 0; }

#endif

int32_t twin_cell_enclose(uint64_t memory_bytes, uint64_t processor_seconds) {
    int32_t walls = 0;
    pid_t parent = getppid();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    // It may have gone before that was asked for.
    if (getppid() != parent) _exit(1);
    prctl(PR_SET_DUMPABLE, 0);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && close_files()) walls |= TWIN_CELL_FILES;
    if (set_limits(memory_bytes, processor_seconds)) walls |= TWIN_CELL_LIMITS;
    if (close_calls()) walls |= TWIN_CELL_CALLS;
    return walls;
}

#else

int32_t twin_cell_enclose(uint64_t memory_bytes, uint64_t processor_seconds) {
    return set_limits(memory_bytes, processor_seconds) ? TWIN_CELL_LIMITS : 0;
}

#endif
