// SPDX-License-Identifier: Apache-2.0
//
// Runs a program where the file system lacks something, as scratch and shared
// mounts of clusters do: a seccomp filter makes the system call fail.
//
//   no-shared-mmap     mmap of any file with MAP_SHARED: ENODEV
//   no-fallocate       fallocate: EOPNOTSUPP
//   no-code-changes    mprotect of memory that is to be executed: EPERM
//   no-shared-mmap-in:DIRECTORY
//                      the first, for files below DIRECTORY alone.  A filter
//                      can not see names: the kernel stops the call and asks
//                      this program (seccomp_unotify(2)), which stays as the
//                      parent and passes the exit code on.
//
// usage: confine RESTRICTION PROGRAM ARGUMENTS
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "support.h"

#define LOAD(field) \
  BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define RETURN(value) BPF_STMT(BPF_RET | BPF_K, value)
#define ALLOW RETURN(SECCOMP_RET_ALLOW)
#define FAIL_WITH(number) RETURN(SECCOMP_RET_ERRNO | (number))

// MAP_SHARED_VALIDATE has the bit of MAP_SHARED too.
#define ON_SHARED_FILE_MMAP(verdict)                                      \
  {                                                                       \
    LOAD(nr), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mmap, 1, 0), ALLOW, \
        LOAD(args[3]),                                                    \
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, MAP_ANONYMOUS, 0, 1), ALLOW, \
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, MAP_SHARED, 1, 0), ALLOW,    \
        verdict,                                                          \
  }

static struct sock_filter g_no_shared_mmap[] =
    ON_SHARED_FILE_MMAP(FAIL_WITH(ENODEV));
static struct sock_filter g_ask_shared_mmap[] =
    ON_SHARED_FILE_MMAP(RETURN(SECCOMP_RET_USER_NOTIF));

static struct sock_filter g_no_fallocate[] = {
    LOAD(nr),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_fallocate, 1, 0),
    ALLOW,
    FAIL_WITH(EOPNOTSUPP),
};

static struct sock_filter g_no_code_changes[] = {
    LOAD(nr),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mprotect, 1, 0),
    ALLOW,
    LOAD(args[2]),
    BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 1, 0),
    ALLOW,
    FAIL_WITH(EPERM),
};

static int install(struct sock_filter* filter, size_t bytes, unsigned flags) {
  const struct sock_fprog program = {(unsigned short)(bytes / sizeof *filter),
                                     filter};
  REQUIRE(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
  const long result =
      syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
  REQUIRE(result >= 0);
  return (int)result;
}

// -------------------------------------------------------------- the supervisor

static void send_fd(int socket, int fd) {
  char control[CMSG_SPACE(sizeof fd)] = {0};
  char byte = 0;
  struct iovec data = {&byte, 1};
  struct msghdr message = {.msg_iov = &data,
                           .msg_iovlen = 1,
                           .msg_control = control,
                           .msg_controllen = sizeof control};
  struct cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof fd);
  memcpy(CMSG_DATA(header), &fd, sizeof fd);
  REQUIRE(sendmsg(socket, &message, 0) == 1);
}

static int receive_fd(int socket) {
  int fd = -1;
  char control[CMSG_SPACE(sizeof fd)];
  char byte = 0;
  struct iovec data = {&byte, 1};
  struct msghdr message = {.msg_iov = &data,
                           .msg_iovlen = 1,
                           .msg_control = control,
                           .msg_controllen = sizeof control};
  REQUIRE(recvmsg(socket, &message, 0) == 1);
  memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof fd);
  return fd;
}

static int is_below(const char* directory, const struct seccomp_notif* asked) {
  char link[64];
  char path[4096];
  snprintf(link, sizeof link, "/proc/%u/fd/%d", asked->pid,
           (int)asked->data.args[4]);
  const ssize_t length = readlink(link, path, sizeof path);
  const size_t prefix = strlen(directory);
  return length >= (ssize_t)prefix && memcmp(path, directory, prefix) == 0;
}

static void answer_one(int listener, const char* directory) {
  struct seccomp_notif asked;
  memset(&asked, 0, sizeof asked);
  if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &asked) != 0) return;
  struct seccomp_notif_resp answer = {.id = asked.id};
  if (is_below(directory, &asked)) {
    answer.error = -ENODEV;
  } else {
    answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
  }
  // Fails when the asking process was killed meanwhile.
  ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
}

// Until no process is left under the filter.
static void answer_all(int listener, const char* directory) {
  struct pollfd waiting = {.fd = listener, .events = POLLIN};
  while (poll(&waiting, 1, -1) > 0 && (waiting.revents & POLLHUP) == 0) {
    answer_one(listener, directory);
  }
}

static int supervise(const char* directory, char** command) {
  int sockets[2];
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) == 0);
  const pid_t pid = fork();
  REQUIRE(pid >= 0);
  if (pid == 0) {
    const int listener = install(g_ask_shared_mmap, sizeof g_ask_shared_mmap,
                                 SECCOMP_FILTER_FLAG_NEW_LISTENER);
    send_fd(sockets[1], listener);
    close(listener);
    execvp(command[0], command);
    _exit(97);
  }
  answer_all(receive_fd(sockets[0]), directory);
  int status = 0;
  REQUIRE(waitpid(pid, &status, 0) == pid);
  if (WIFSIGNALED(status)) raise(WTERMSIG(status));
  return WEXITSTATUS(status);
}

int main(int argc, char** argv) {
  static const char kBelow[] = "no-shared-mmap-in:";
  REQUIRE(argc > 2);
  if (strncmp(argv[1], kBelow, sizeof kBelow - 1) == 0) {
    return supervise(argv[1] + sizeof kBelow - 1, argv + 2);
  }
  if (strcmp(argv[1], "no-shared-mmap") == 0) {
    install(g_no_shared_mmap, sizeof g_no_shared_mmap, 0);
  } else if (strcmp(argv[1], "no-code-changes") == 0) {
    install(g_no_code_changes, sizeof g_no_code_changes, 0);
  } else {
    REQUIRE(strcmp(argv[1], "no-fallocate") == 0);
    install(g_no_fallocate, sizeof g_no_fallocate, 0);
  }
  execvp(argv[2], argv + 2);
  return 97;
}
