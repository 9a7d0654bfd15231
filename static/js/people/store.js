/**
 * The reader's items (stars, notes, collections …) in this browser, by kind and key; `coolpapers/people/models/kinds.py`
 * lists the kinds. The event `coolpapers:state` on `document` tells this page and other tabs of a change, with
 * `{kind, key}`; both are "*" where many items changed at once. `isOurs` is true in the page that made the change.
 *
 * The later of two writes of an item (`changed`, milliseconds) wins; a removed item leaves a tombstone. A write is also
 * in localStorage, as `<database>:<kind> <key>`, until the transaction is complete: if the reader leaves the page before
 * that, the next page recovers it.
 */
export const { account, csrf, sync: syncPath } = globalThis.document?.documentElement.dataset ?? {};
const NAME = account ? `coolpapers-${account}` : "coolpapers";
const tabs = globalThis.document && new BroadcastChannel(NAME);
let opening;
let latest = 0; // time of the last write of this page

/** Whether item `a` is later than item `b`, or there is no `b`. A tie has the same winner on every device. */
export function wins(a, b) {
  if (!b || a.changed !== b.changed) return !b || a.changed > b.changed;
  return order(a) > order(b);
}

const order = ({ deleted, value }) => (deleted ? "1" : "0") + JSON.stringify(value);

function open(name) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => {
      const items = request.result.createObjectStore("items", { keyPath: ["kind", "key"] });
      items.createIndex("dirty", "dirty"); // written here and not yet sent to the account
    };
    request.onsuccess = () => {
      request.result.onversionchange = () => request.result.close(); // it is being deleted
      resolve(recover(name, request.result));
    };
    request.onerror = () => reject(request.error);
  });
}

/** Merge writes of pages that were left before their transaction was complete. */
async function recover(name, database) {
  const written = Object.entries(localStorage).filter(([place]) => place.startsWith(`${name}:`));
  if (!written.length) return database;
  await merge(written.map(([, text]) => JSON.parse(text)), database);
  for (const [place, text] of written) arrived(place, text);
  tell("*", "*");
  return database;
}

function arrived(place, text) {
  if (localStorage[place] === text) delete localStorage[place];
}

/** Run `work(items, done)` in one transaction. Resolves, once it is complete, with the last argument of `done`. */
export async function transact(mode, work, database = (opening ??= open(NAME))) {
  database = await database;
  return new Promise((resolve, reject) => {
    const transaction = database.transaction("items", mode);
    let result;
    transaction.oncomplete = () => resolve(result);
    transaction.onabort = () => reject(transaction.error);
    work(transaction.objectStore("items"), (value) => (result = value));
  });
}

/** Call `use` with the result of an IndexedDB request. */
export const withResult = (request, use) => (request.onsuccess = () => use(request.result));

const ofKind = (kind) => IDBKeyRange.bound([kind], [kind, []]);

function read(range) {
  return transact("readonly", (items, done) => {
    withResult(items.getAll(range), (found) => done(found.filter((item) => !item.deleted)));
  });
}

/** Items of a kind: `[{kind, key, value, changed}]`. */
export const all = (kind) => read(ofKind(kind));

/** Items of several kinds, a list each. */
export const allOf = (kinds) => Promise.all(kinds.map(all));

export const keysOf = (items) => items.map(({ key }) => key);

/** The item, or undefined. */
export const get = async (kind, key) => (await read([kind, key]))[0];

/** Values of several kinds for each of several keys: `{key: {kind: value}}`, in one transaction. */
export function states(kinds, keys) {
  return transact("readonly", (items, done) => {
    const found = Object.fromEntries(keys.map((key) => [key, {}]));
    for (const key of keys) {
      for (const kind of kinds) {
        withResult(items.get([kind, key]), (item) => {
          if (item && !item.deleted) found[key][kind] = item.value;
        });
      }
    }
    done(found);
  });
}

export const put = (kind, key, value = {}) => write(kind, key, value, false);
export const remove = (kind, key) => write(kind, key, {}, true);

async function write(kind, key, value, deleted) {
  const now = (latest = Math.max(Date.now(), latest + 1)); // the time of the call, not of the transaction
  const place = `${NAME}:${kind} ${key}`;
  const text = JSON.stringify({ kind, key, value, changed: now, deleted });
  localStorage[place] = text;
  const item = await transact("readwrite", (items, done) => {
    withResult(items.get([kind, key]), (previous) => {
      // Later than the previous write, also where the clock of another device is ahead.
      const changed = Math.max(now, (previous?.changed ?? 0) + 1);
      items.put({ kind, key, value, deleted, changed, dirty: 1 });
      done({ kind, key, value, deleted, changed });
    });
  });
  arrived(place, text);
  tell(kind, key, item);
}

/** Tell this page and the other tabs of a change; `item` is what this page wrote. */
export function tell(kind, key, item) {
  tabs.postMessage({ kind, key });
  announce({ kind, key, item, isOurs: true });
}

/** Writes whose transaction is not complete. */
export const underway = () => Object.entries(localStorage).filter(([place]) => place.startsWith(`${NAME}:`)).map(([, text]) => JSON.parse(text));

function announce(detail) {
  document.dispatchEvent(new CustomEvent("coolpapers:state", { detail }));
}

if (tabs) tabs.onmessage = ({ data }) => announce(data);

/** All items, as the object of an export file. */
export async function exportAll(database) {
  const items = await transact("readonly", (store, done) => {
    withResult(store.getAll(), (found) => done(found.filter(({ kind }) => kind)));
  }, database);
  return {
    format: "coolpapers-personal-state",
    version: 1,
    exported: new Date().toISOString(),
    items: items.map(({ dirty: _, ...item }) => item),
  };
}

/** Import the items of an export file that are later than ours; resolves with their number. */
export async function importAll({ items }) {
  const count = await merge(items);
  tell("*", "*");
  return count;
}

function merge(incoming, database) {
  let count = 0;
  return transact("readwrite", (items, done) => {
    for (const { kind, key, value = {}, changed, deleted = false } of incoming) {
      withResult(items.get([kind, key]), (ours) => {
        const item = { kind, key, value, changed, deleted, dirty: 1 };
        if (!wins(item, ours)) return;
        items.put(item);
        done((count += 1));
      });
    }
    done(count);
  }, database);
}

/** Delete a database and its pending writes. */
export function forget(name) {
  for (const place of Object.keys(localStorage)) if (place.startsWith(`${name}:`)) delete localStorage[place];
  indexedDB.deleteDatabase(name);
}

/** The number of items that this browser holds from before an account; with `isWanted`, move them to the account. */
export async function takeIn(isWanted) {
  if (!account) return 0;
  const database = await open("coolpapers");
  const old = await exportAll(database);
  if (isWanted) {
    await importAll(old);
    database.close();
    forget("coolpapers");
  }
  return old.items.filter(({ kind, deleted }) => kind !== "setting" && !deleted).length;
}
