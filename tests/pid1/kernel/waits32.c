/* A 32-bit program (i386) that blocks HUP and waits for it by the system call of the given number: all the C library it
 * needs is here. */

static int call(int number, const void *a, const void *b, const void *c, int d)
{
    int result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d) : "memory");
    return result;
}

void _start(void)
{
    enum { EXIT = 1, SIG_BLOCK = 0, RT_SIGPROCMASK = 175, SIZE = 8 };
    static const unsigned hup[2] = {1, 0};

    call(RT_SIGPROCMASK, (void *)SIG_BLOCK, hup, 0, SIZE);
    call(EXIT, (void *)(call(WAIT, hup, 0, 0, SIZE) != 1), 0, 0, 0);
}
