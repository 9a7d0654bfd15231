/**
 * Synchronizes the items of this browser with the account (docs/reference/personal-state.md): after each write, on each
 * page, and when the tab becomes visible. Texts are sent once the writer pauses, and when the page is left.
 */
import { cancel, find, on, once, request } from "../page/dom.js";
import { account, csrf, forget, syncPath, tell, transact, underway, wins, withResult } from "./store.js";

const BATCH = 200; // items in a request: with ordinary notes, below the limit of keepalive requests
const KEEPALIVE_BYTES = 60_000; // browsers refuse a keepalive request above 64 KiB
const TYPED = ["note", "collection", "member", "search"]; // kinds that are written with every key
const PAUSE_MS = 1000;
const RETRY_MS = 30_000; // where a busy or broken server does not say when
const unsent = new Map(); // writes of this page that are in no request yet
let running = null;
let isRequested = false;
let isTelling = false;
let lastCursor = 0;
let timer;
let waitUntil = 0; // the server asked to wait until then

export const start = once(() => {
  if (!account) return forgetAccount();
  localStorage.setItem("account", account);
  on("coolpapers:state", ({ detail }) => isTelling || (detail.isOurs && follow(detail)));
  on("visibilitychange", () => (document.visibilityState === "visible" ? run() : leave()));
  on("pagehide", leave, window);
  on("online", run, window);
  find("[data-sign-out]")?.addEventListener("submit", async (event) => {
    cancel(event);
    waitUntil = 0; // what is not sent now is lost
    await run();
    event.target.submit();
  });
  run(); // not awaited: clicks need not wait for the network
});

function follow({ kind, key, item }) {
  if (item) unsent.set(`${kind} ${key}`, item);
  if (TYPED.includes(kind)) runIn(PAUSE_MS);
  else run();
}

function runIn(wait) {
  clearTimeout(timer);
  timer = setTimeout(run, wait);
}

/** Send what this page wrote and did not send. The page may end: this reads no database and awaits no answer. */
function leave() {
  if (Date.now() < waitUntil) return;
  for (const item of underway()) unsent.set(`${item.kind} ${item.key}`, item);
  const options = unsent.size && requestOf([...unsent.values()].slice(0, BATCH), lastCursor);
  if (!options?.keepalive) return;
  fetch(syncPath, options).catch(() => {}); // the next page sends it again
  unsent.clear();
}

/** After signing out, delete the copy of the account. */
function forgetAccount() {
  const last = localStorage.getItem("account");
  if (!last) return;
  forget(`coolpapers-${last}`);
  for (const name of ["account", `hidden-${last}`]) localStorage.removeItem(name);
}

/** Exchange items until both sides are equal. A call meanwhile causes one more round. */
export function run() {
  clearTimeout(timer);
  const wait = waitUntil - Date.now();
  if (wait > 0) return runIn(wait);
  isRequested = true;
  running ??= (async () => {
    try {
      while (isRequested) {
        isRequested = false;
        while (await exchange());
      }
    } catch (error) {
      console.info("not synced now:", error); // offline, or signed out elsewhere: the next page retries
      retryLater(error?.response);
    }
    running = null;
  })();
  return running;
}

/** After 429 or an error of the server, try again when it says so. */
function retryLater(response) {
  if (response?.status !== 429 && !(response?.status >= 500)) return;
  const wait = 1000 * Number(response.headers.get("Retry-After")) || RETRY_MS;
  waitUntil = Date.now() + wait;
  runIn(wait);
}

/** Send one request; resolves with whether there is more to send or to receive. */
async function exchange() {
  const { dirty, cursor } = await readDirty();
  const items = dirty.slice(0, BATCH).map(clean);
  const options = requestOf(items, cursor);
  if (options.keepalive) settleUnsent(items); // it arrives, also where the page is left meanwhile
  const response = await request(syncPath, options);
  const answer = await response.json();
  settleUnsent(items);
  lastCursor = answer.cursor;
  if (await take(items, answer)) {
    isTelling = true; // this event must not start another exchange
    tell("*", "*");
    isTelling = false;
  }
  return answer.more || answer.reset || dirty.length > BATCH;
}

function settleUnsent(items) {
  for (const { kind, key, changed } of items) {
    if (unsent.get(`${kind} ${key}`)?.changed <= changed) unsent.delete(`${kind} ${key}`);
  }
}

function requestOf(items, cursor) {
  const body = JSON.stringify({ cursor, items });
  return {
    method: "POST",
    keepalive: new TextEncoder().encode(body).length < KEEPALIVE_BYTES,
    headers: { "Content-Type": "application/json", "X-CSRFToken": csrf },
    body,
  };
}

function readDirty() {
  return transact("readonly", (items, done) => {
    const state = { dirty: [], cursor: 0 };
    withResult(items.index("dirty").getAll(), (dirty) => (state.dirty = dirty));
    withResult(items.get(["", "cursor"]), (item) => (state.cursor = item?.value ?? 0));
    done(state);
  });
}

/** Store an answer; resolves with whether an item changed. */
function take(sent, { items: incoming, refused, cursor, reset }) {
  const done = new Map([...sent, ...refused].map(({ kind, key, changed }) => [`${kind} ${key}`, changed]));
  return transact("readwrite", (items, finish) => {
    finish(false);
    withResult(items.get(["", "cursor"]), (stored) => {
      const isOld = cursor < (stored?.value ?? 0); // another tab stored a later answer, or the account was restored
      for (const item of incoming) {
        withResult(items.get([item.kind, item.key]), (ours) => {
          const choice = settle(ours, item, done.get(`${item.kind} ${item.key}`), isOld);
          if (choice === ours) return;
          items.put(choice);
          if (!isSame(choice, ours)) finish(true);
        });
      }
      for (const { kind, key } of refused) {
        withResult(items.get([kind, key]), (item) => {
          if (item) items.put(clean(item)); // only this browser can hold it
        });
      }
      if (reset || !isOld) items.put({ kind: "", key: "cursor", value: cursor });
      if (reset) markAllDirty(items);
    });
  });
}

const clean = ({ dirty: _, ...item }) => item;
const isSame = (a, b) => a.deleted === (b?.deleted ?? true) && JSON.stringify(a.value) === JSON.stringify(b?.value ?? {});

/**
 * Choose between `ours` and `theirs` from the account. `sentAt` is the time of our write that was sent. Without a later
 * write of ours the account decides, unless its answer is older than the state of this browser (`isOld`).
 */
export function settle(ours, theirs, sentAt, isOld) {
  const mayStay = ours?.dirty ? ours.changed !== sentAt : isOld;
  return mayStay && ours && !wins(theirs, ours) ? ours : theirs;
}

function markAllDirty(items) {
  withResult(items.openCursor(), (place) => {
    if (!place) return;
    if (place.value.kind) place.update({ ...place.value, dirty: 1 });
    place.continue();
  });
}
