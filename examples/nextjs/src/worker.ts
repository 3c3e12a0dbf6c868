/** The service worker (`npm run worker` bundles it): opens the app without a network, and delivers the queue after the tab was closed. */
import { TodoError, todoClient } from "todo-api-client";
import { copyName, openCopy } from "./sync/copy";
import { deliver } from "./sync/deliver";

declare const self: ServiceWorkerGlobalScope;
interface SyncEvent extends ExtendableEvent { tag: string }

const [PAGES, FILES] = ["pages", "files"];

self.addEventListener("install", () => void self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (pathname.startsWith("/_next/static/")) event.respondWith(fromCache(request)); // their names change with their content
  else if (request.mode === "navigate" && pathname === "/") event.respondWith(fromNetwork(request));
});

async function fromCache(request: Request): Promise<Response> {
  const files = await caches.open(FILES);
  const kept = await files.match(request);
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok) await files.put(request, response.clone());
  return response;
}

/** The list of whoever is signed in; without a network the page as it was last seen, which reads the copy. */
async function fromNetwork(request: Request): Promise<Response> {
  const pages = await caches.open(PAGES);
  try {
    const response = await fetch(request);
    if (response.ok && !response.redirected && response.type === "basic") await pages.put("/", response.clone());
    return response;
  } catch (error) {
    const kept = await pages.match("/");
    if (kept) return kept;
    throw error;
  }
}

self.addEventListener("sync", (event) => {
  const { tag, waitUntil } = event as SyncEvent;
  const [name, userId, url] = tag.split(" ");
  if (name === "deliver" && userId && url) waitUntil.call(event, deliverAll(userId, url));
});

async function deliverAll(userId: string, url: string): Promise<void> {
  const channel = new BroadcastChannel(copyName(userId));
  const copy = await openCopy(userId);
  const token = async () => {
    const response = await fetch("/api/auth/token");
    if (!response.ok) throw new TodoError(response.status, "SIGNED_OUT", "Nobody is signed in.");
    return (await response.json()).token as string;
  };
  try {
    await deliver(todoClient({ url, userId, token, retries: 0 }), copy, () => channel.postMessage("changed"));
  } catch (error) {
    if (!(error instanceof TodoError) || error.code !== "SIGNED_OUT") throw error; // the browser tries again later
  } finally {
    copy.close();
    channel.close();
  }
}
