// The service worker: the page opens without a connection. It keeps what the page is made of, and never what people wrote.
declare const self: ServiceWorkerGlobalScope;

/** What the page is made of; filled in by the build. */
declare const SHELL: readonly string[];

/** Differs whenever one of these files does. */
declare const VERSION: string;

const CACHE = `malten-${VERSION}`;

/** Paths of the one HTML. */
const VIEWS = ["/", "/new", "/share"];

self.addEventListener("install", (event) => {
  // A newer one waits until no window is left that needs the parts which this one keeps.
  event.waitUntil(fill());
});

self.addEventListener("activate", (event) => {
  event.waitUntil(forgetOthers().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method !== "GET" || origin !== self.location.origin) return;
  if (event.request.mode === "navigate" && VIEWS.includes(pathname)) {
    event.respondWith(fetch(event.request).catch(() => kept("/")));
  } else if (SHELL.includes(pathname) && pathname !== "/") {
    event.respondWith(kept(pathname).catch(() => fetch(event.request)));
  }
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(show(event.notification.tag));
});

async function fill(): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.addAll(SHELL);
}

async function forgetOthers(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name)));
}

/** @throws TypeError where it is not kept */
async function kept(path: string): Promise<Response> {
  const response = await caches.match(path);
  if (response === undefined) throw new TypeError(`${path} is not kept`);
  return response;
}

/** Brings the window to the front that shows the stream, or opens one. */
async function show(stream: string): Promise<void> {
  const windows = await self.clients.matchAll({ type: "window" });
  const open = windows.find(({ url }) => new URL(url).hash === `#${stream}`);
  await (open === undefined ? self.clients.openWindow(`/#${stream}`) : open.focus());
}
