/* Faults on demand, in front of the C library's calls (LD_PRELOAD).
 *
 * Of the calls named FAULT_CALL (read, write, fsync) on a file whose path contains FAULT_PATH, the FAULT_AT-th does
 * FAULT_DO: "kill" ends the process without a word, a number fails the call with that error, as do all such calls behind
 * it, and anything else is run by the shell before the call goes on. FAULT_LOG takes a line once it was done. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long count;

static void done(void) {
    const char *log = getenv("FAULT_LOG");
    int file = log ? open(log, O_WRONLY | O_CREAT | O_APPEND, 0600) : -1;
    if (file >= 0) {
        dprintf(file, "done\n");
        close(file);
    }
}

/* The error that the call is to fail with, or 0. */
static int struck(const char *call, int file) {
    const char *wanted = getenv("FAULT_CALL"), *part = getenv("FAULT_PATH");
    const char *at = getenv("FAULT_AT"), *what = getenv("FAULT_DO");
    char link[64], path[PATH_MAX];
    long now;
    if (!wanted || !part || !at || !what || strcmp(wanted, call) != 0) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    if (!strstr(path, part)) return 0;
    pthread_mutex_lock(&lock);
    now = ++count;
    if (now == atol(at)) {
        done();
        if (strcmp(what, "kill") == 0) kill(getpid(), SIGKILL);
        if (atoi(what) == 0) {
            unsetenv("LD_PRELOAD");
            if (system(what) != 0) abort();
        }
    }
    pthread_mutex_unlock(&lock);
    return now >= atol(at) ? atoi(what) : 0;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t read(int file, void *buffer, size_t length) {
    int error = struck("read", file);
    if (error) return errno = error, -1;
    return REAL(read)(file, buffer, length);
}

ssize_t write(int file, const void *buffer, size_t length) {
    int error = struck("write", file);
    if (error) return errno = error, -1;
    return REAL(write)(file, buffer, length);
}

int fsync(int file) {
    int error = struck("fsync", file);
    if (error) return errno = error, -1;
    return REAL(fsync)(file);
}
