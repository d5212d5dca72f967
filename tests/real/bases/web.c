/* web PORT: answers each request by half, and the other half after HUP. QUIT: takes no more requests, finishes these and
 * ends with 7. TERM: ends at once. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define HALF 4096
#define MOST 512

/* Signals, the port, then the clients. */
static struct pollfd files[MOST] = {{.events = POLLIN}, {.events = POLLIN}};
static bool asked[MOST];
static nfds_t count = 2;
static bool released, stops;

static void caught(int number) { (void)number; }

static void say(const char *text) { (void)!write(STDOUT_FILENO, text, strlen(text)); }

static int listen_at(int port) {
    int file = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(file, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    return bind(file, (struct sockaddr *)&address, sizeof address) || listen(file, MOST) ? -1 : file;
}

static void answer(nfds_t each) {
    static const char head[] = "HTTP/1.1 200 OK\r\nContent-Length: 8192\r\nConnection: close\r\n\r\n";
    char text[2048], half[HALF];
    memset(half, 'a', sizeof half);
    if (read(files[each].fd, text, sizeof text) > 0 && !asked[each]) {
        (void)!write(files[each].fd, head, sizeof head - 1);
        (void)!write(files[each].fd, half, sizeof half);
        asked[each] = true;
    }
    files[each].events = 0;
}

static void finish(void) {
    char half[HALF];
    memset(half, 'a', sizeof half);
    for (; count > 2; close(files[--count].fd))
        if (asked[count - 1])
            (void)!write(files[count - 1].fd, half, sizeof half);
}

static void take(void) {
    struct signalfd_siginfo info;
    if (read(files[0].fd, &info, sizeof info) != sizeof info)
        return;
    if (info.ssi_signo == SIGTERM)
        exit(0);
    if (info.ssi_signo == SIGHUP)
        released = true;
    if (info.ssi_signo == SIGQUIT && !stops) {
        stops = true;
        close(files[1].fd);
        files[1].fd = -1;
    }
}

int main(int number, char **words) {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    for (int each = 1; each < SIGRTMAX; each++)
        signal(each, caught); /* never called: it is for whoever looks */
    files[0].fd = signalfd(-1, &all, SFD_CLOEXEC);
    files[1].fd = listen_at(number > 1 ? atoi(words[1]) : 0);
    if (files[0].fd < 0 || files[1].fd < 0)
        return perror("web"), 1;
    say("ready\n");
    while (!stops || !released) {
        if (poll(files, count, -1) < 0)
            continue;
        for (nfds_t each = 2; each < count; each++)
            if (files[each].revents)
                answer(each);
        if (files[1].revents && count < MOST) {
            int client = accept(files[1].fd, NULL, NULL);
            if (client >= 0)
                asked[count] = false, files[count++] = (struct pollfd){.fd = client, .events = POLLIN};
        }
        if (files[0].revents)
            take();
    }
    finish();
    return 7;
}
