/*
 * The ceiling: what a server could do that has nothing to do but to write.
 *
 * One thread, epoll. GET anything: the connection becomes a listener. POST anything with text=… in its URL: the text is
 * put into an event of the same size as Malten's, and after each turn of the loop all events that came in it are written
 * to each listener in one write. It keeps nothing, checks nothing, and drops what a listener does not take at once.
 *
 * Usage: ceiling PORT
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_FDS 65536
#define MAX_EVENTS 512
#define REQUEST_SIZE (1 << 20)
#define BATCH_SIZE (8 << 20)

static const char LISTENER_HEAD[] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\nretry:2000\n\n";
static const char CREATED[] = "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n";
static const char EVENT[] =
    "id:1795369196566001000\ndata:{\"Id\":\"1795369196566001-mivbvxb7\",\"Text\":\"%.*s\",\"Type\":\"message\","
    "\"Created\":\"1795369196566001000\",\"Stream\":\"b0000001\",\"Metadata\":null}\n\n";

static int epoll;
static int listeners[MAX_FDS];
static int listener_count;
/* Where a connection stands in listeners, plus one; 0: it is none. */
static int place[MAX_FDS];

/* The beginning of a request whose end has not come yet, for each publisher. */
static struct {
  char *bytes;
  size_t length;
} requests[MAX_FDS];

static char batch[BATCH_SIZE];
static size_t batch_length;

static void watch(int fd) {
  struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
  epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

static void accept_all(int server) {
  int fd;
  while ((fd = accept4(server, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
    if (fd >= MAX_FDS) {
      close(fd);
      continue;
    }
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    watch(fd);
  }
}

static void hang_up(int fd) {
  if (place[fd] > 0) {
    int last = listeners[--listener_count];
    listeners[place[fd] - 1] = last;
    place[last] = place[fd];
    place[fd] = 0;
  }
  free(requests[fd].bytes);
  requests[fd].bytes = NULL;
  requests[fd].length = 0;
  close(fd);
}

static void listen_to(int fd) {
  if (place[fd] > 0) return;
  if (write(fd, LISTENER_HEAD, sizeof LISTENER_HEAD - 1) < 0) return;
  listeners[listener_count++] = fd;
  place[fd] = listener_count;
}

static void publish(const char *request) {
  const char *text = strstr(request, "text=");
  if (text == NULL) return;
  text += strlen("text=");
  int length = (int)strcspn(text, " &");
  if (batch_length + length + sizeof EVENT < BATCH_SIZE)
    batch_length += sprintf(batch + batch_length, EVENT, length, text);
}

/* Reads what a connection has, and answers all whole requests in one write. */
static void serve(int fd) {
  static char answers[REQUEST_SIZE];
  if (requests[fd].bytes == NULL) requests[fd].bytes = malloc(REQUEST_SIZE + 1);
  char *bytes = requests[fd].bytes;
  size_t length = requests[fd].length;
  ssize_t got = read(fd, bytes + length, REQUEST_SIZE - length);
  if (got <= 0) {
    hang_up(fd);
    return;
  }
  length += got;
  bytes[length] = 0;
  char *request = bytes, *end;
  size_t answered = 0;
  while ((end = strstr(request, "\r\n\r\n")) != NULL) {
    *end = 0;
    if (*request == 'G') {
      listen_to(fd);
    } else {
      publish(request);
      memcpy(answers + answered, CREATED, sizeof CREATED - 1);
      answered += sizeof CREATED - 1;
    }
    request = end + 4;
  }
  requests[fd].length = bytes + length - request;
  memmove(bytes, request, requests[fd].length);
  if (requests[fd].length == 0 && place[fd] > 0) {
    free(bytes);
    requests[fd].bytes = NULL;
  }
  if (answered > 0 && write(fd, answers, answered) < 0) hang_up(fd);
}

static void give_out(void) {
  for (int i = 0; i < listener_count; i++) {
    /* Whoever cannot take it misses it. */
    ssize_t written = write(listeners[i], batch, batch_length);
    (void)written;
  }
  batch_length = 0;
}

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "Usage: ceiling PORT\n");
    return 2;
  }
  signal(SIGPIPE, SIG_IGN);
  int server = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;
  setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1]))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(server, (struct sockaddr *)&address, sizeof address) < 0 || listen(server, 4096) < 0) {
    perror("ceiling");
    return 1;
  }
  epoll = epoll_create1(0);
  watch(server);
  struct epoll_event events[MAX_EVENTS];
  for (;;) {
    int count = epoll_wait(epoll, events, MAX_EVENTS, -1);
    for (int i = 0; i < count; i++) {
      if (events[i].data.fd == server) accept_all(server);
      else serve(events[i].data.fd);
    }
    if (batch_length > 0) give_out();
  }
}
