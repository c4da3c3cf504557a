// Reads what strace recorded about a program, and finds the calls by which it could have written a file.

/** The calls to record: those that take a path, and those that can write, make or hide a file in another way. */
export const TRACED = [
  "%file,write,writev,pwrite64,pwritev,pwritev2,sendfile,splice,copy_file_range",
  "ftruncate,fallocate,fchmod,fchown,fsetxattr,fremovexattr,futimesat",
  // Anonymous files can be given a name afterwards; the calls made through an io_uring are not seen.
  "memfd_create,io_uring_setup,open_by_handle_at,bind",
].join(",");

/** Calls that only read or look. Any call that is not known here counts as a write. */
const READING =
  /^(?:access|faccessat2?|stat|lstat|newfstatat|statx|statfs|readlink|readlinkat|getcwd|chdir|l?getxattr|inotify_add_watch|execve)$/;

const WRITING_FLAGS = /\b(?:O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND|O_TMPFILE)\b/;

/** Descriptors, as `strace -yy` shows them, that are no files: sockets, pipes and what the kernel keeps in memory. */
const NOT_FILES = /^\d+<(?:pipe:|socket:|TCP|UDP|NETLINK|UNIX|anon_inode:|\/dev\/null\b)/;

const WRITES = /^(?:write|writev|pwrite64|pwritev|pwritev2)$/;

/**
 * Returns the calls of a program that could have written a file, also those that failed.
 * @param trace what `strace -f -yy` wrote
 * @param program the path of the program: calls before it was started are its launcher's
 */
export function writingCalls(trace: string, program: string): string[] {
  const lines = trace.split("\n");
  const started = lines.findIndex((line) => line.includes(` execve("${program}"`) && line.endsWith("= 0"));
  if (started === -1) throw new Error("The trace does not contain the start of the program");
  return lines.slice(started + 1).filter((line) => {
    const [, call = "", argument = ""] = /^\d+ +(\w+)\((.*)/.exec(line) ?? [];
    // Signals and exits, and the second half of a call that was interrupted by another thread's.
    if (call === "" && (line === "" || /^\d+ +(?:---|\+\+\+|<\.\.\.)/.test(line))) return false;
    if (READING.test(call)) return false;
    if (call === "open" || call === "openat") return WRITING_FLAGS.test(argument);
    if (WRITES.test(call)) return !NOT_FILES.test(argument);
    // Of an address family without files.
    if (call === "bind") return !/\bAF_INET6?\b|\bAF_NETLINK\b/.test(argument);
    return true;
  });
}
