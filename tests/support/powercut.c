/* Notes what was written and what was synced, so that a test can take back what a power cut would have taken: what was
   written to files under POWERCUT_DIR and never synced. Loaded by LD_PRELOAD; reads no payload but what it overwrites.

   A record in POWERCUT_LOG: kind (W write, S sync), inode, offset, length, size of the file before, bytes before. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

struct note {
  int64_t kind, inode, offset, length, size;
};

static int log_fd(void) {
  static int fd = -1;
  if (fd < 0) {
    const char *path = getenv("POWERCUT_LOG");
    if (path) fd = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  }
  return fd;
}

/* Whether a file is one of the data, and its inode and size. */
static int is_data(int fd, struct stat *found) {
  char link[64], path[PATH_MAX];
  const char *dir = getenv("POWERCUT_DIR");
  if (!dir || fd < 3 || fstat(fd, found) || !S_ISREG(found->st_mode)) return 0;
  char digits[16];
  int n = 0, left = fd, at = 0;
  do digits[n++] = '0' + left % 10; while (left /= 10);
  memcpy(link, "/proc/self/fd/", 14);
  for (at = 14; n; at++) link[at] = digits[--n];
  link[at] = 0;
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return strncmp(path, dir, strlen(dir)) == 0;
}

static void note(int64_t kind, struct stat *file, int fd, int64_t offset, int64_t length) {
  struct note head = {kind, file->st_ino, offset, 0, file->st_size};
  char *before = NULL;
  if (kind == 'W' && offset < file->st_size) {
    head.length = file->st_size - offset < length ? file->st_size - offset : length;
    before = malloc(head.length);
    char link[64] = "/proc/self/fd/";
    char digits[16];
    int n = 0, left = fd, at = 14;
    do digits[n++] = '0' + left % 10; while (left /= 10);
    while (n) link[at++] = digits[--n];
    link[at] = 0;
    int in = syscall(SYS_openat, AT_FDCWD, link, O_RDONLY | O_CLOEXEC);
    if (in < 0 || syscall(SYS_pread64, in, before, head.length, offset) != head.length) head.length = 0;
    if (in >= 0) syscall(SYS_close, in);
  }
  struct iovec parts[2] = {{&head, sizeof head}, {before, head.length}};
  syscall(SYS_writev, log_fd(), parts, head.length ? 2 : 1);
  free(before);
}

static int64_t end_or_place(int fd, struct stat *file) {
  int flags = syscall(SYS_fcntl, fd, F_GETFL);
  return flags & O_APPEND ? file->st_size : syscall(SYS_lseek, fd, 0, SEEK_CUR);
}

static int64_t total(const struct iovec *parts, int count) {
  int64_t sum = 0;
  for (int i = 0; i < count; i++) sum += parts[i].iov_len;
  return sum;
}

#define REAL(name) static __typeof__(&name) real; if (!real) real = dlsym(RTLD_NEXT, #name)

ssize_t write(int fd, const void *data, size_t length) {
  REAL(write);
  struct stat file;
  if (is_data(fd, &file)) note('W', &file, fd, end_or_place(fd, &file), length);
  return real(fd, data, length);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
  REAL(writev);
  struct stat file;
  if (is_data(fd, &file)) note('W', &file, fd, end_or_place(fd, &file), total(parts, count));
  return real(fd, parts, count);
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) {
  REAL(pwrite);
  struct stat file;
  if (is_data(fd, &file)) note('W', &file, fd, offset, length);
  return real(fd, data, length, offset);
}

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset) {
  REAL(pwrite64);
  struct stat file;
  if (is_data(fd, &file)) note('W', &file, fd, offset, length);
  return real(fd, data, length, offset);
}

int fsync(int fd) {
  REAL(fsync);
  struct stat file;
  /* Before it: what is written while it runs need not be on the disk when it returns. */
  if (is_data(fd, &file)) note('S', &file, fd, 0, 0);
  return real(fd);
}

int fdatasync(int fd) {
  REAL(fdatasync);
  struct stat file;
  /* Before it: what is written while it runs need not be on the disk when it returns. */
  if (is_data(fd, &file)) note('S', &file, fd, 0, 0);
  return real(fd);
}
