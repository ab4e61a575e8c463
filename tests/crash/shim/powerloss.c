// Preloaded into the worker: writes down every change to files below one directory, and kills the process at a
// chosen point. From what was written down, disk.rs builds what a disk holds after the power has gone.
//
//   TALOS_SHIM_DIR    the directory that is watched
//   TALOS_SHIM_TRACE  the trace, outside of it
//   TALOS_SHIM_KILL   before:N:FILE | after:N:FILE | write:N:FILE   at the N-th sync of the file of this name, before or
//                     after it takes effect; or after the N-th write to it. FILE "*" is any. Absent: never
//
// A sync costs nothing here: what it would have made durable is known from the trace alone.
//
// Records, all integers 64 bits little-endian: kind, inode, offset, length of the data; then the data.
//   O open    data = path, offset = 1 if it was created    W write     offset, data
//   T truncate offset = new size                           S sync      (file or directory; data = path)
//   U unlink  data = path                                  R rename    data = from NUL to
//   K killed  data = path of the file at hand

#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define FDS 4096

enum when { NEVER, BEFORE, AFTER, WRITE };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char directory[PATH_MAX];
static size_t directory_length;
static int trace_fd = -1;
static enum when kill_when = NEVER;
static long kill_at;
static char kill_file[256];
static long syncs, writes;
static char watched[FDS];

__attribute__((constructor)) static void prepare(void) {
    const char *dir = getenv("TALOS_SHIM_DIR"), *trace = getenv("TALOS_SHIM_TRACE"), *at = getenv("TALOS_SHIM_KILL");
    if (!dir || !trace || !realpath(dir, directory)) return;
    directory_length = strlen(directory);
    trace_fd = syscall(SYS_openat, AT_FDCWD, trace, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (trace_fd < 0) _exit(120);
    if (!at) return;
    char when[8];
    if (sscanf(at, "%7[a-z]:%ld:%255s", when, &kill_at, kill_file) != 3) _exit(121);
    kill_when = !strcmp(when, "before") ? BEFORE : !strcmp(when, "after") ? AFTER : WRITE;
}

static int is_below(const char *path) {
    return trace_fd >= 0 && strncmp(path, directory, directory_length) == 0 &&
           (path[directory_length] == '/' || path[directory_length] == 0);
}

// The path of an open file, without links; works for directories too.
static int path_of(int fd, char *out) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = syscall(SYS_readlinkat, AT_FDCWD, link, out, PATH_MAX - 1);
    if (n < 0) return 0;
    out[n] = 0;
    return 1;
}

static void record(char kind, uint64_t inode, uint64_t offset, const void *data, size_t length) {
    uint64_t head[4] = {(uint64_t)kind, inode, offset, length};
    struct iovec parts[2] = {{head, sizeof head}, {(void *)data, length}};
    if (syscall(SYS_writev, trace_fd, parts, length ? 2 : 1) != (long)(sizeof head + length)) _exit(122);
}

static uint64_t inode_of(int fd) {
    struct stat s;
    return fstat(fd, &s) == 0 ? s.st_ino : 0;
}

static void die(int fd) {
    char path[PATH_MAX] = "";
    path_of(fd, path);
    record('K', inode_of(fd), 0, path, strlen(path));
    syscall(SYS_kill, getpid(), SIGKILL);
    for (;;) pause();
}

static int is_kill_file(int fd) {
    char path[PATH_MAX];
    return kill_file[0] == '*' || (path_of(fd, path) && !strcmp(strrchr(path, '/') + 1, kill_file));
}

static int is_watched(int fd) { return fd >= 0 && fd < FDS && watched[fd]; }

static void changed(int fd, char kind, uint64_t offset, const void *data, size_t length) {
    record(kind, inode_of(fd), offset, data, length);
    if (kill_when == WRITE && is_kill_file(fd) && ++writes == kill_at) die(fd);
}

