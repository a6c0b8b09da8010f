"""Runs a program with the restrictions of a systemd unit that a process can place on itself: the system calls, and no
memory that is writable and executable.

    python confinement.py UNIT PROGRAM [ARGUMENT …]

As in the unit, a forbidden system call fails with EPERM.
"""

import ctypes
import errno
import os
import subprocess
import sys

ALLOW, FAIL = 0x7FFF0000, 0x00050000 | errno.EPERM
PR_SET_NO_NEW_PRIVS, PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN = 38, 65, 1


def members(name):
    """The system calls of a set such as @system-service, which may contain other sets."""
    output = subprocess.run(
        ["systemd-analyze", "syscall-filter", name], capture_output=True, text=True, check=True, timeout=10
    ).stdout
    words = [line.strip() for line in output.splitlines()[1:]]
    calls = set()
    for word in words:
        if word.startswith("@"):
            calls |= members(word)
        elif word and not word.startswith("#"):
            calls.add(word)
    return calls


def allowed(unit):
    """The system calls that the lines `SystemCallFilter=` of a unit file allow."""
    calls = set()
    for line in open(unit):
        name, _, value = line.strip().partition("=")
        if name != "SystemCallFilter":
            continue
        is_denied = value.startswith("~")
        for word in value.lstrip("~").split():
            named = members(word) if word.startswith("@") else {word}
            calls = calls - named if is_denied else calls | named
    # systemd always allows these.
    return calls | members("@default")


def confine(calls):
    libc = ctypes.CDLL(None, use_errno=True)
    seccomp = ctypes.CDLL("libseccomp.so.2", use_errno=True)
    seccomp.seccomp_init.restype = ctypes.c_void_p
    seccomp.seccomp_init.argtypes = [ctypes.c_uint32]
    seccomp.seccomp_rule_add.argtypes = [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint]
    seccomp.seccomp_load.argtypes = [ctypes.c_void_p]
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    # Older kernels do not know this.
    libc.prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0)
    context = seccomp.seccomp_init(FAIL)
    for call in sorted(calls):
        number = seccomp.seccomp_syscall_resolve_name(call.encode())
        if number >= 0:
            assert seccomp.seccomp_rule_add(context, ALLOW, number, 0) == 0, call
    assert seccomp.seccomp_load(context) == 0


if __name__ == "__main__":
    confine(allowed(sys.argv[1]))
    os.execv(sys.argv[2], sys.argv[2:])
