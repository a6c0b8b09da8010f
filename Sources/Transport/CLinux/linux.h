// Linux calls that the Glibc module does not export: epoll, eventfd, signalfd, accept4 and others. Most functions only
// forward their arguments. _GNU_SOURCE must stay undefined, because with it the system headers declare fd_set
// differently from the Glibc module.
#ifndef CLINUX_H
#define CLINUX_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

long syscall(long number, ...);
int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);

enum {
    clinux_epollin = EPOLLIN,
    clinux_epollout = EPOLLOUT,
    clinux_epollerr = EPOLLERR,
    clinux_epollhup = EPOLLHUP,
    clinux_epollrdhup = EPOLLRDHUP,
};

#define CLINUX_PIPE_FLAGS (O_CLOEXEC | O_NONBLOCK)

// F_SETPIPE_SZ and F_GETPIPE_SZ, which fcntl.h defines only with _GNU_SOURCE.
#define CLINUX_SET_PIPE_SIZE 1031
#define CLINUX_GET_PIPE_SIZE 1032

// MFD_CLOEXEC | MFD_ALLOW_SEALING, F_ADD_SEALS, and F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE of
// memfd_create(2), which the headers define only with _GNU_SOURCE.
#define CLINUX_MEMORY_FILE_FLAGS 3
#define CLINUX_ADD_SEALS 1033
#define CLINUX_ALL_SEALS 15

// O_PATH, which fcntl.h defines only with _GNU_SOURCE. It has this value on x86-64 and on arm64.
enum { clinux_path_only = 010000000 };

static inline int clinux_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

static inline int clinux_epoll_add(int epoll, int fd, uint32_t events, uint64_t token) {
    struct epoll_event event = {.events = events, .data = {.u64 = token}};
    return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

static inline int clinux_epoll_modify(int epoll, int fd, uint32_t events, uint64_t token) {
    struct epoll_event event = {.events = events, .data = {.u64 = token}};
    return epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &event);
}

static inline int clinux_epoll_remove(int epoll, int fd) {
    struct epoll_event event = {0};
    return epoll_ctl(epoll, EPOLL_CTL_DEL, fd, &event);
}

static inline int clinux_epoll_wait(int epoll, struct epoll_event *events, int capacity, int milliseconds) {
    return epoll_wait(epoll, events, capacity, milliseconds);
}

static inline int clinux_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

static inline int clinux_signalfd(const sigset_t *mask) { return signalfd(-1, mask, SFD_CLOEXEC | SFD_NONBLOCK); }

static inline int clinux_is_ignored(int signal) {
    struct sigaction action;
    return sigaction(signal, 0, &action) == 0 && action.sa_handler == SIG_IGN;
}

// Makes a pipe. Both ends are non-blocking and close-on-exec.
static inline int clinux_pipe(int ends[2]) { return (int)syscall(SYS_pipe2, ends, CLINUX_PIPE_FLAGS); }

// Requests a pipe capacity in bytes, and returns the actual one, or -1 with errno.
static inline int clinux_pipe_capacity(int fd, int wanted) {
    fcntl(fd, CLINUX_SET_PIPE_SIZE, wanted);
    return fcntl(fd, CLINUX_GET_PIPE_SIZE);
}

// Makes a spawned program close `fd` and all higher descriptors.
static inline int clinux_close_from(posix_spawn_file_actions_t *actions, int fd) {
    return posix_spawn_file_actions_addclosefrom_np(actions, fd);
}

// Sets the signal that this process gets when the thread that started it exits.
static inline int clinux_set_parent_death_signal(int signal) { return prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0); }

// Returns the number of cores that this process may run on; 0 if the system does not report it.
static inline int clinux_available_cores(void) {
    unsigned long mask[128] = {0};
    long size = syscall(SYS_sched_getaffinity, 0, sizeof mask, mask);
    int count = 0;
    for (long word = 0; word < size / (long)sizeof mask[0]; word++) count += __builtin_popcountl(mask[word]);
    return count;
}

// Returns a non-blocking, close-on-exec connection, or -1 with errno.
static inline int clinux_accept(int listener, struct sockaddr *address, socklen_t *length) {
    return (int)syscall(SYS_accept4, listener, address, length, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

// Returns the bytes accepted by a TCP socket that its peer has not acknowledged, or -1 with errno. The end of the
// stream counts as one byte.
static inline int clinux_unacknowledged(int fd) {
    int count = 0;
    return ioctl(fd, TIOCOUTQ, &count) == 0 ? count : -1;
}

// Opens an empty file in memory, close-on-exec, or returns -1 with errno.
static inline int clinux_memory_file(const char *name) {
    return (int)syscall(SYS_memfd_create, name, CLINUX_MEMORY_FILE_FLAGS);
}

// Makes a file in memory unchangeable.
static inline int clinux_seal(int fd) { return fcntl(fd, CLINUX_ADD_SEALS, CLINUX_ALL_SEALS); }

// Names the calling thread. The system keeps at most 15 bytes of the name.
static inline void clinux_set_thread_name(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

#endif