static int open_at(int at, const char *name, int flags, mode_t mode) {
    pthread_mutex_lock(&lock);
    int existed = flags & O_CREAT ? faccessat(at, name, F_OK, 0) == 0 : 1;
    int fd = syscall(SYS_openat, at, name, flags, mode);
    char path[PATH_MAX];
    if (fd >= 0 && fd < FDS) {
        watched[fd] = path_of(fd, path) && is_below(path);
        if (watched[fd]) {
            record('O', inode_of(fd), !existed, path, strlen(path));
            if (existed && (flags & O_TRUNC)) changed(fd, 'T', 0, NULL, 0);
        }
    }
    pthread_mutex_unlock(&lock);
    return fd;
}

#define OPEN(name, parameters, at, path)                \
    int name parameters {                               \
        mode_t mode = 0;                                \
        if (flags & O_CREAT) {            \
            va_list more;                               \
            va_start(more, flags);                      \
            mode = va_arg(more, mode_t);                \
            va_end(more);                               \
        }                                               \
        return open_at(at, path, flags, mode);          \
    }

OPEN(open, (const char *path, int flags, ...), AT_FDCWD, path)
OPEN(open64, (const char *path, int flags, ...), AT_FDCWD, path)
OPEN(openat, (int at, const char *path, int flags, ...), at, path)
OPEN(openat64, (int at, const char *path, int flags, ...), at, path)

int close(int fd) {
    if (fd >= 0 && fd < FDS) watched[fd] = 0;
    return syscall(SYS_close, fd);
}

static ssize_t written(int fd, const void *data, size_t length, off_t offset, int moves) {
    pthread_mutex_lock(&lock);
    off_t at = moves ? lseek(fd, 0, SEEK_CUR) : offset;
    ssize_t n = moves ? syscall(SYS_write, fd, data, length) : syscall(SYS_pwrite64, fd, data, length, offset);
    if (n > 0) changed(fd, 'W', at, data, n);
    pthread_mutex_unlock(&lock);
    return n;
}

ssize_t write(int fd, const void *data, size_t length) {
    return is_watched(fd) ? written(fd, data, length, 0, 1) : syscall(SYS_write, fd, data, length);
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) {
    return is_watched(fd) ? written(fd, data, length, offset, 0) : syscall(SYS_pwrite64, fd, data, length, offset);
}

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset) { return pwrite(fd, data, length, offset); }

int ftruncate(int fd, off_t size) {
    pthread_mutex_lock(&lock);
    int result = syscall(SYS_ftruncate, fd, size);
    if (result == 0 && is_watched(fd)) changed(fd, 'T', size, NULL, 0);
    pthread_mutex_unlock(&lock);
    return result;
}

int ftruncate64(int fd, off64_t size) { return ftruncate(fd, size); }

static int sync_of(int fd, long number) {
    if (!is_watched(fd)) return syscall(number, fd);
    char path[PATH_MAX] = "";
    pthread_mutex_lock(&lock);
    path_of(fd, path);
    int last = kill_when != NEVER && is_kill_file(fd) && ++syncs == kill_at;
    if (last && kill_when == BEFORE) die(fd);
    record('S', inode_of(fd), 0, path, strlen(path));
    if (last && kill_when == AFTER) die(fd);
    pthread_mutex_unlock(&lock);
    return 0;
}

int fsync(int fd) { return sync_of(fd, SYS_fsync); }
int fdatasync(int fd) { return sync_of(fd, SYS_fdatasync); }

// Names are not resolved here: the workers name files below the directory by their absolute paths.
int unlink(const char *path) {
    pthread_mutex_lock(&lock);
    int result = syscall(SYS_unlinkat, AT_FDCWD, path, 0);
    if (result == 0 && is_below(path)) record('U', 0, 0, path, strlen(path));
    pthread_mutex_unlock(&lock);
    return result;
}

int rename(const char *from, const char *to) {
    pthread_mutex_lock(&lock);
    int result = syscall(SYS_renameat, AT_FDCWD, from, AT_FDCWD, to);
    if (result == 0 && is_below(to)) {
        char both[2 * PATH_MAX];
        int n = snprintf(both, sizeof both, "%s%c%s", from, 0, to);
        record('R', 0, 0, both, n);
    }
    pthread_mutex_unlock(&lock);
    return result;
}
