import { describe, expect, test } from "bun:test";
import { writingCalls } from "./file-system-calls.ts";

const START = `7 execve("/bin/it", ["it"], 0x7ffe /* 35 vars */) = 0`;

function found(...calls: string[]): string[] {
  return writingCalls([START, ...calls, ""].join("\n"), "/bin/it");
}

describe("does not report", () => {
  for (const call of [
    `7 openat(AT_FDCWD</tmp>, "/etc/localtime", O_RDONLY|O_CLOEXEC) = 3</usr/share/zoneinfo/Etc/UTC>`,
    `7 access("/etc/ld.so.preload", R_OK) = -1 ENOENT (No such file or directory)`,
    `7 write(2<pipe:[4711]>, "error: a name"..., 5) = 5`,
    `7 write(4<anon_inode:[eventfd]>, "\\1\\0\\0\\0\\0\\0\\0\\0", 8) = 8`,
    `8 writev(9<TCP:[127.0.0.1:9090->127.0.0.1:4711]>, [{iov_base="HTTP"..., iov_len=4}], 1) = 4`,
    `7 write(5</dev/null<char 1:3>>, "x", 1) = 1`,
    `7 bind(9<TCP:[4711]>, {sa_family=AF_INET, sin_port=htons(0)}, 16) = 0`,
    `8 <... openat resumed>) = 3</etc/hosts>`,
    `7 --- SIGTERM {si_signo=SIGTERM, si_code=SI_USER, si_pid=1, si_uid=0} ---`,
    `7 +++ exited with 0 +++`,
  ]) {
    test(call, () => expect(found(call)).toEqual([]));
  }
});

describe("reports", () => {
  for (const call of [
    `7 openat(AT_FDCWD</tmp>, "log", O_WRONLY|O_CREAT|O_APPEND|O_CLOEXEC, 0666) = 3</tmp/log>`,
    `7 openat(AT_FDCWD</tmp>, "log", O_RDWR) = -1 EROFS (Read-only file system)`,
    `7 open("/tmp", O_RDONLY|O_TMPFILE, 0600 <unfinished ...>`,
    `7 mkdir("/tmp/cache", 0777) = -1 EEXIST (File exists)`,
    `7 unlink("/tmp/log") = 0`,
    `7 renameat2(AT_FDCWD</tmp>, "a", AT_FDCWD</tmp>, "b", RENAME_NOREPLACE) = 0`,
    `7 write(3</tmp/log>, "hello", 5) = 5`,
    `7 pwrite64(3</dev/shm/x (deleted)>, "hello", 5, 0) = 5`,
    `7 memfd_create("jit", MFD_CLOEXEC) = 5</memfd:jit (deleted)>`,
    `7 io_uring_setup(64, {flags=0}) = 5`,
    `7 bind(9<UNIX:[4711]>, {sa_family=AF_UNIX, sun_path="/tmp/socket"}, 110) = 0`,
    `7 a_call_of_tomorrow(3) = 0`,
    `a line that is not a call`,
  ]) {
    test(call, () => expect(found(call)).toEqual([call]));
  }
});

test("does not report what happened before the program was started", () => {
  const trace = `7 mkdir("/tmp/x", 0777) = 0\n${START}\n`;
  expect(writingCalls(trace, "/bin/it")).toEqual([]);
  expect(() => writingCalls(trace, "/bin/other")).toThrow("does not contain the start");
});
