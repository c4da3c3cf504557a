/*
 * The upper bound for fan-out: a server that does nothing but write to its listeners.
 *
 * One thread with epoll. Any GET turns its connection into a listener. A POST with text=… in its URL adds an event of the
 * same size as Malten's to the batch. After each turn of the loop, the batch is written to each listener in one write.
 * There is no history and no validation, and data that a listener does not accept immediately is dropped.
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
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
    "retry:2000\nid:1795369196566001000-mivbvxb7\ndata:{\"Text\":\"welcome\",\"Type\":\"event\"}\n\n";
static const char CREATED[] = "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n";
static const char EVENT[] =
    "id:1795369196566001000-mivbvxb7\ndata:{\"Id\":\"1795369196566001-mivbvxb7\",\"Text\":\"%.*s\",\"Type\":\"message\","
    "\"Created\":\"1795369196566001000\",\"Stream\":\"b0000001\",\"Metadata\":null}\n\n";

static int epoll;
static int listeners[MAX_FDS];
static int listener_count;
/* Index in listeners plus one; 0 if the connection is not a listener. */
static int listener_index[MAX_FDS];

/* Incomplete request of each connection. */
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

static void close_connection(int fd) {
  if (listener_index[fd] > 0) {
    int last = listeners[--listener_count];
    listeners[listener_index[fd] - 1] = last;
    listener_index[last] = listener_index[fd];
    listener_index[fd] = 0;
  }
  free(requests[fd].bytes);
  requests[fd].bytes = NULL;
  requests[fd].length = 0;
  close(fd);
}

static void add_listener(int fd) {
  if (listener_index[fd] > 0) return;
  if (write(fd, LISTENER_HEAD, sizeof LISTENER_HEAD - 1) < 0) return;
  listeners[listener_count++] = fd;
  listener_index[fd] = listener_count;
}

static void publish(const char *request) {
  const char *text = strstr(request, "text=");
  if (text == NULL) return;
  text += strlen("text=");
  int length = (int)strcspn(text, " &");
  if (batch_length + length + sizeof EVENT < BATCH_SIZE)
    batch_length += sprintf(batch + batch_length, EVENT, length, text);
}

/* Reads from a connection and answers all complete requests in one write. */
static void serve(int fd) {
  static char responses[REQUEST_SIZE];
  if (requests[fd].bytes == NULL) requests[fd].bytes = malloc(REQUEST_SIZE + 1);
  char *bytes = requests[fd].bytes;
  size_t length = requests[fd].length;
  ssize_t got = read(fd, bytes + length, REQUEST_SIZE - length);
  if (got <= 0) {
    close_connection(fd);
    return;
  }
  length += got;
  bytes[length] = 0;
  char *request = bytes, *end;
  size_t response_length = 0;
  while ((end = strstr(request, "\r\n\r\n")) != NULL) {
    *end = 0;
    if (*request == 'G') {
      add_listener(fd);
    } else {
      publish(request);
      memcpy(responses + response_length, CREATED, sizeof CREATED - 1);
      response_length += sizeof CREATED - 1;
    }
    request = end + 4;
  }
  requests[fd].length = bytes + length - request;
  memmove(bytes, request, requests[fd].length);
  if (requests[fd].length == 0 && listener_index[fd] > 0) {
    free(bytes);
    requests[fd].bytes = NULL;
  }
  if (response_length > 0 && write(fd, responses, response_length) < 0) close_connection(fd);
}

static void flush_batch(void) {
  for (int i = 0; i < listener_count; i++) {
    /* Dropped if the socket buffer is full. */
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
    if (batch_length > 0) flush_batch();
  }
}
