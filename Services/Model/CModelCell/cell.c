#define _GNU_SOURCE

#include "cell.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int64_t twin_cell_read(int32_t descriptor, uint8_t *bytes, size_t capacity) {
    size_t count = 0;
    while (count < capacity) {
        ssize_t got = read(descriptor, bytes + count, capacity - count);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return -1;
        if (got == 0) break;
        count += (size_t)got;
    }
    return (int64_t)count;
}

int64_t twin_cell_size(int32_t descriptor) {
    struct stat status;
    return fstat(descriptor, &status) == 0 ? (int64_t)status.st_size : -1;
}

int32_t twin_cell_write(int32_t descriptor, const uint8_t *bytes, size_t count) {
    while (count > 0) {
        ssize_t written = write(descriptor, bytes, count);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return 0;
        bytes += written;
        count -= (size_t)written;
    }
    return 1;
}

int64_t twin_cell_processor_microseconds(void) {
    struct timespec time;
    if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) != 0) return 0;
    return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

void twin_cell_end_process(int32_t status) { _exit(status); }

void twin_cell_sleep_for_ever(void) {
    for (;;) sleep(1000);
}

#ifdef __linux__

#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>

static int64_t now_ms(void) {
    struct timespec time;
    clock_gettime(CLOCK_BOOTTIME, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void fail(struct twin_cell_end *end, int code) {
    end->how = TWIN_CELL_NOT_STARTED;
    end->code = code;
}

/// A file in memory that holds the bytes, and nobody can change.
static int sealed_file(const uint8_t *bytes, size_t count) {
    int file = memfd_create("artifact", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (file < 0) return -1;
    int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;
    if (!twin_cell_write(file, bytes, count) || lseek(file, 0, SEEK_SET) != 0
        || fcntl(file, F_ADD_SEALS, seals) != 0) {
        int code = errno;
        close(file);
        errno = code;
        return -1;
    }
    return file;
}

static int start(
    pid_t *child, const char *executable, const char *words, int input, int output, int errors) {
    char text[1024];
    char *arguments[17] = {NULL};
    if (strlen(words) >= sizeof text) return E2BIG;
    strcpy(text, words);
    char *rest = text;
    for (int index = 0; index < 16 && (arguments[index] = strsep(&rest, " ")); index++) {}
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    if (posix_spawn_file_actions_init(&actions) != 0) return ENOMEM;
    if (posix_spawnattr_init(&attributes) != 0) {
        posix_spawn_file_actions_destroy(&actions);
        return ENOMEM;
    }
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawn_file_actions_adddup2(&actions, input, 0);
    posix_spawn_file_actions_adddup2(&actions, output, 1);
    posix_spawn_file_actions_adddup2(&actions, errors, 2);
    int code = posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    char paths[4096];
    const char *known = getenv("LD_LIBRARY_PATH");
    int length = snprintf(paths, sizeof paths, "LD_LIBRARY_PATH=%s", known ? known : "");
    char backtrace[] = "SWIFT_BACKTRACE=enable=no";
    char *environment[] = {
        backtrace, known && length > 0 && (size_t)length < sizeof paths ? paths : NULL, NULL};
    if (code == 0) {
        code = posix_spawn(
            child, executable, &actions, &attributes, arguments, environment);
    }
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return code;
}

/// Takes what is there, at most as much as there is room for; the rest is dropped. False at the end.
static int take(int pipe, uint8_t *place, size_t capacity, size_t *count) {
    uint8_t bytes[4096];
    ssize_t got = read(pipe, bytes, sizeof bytes);
    if (got < 0) return errno == EINTR || errno == EAGAIN;
    if (got == 0) return 0;
    size_t room = capacity - *count;
    size_t taken = (size_t)got < room ? (size_t)got : room;
    memcpy(place + *count, bytes, taken);
    *count += taken;
    return 1;
}

static void await_end(
    pid_t child, int output, int errors, int64_t deadline_ms, uint8_t *answer, size_t capacity,
    uint8_t *complaint, size_t complaint_capacity, struct twin_cell_end *end) {
    struct pollfd pipes[2] = {{output, POLLIN, 0}, {errors, POLLIN, 0}};
    int is_overdue = 0, is_gone = 0, status = 0;
    struct rusage usage;
    memset(&usage, 0, sizeof usage);
    // What a cell leaves in its pipes is read before, and once more after it is gone.
    for (int rounds = 0; rounds < 2;) {
        if (is_gone) rounds++;
        int64_t left = deadline_ms - now_ms();
        if (left <= 0 && !is_overdue && !is_gone) {
            is_overdue = 1;
            kill(child, SIGKILL);
        }
        int has_pipes = pipes[0].fd >= 0 || pipes[1].fd >= 0;
        int wait = is_gone ? 0 : (has_pipes ? 20 : 2);
        if (poll(pipes, 2, wait) > 0) {
            if (pipes[0].revents && !take(output, answer, capacity, &end->answer_count))
                pipes[0].fd = -1;
            if (pipes[1].revents
                && !take(errors, complaint, complaint_capacity, &end->complaint_count))
                pipes[1].fd = -1;
        }
        if (!is_gone) {
            pid_t ended = wait4(child, &status, WNOHANG, &usage);
            is_gone = ended == child || (ended < 0 && errno != EINTR);
        }
    }
    end->resident_kilobytes = usage.ru_maxrss;
    end->how = is_overdue ? TWIN_CELL_OVERDUE
               : WIFSIGNALED(status) ? TWIN_CELL_KILLED
                                     : TWIN_CELL_EXITED;
    end->code = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
}

void twin_cell_run(
    const char *executable, const char *words, const uint8_t *bytes, size_t byte_count,
    int64_t wall_ms, uint8_t *answer, size_t answer_capacity, uint8_t *complaint,
    size_t complaint_capacity, struct twin_cell_end *end) {
    memset(end, 0, sizeof *end);
    int64_t deadline_ms = now_ms() + wall_ms;
    int output[2], errors[2];
    int input = sealed_file(bytes, byte_count);
    if (input < 0) return fail(end, errno);
    if (pipe2(output, O_CLOEXEC) != 0) {
        fail(end, errno);
        close(input);
        return;
    }
    if (pipe2(errors, O_CLOEXEC) != 0) {
        fail(end, errno);
        close(input);
        close(output[0]);
        close(output[1]);
        return;
    }
    pid_t child = 0;
    int code = start(&child, executable, words, input, output[1], errors[1]);
    close(input);
    close(output[1]);
    close(errors[1]);
    if (code == 0) {
        await_end(
            child, output[0], errors[0], deadline_ms, answer, answer_capacity, complaint,
            complaint_capacity, end);
    } else {
        fail(end, code);
    }
    close(output[0]);
    close(errors[0]);
}

#else

void twin_cell_run(
    const char *executable, const char *words, const uint8_t *bytes, size_t byte_count,
    int64_t wall_ms, uint8_t *answer, size_t answer_capacity, uint8_t *complaint,
    size_t complaint_capacity, struct twin_cell_end *end) {
    (void)executable, (void)words, (void)bytes, (void)byte_count, (void)wall_ms, (void)answer;
    (void)answer_capacity, (void)complaint, (void)complaint_capacity;
    memset(end, 0, sizeof *end);
    end->how = TWIN_CELL_NOT_STARTED;
    end->code = ENOSYS;
}

#endif
