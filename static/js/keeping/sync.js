/**
 * Keeps this browser's items and the account's the same, as docs/reference/personal-state.md describes it. What is
 * written here goes at once; what others wrote comes with every page, and when the tab is looked at again.
 */
import { find, on, once, request } from "../page/dom.js";
import { account, csrf, forget, syncPath, tell, transact, wins, withResult } from "./store.js";

const AT_ONCE = 200; // items in a request: with notes of ordinary length below what a page may send while it closes
let running = null;
let isAsked = false;
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
  run(); // not waited for: presses need not wait for the network
});

/** The page after signing out: the account's copy goes. */
function forgetAccount() {
  const last = localStorage.getItem("account");
  if (!last) return;
  forget(`coolpapers-${last}`);
  for (const name of ["account", `hidden-${last}`]) localStorage.removeItem(name);
}

/** Hand in and take over until both sides know the same; calls meanwhile make it go round once more. */
export function run() {
  isAsked = true;
  running ??= (async () => {
    try {
      while (isAsked) {
        isAsked = false;
        while (await exchange());
      }
    } catch (error) {
      console.info("not synced now:", error); // offline, or signed out elsewhere: the next page tries again
    }
    running = null;
  })();
  return running;
}

/** One request; whether there is more to hand in or to take. */
async function exchange() {
  const { dirty, cursor } = await readDirty();
  const items = dirty.slice(0, AT_ONCE).map(clean);
  const response = await request(syncPath, {
    method: "POST",
    keepalive: JSON.stringify(items).length < 60_000,
    headers: { "Content-Type": "application/json", "X-CSRFToken": csrf },
    body: JSON.stringify({ cursor, items }),
  });
  const answer = await response.json();
  if (await take(items, answer)) {
    isTelling = true; // this page need not ask again for what it was just told
    tell("*", "*");
    isTelling = false;
  }
  return answer.more || answer.reset || dirty.length > AT_ONCE;
}

function readDirty() {
  return transact("readonly", (items, done) => {
    const found = { dirty: [], cursor: 0 };
    withResult(items.index("dirty").getAll(), (dirty) => (found.dirty = dirty));
    withResult(items.get(["", "cursor"]), (item) => (found.cursor = item?.value ?? 0));
    done(found);
  });
}

/** Take an answer over; whether anything is different now. */
function take(sent, { items: incoming, refused, cursor, reset }) {
  const done = new Map([...sent, ...refused].map(({ kind, key, changed }) => [`${kind} ${key}`, changed]));
  return transact("readwrite", (items, finish) => {
    finish(false);
    withResult(items.get(["", "cursor"]), (known) => {
      const isOld = cursor < (known?.value ?? 0); // another tab's answer overtook this one, or the account was set back
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
          if (item) items.put(clean(item)); // kept here; the account cannot
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
 * What stays of an item: `ours`, or `theirs` from the account. `sentAt` is the time of ours that was handed in: where
 * it was not written again since, the account knows best, unless it said so before what this browser knows (`isOld`).
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
