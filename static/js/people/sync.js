/**
 * Synchronizes the items of this browser with the account (docs/reference/personal-state.md): after each write, on each
 * page, and when the tab becomes visible.
 */
import { find, on, once, request } from "../page/dom.js";
import { account, csrf, forget, syncPath, tell, transact, wins, withResult } from "./store.js";

const BATCH = 200; // items in a request: with ordinary notes, below the limit of keepalive requests
let running = null;
let isRequested = false;
let isTelling = false;

export const start = once(() => {
  if (!account) return forgetAccount();
  localStorage.setItem("account", account);
  on("coolpapers:state", () => isTelling || run());
  on("visibilitychange", () => document.visibilityState === "visible" && run());
  on("online", run, window);
  find("[data-sign-out]")?.addEventListener("submit", async (event) => {
    event.preventDefault();
    await run();
    event.target.submit();
  });
  run(); // not awaited: clicks need not wait for the network
});

/** After signing out, delete the copy of the account. */
function forgetAccount() {
  const last = localStorage.getItem("account");
  if (!last) return;
  forget(`coolpapers-${last}`);
  for (const name of ["account", `hidden-${last}`]) localStorage.removeItem(name);
}

/** Exchange items until both sides are equal. A call meanwhile causes one more round. */
export function run() {
  isRequested = true;
  running ??= (async () => {
    try {
      while (isRequested) {
        isRequested = false;
        while (await exchange());
      }
    } catch (error) {
      console.info("not synced now:", error); // offline, or signed out elsewhere: the next page retries
    }
    running = null;
  })();
  return running;
}

/** Send one request; resolves with whether there is more to send or to receive. */
async function exchange() {
  const { dirty, cursor } = await readDirty();
  const items = dirty.slice(0, BATCH).map(clean);
  const response = await request(syncPath, {
    method: "POST",
    keepalive: JSON.stringify(items).length < 60_000,
    headers: { "Content-Type": "application/json", "X-CSRFToken": csrf },
    body: JSON.stringify({ cursor, items }),
  });
  const answer = await response.json();
  if (await take(items, answer)) {
    isTelling = true; // this event must not start another exchange
    tell("*", "*");
    isTelling = false;
  }
  return answer.more || answer.reset || dirty.length > BATCH;
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
