/* The first instructions: block all signals, before the C library's own start, which makes system calls.
 *
 * A signal to a PID 1 that neither blocks nor handles it is lost (pid_namespaces(7)). The mask that was there before is
 * kept in entry_mask (entry.h). Then the C library's _start finds everything as the kernel has left it: the stack has
 * not moved, and the register that may name a function for atexit(3) is zero, as it is after exec (the System V ABI;
 * glibc, sysdeps/x86_64/start.S and sysdeps/aarch64/start.S). */

#include <asm/unistd.h>

    .bss
    .balign 8
    .global entry_mask
    .type entry_mask, %object
    .size entry_mask, 8
entry_mask:
    .zero 8

    .section .rodata
    .balign 8
all:
    .quad -1

    .text
    .global entry
    .type entry, %function
entry:
#ifdef __x86_64__
    movl $__NR_rt_sigprocmask, %eax
    xorl %edi, %edi /* SIG_BLOCK */
    leaq all(%rip), %rsi
    leaq entry_mask(%rip), %rdx
    movl $8, %r10d
    syscall
    xorl %edx, %edx
    jmp _start
#else
    mov x8, #__NR_rt_sigprocmask
    mov x0, #0 /* SIG_BLOCK */
    adrp x1, all
    add x1, x1, :lo12:all
    adrp x2, entry_mask
    add x2, x2, :lo12:entry_mask
    mov x3, #8
    svc #0
    mov x0, #0
    b _start
#endif
    .size entry, . - entry

    .section .note.GNU-stack, "", %progbits /* no executable stack (ld(1), -z noexecstack) */
