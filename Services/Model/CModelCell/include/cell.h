#ifndef CMODELCELL_H
#define CMODELCELL_H

#include <stddef.h>
#include <stdint.h>

// A disposable process: how it is started and waited for, and the walls that it puts around itself.
//
// Nothing here keeps state between calls.

/// The walls that stand.
#define TWIN_CELL_LIMITS 1
#define TWIN_CELL_FILES 2
#define TWIN_CELL_CALLS 4

/// How a cell ended.
#define TWIN_CELL_EXITED 0
#define TWIN_CELL_KILLED 1
/// It was killed here, as it was not done by its deadline.
#define TWIN_CELL_OVERDUE 2
/// It never began; `code` is the errno.
#define TWIN_CELL_NOT_STARTED 3

struct twin_cell_end {
    int32_t how;
    /// The exit status, or the number of the signal.
    int32_t code;
    int64_t resident_kilobytes;
    size_t answer_count;
    size_t complaint_count;
};

/// Starts an executable, its arguments the words between the spaces, its standard input the bytes.
///
/// Takes the first bytes of what it writes to its standard output and error, and waits for its end.
/// It inherits nothing else: no other descriptor, and of the environment only the paths of
/// libraries. Whatever it does, it is gone when this returns.
void twin_cell_run(
    const char *executable, const char *words, const uint8_t *bytes, size_t byte_count,
    int64_t wall_ms, uint8_t *answer, size_t answer_capacity, uint8_t *complaint,
    size_t complaint_capacity, struct twin_cell_end *end);

/// Puts up all the walls that this system has, for ever; says which.
///
/// Of memory and processor time the kernel gives no more than the bounds. No file can be opened, and
/// no system call made but those that computing takes: what is tried is refused, and the process
/// lives. It ends with the thread that started it.
int32_t twin_cell_enclose(uint64_t memory_bytes, uint64_t processor_seconds);

/// Tries what the walls must keep in: opens a file, opens a socket, starts a process.
///
/// Says how many of the three went.
int32_t twin_cell_try_to_break_out(void);

/// The processor time that this process has used.
int64_t twin_cell_processor_microseconds(void);

/// Reads from a descriptor until `capacity` bytes or the end; negative on an error.
int64_t twin_cell_read(int32_t descriptor, uint8_t *bytes, size_t capacity);

/// How many bytes a file has; negative where that is not known.
int64_t twin_cell_size(int32_t descriptor);

/// Ends this process at once.
void twin_cell_end_process(int32_t status) __attribute__((noreturn));

/// Waits for what never comes.
void twin_cell_sleep_for_ever(void);

/// Writes all of it; false where that fails.
int32_t twin_cell_write(int32_t descriptor, const uint8_t *bytes, size_t count);

#endif
