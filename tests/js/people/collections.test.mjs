import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

const KEPT = [
  { kind: "collection", key: "a", value: { name: "A" }, changed: 1, deleted: false },
  { kind: "collection", key: "gone", value: {}, changed: 2, deleted: true },
  { kind: "member", key: "a/arxiv:1", value: {}, changed: 3, deleted: false },
  { kind: "member", key: "a/arxiv:2", value: {}, changed: 4, deleted: false },
  { kind: "member", key: "b/arxiv:1", value: {}, changed: 5, deleted: false },
  { kind: "search", key: "s1", value: { query: "graph" }, changed: 6, deleted: false },
];
let items;
let triggered;
let swapped;

/** What the page, its storage and htmx are to the module. */
const listeners = {};
const later = (request, result) => {
  setTimeout(() => {
    request.result = result;
    request.onsuccess();
  });
  return request;
};
const matching = ({ kind, key }) => items.filter((item) => item.kind === kind && (!key || item.key === key));
const store = {
  get: ([kind, key]) => later({}, matching({ kind, key })[0]),
  getAll: (range) => later({}, Array.isArray(range) ? matching({ kind: range[0], key: range[1] }) : matching({ kind: range })),
  put: (item) => items.splice(0, items.length, ...items.filter((one) => one.key !== item.key), item),
};
const transaction = () => {
  const made = { objectStore: () => store };
  setTimeout(() => setTimeout(() => setTimeout(() => made.oncomplete())));
  return made;
};
Object.assign(globalThis, {
  document: {
    documentElement: { dataset: {} },
    addEventListener: (type, listener) => (listeners[type] ??= []).push(listener),
    dispatchEvent() {},
  },
  BroadcastChannel: class {
    postMessage() {}
  },
  IDBKeyRange: { bound: ([kind]) => kind },
  indexedDB: { open: () => later({}, { transaction }) },
  localStorage: {},
  location: { hash: "#shared", assign: (address) => swapped.push(address) },
  htmx: { trigger: (part, name) => triggered.push([part.name, name]), swap: (...given) => swapped.push(given) },
  DOMParser: class {
    parseFromString = (text) => ({ querySelector: () => ({ dataset: { writes: /data-writes='(.*?)'/.exec(text)[1] } }) });
  },
});
globalThis.window = globalThis;

const { start } = await import("../../../static/js/people/collections.js");

beforeEach(() => {
  items = structuredClone(KEPT);
  triggered = [];
  swapped = [];
});

const page = (...waiting) => ({ matches: () => false, querySelectorAll: () => waiting });
const waiting = (name, isFolded) => ({ name, closest: () => (isFolded ? {} : null) });
/** An element in a part with this data, or in none of a collection's. */
const inPart = (dataset) => ({
  closest: () => ({ dataset, matches: (selector) => dataset !== undefined && selector === "[data-local]" }),
});
const tell = async (type, event) => {
  for (const listener of listeners[type]) await listener(event);
};

/** What a request from this element takes along: `htmx:confirm`, then `htmx:configRequest`. */
async function sent(target) {
  let isIssued = false;
  let isHeld = false;
  const detail = { parameters: {}, headers: {}, verb: "get", issueRequest: (isNow) => (isIssued = isNow) };
  await tell("htmx:confirm", { target, detail, preventDefault: () => (isHeld = true) });
  assert.equal(isHeld, isIssued);
  await tell("htmx:configRequest", { target, detail });
  return { ...detail, isIssued };
}

start(page());

test("parts that wait are asked for, folded ones when they are opened", async () => {
  start(page(waiting("list"), waiting("folded", true)));
  assert.deepEqual(triggered, [["list", "load-items"]]);
  await tell("toggle", { target: page(waiting("opened")) });
  assert.deepEqual(triggered.at(-1), ["opened", "load-items"]);
});

test("an optional part requests nothing where this browser has no such items", async () => {
  const optional = { kinds: "pin", optional: "" };
  const target = { dataset: optional, matches: () => true };
  target.closest = () => target;
  const issued = [];
  const ask = () => tell("htmx:confirm", { target, detail: { issueRequest: () => issued.push(1) }, preventDefault() {} });
  await ask();
  assert.deepEqual(issued, []);
  optional.kinds = "pin search";
  await ask();
  assert.deepEqual(issued, [1]);
});

test("a part is sent the kinds it names, by POST, without what was removed", async () => {
  const { verb, parameters, isIssued } = await sent(inPart({ kinds: "collection search" }));
  assert.ok(isIssued);
  assert.equal(verb, "post");
  assert.deepEqual(JSON.parse(parameters.items).map(({ key }) => key), ["a", "s1"]);
  assert.ok(Math.abs(parameters.now - Date.now()) < 60_000);
});

test("of members only those of the collection or the paper meant go along", async () => {
  const keys = async (of) => JSON.parse((await sent(inPart({ kinds: "member", of }))).parameters.items).map(({ key }) => key);
  assert.deepEqual(await keys("a/"), ["a/arxiv:1", "a/arxiv:2"]);
  assert.deepEqual(await keys("/arxiv:1"), ["a/arxiv:1", "b/arxiv:1"]);
});

test("a part without kinds sends what stands behind the address's #", async () => {
  assert.equal((await sent(inPart({}))).parameters.items, "#shared");
});

test("other requests take nothing along and are not held up", async () => {
  const { verb, parameters, isIssued } = await sent(inPart(undefined));
  assert.deepEqual([verb, parameters, isIssued], ["get", {}, false]);
});

test("an answer that changes something is kept before it is shown", async () => {
  const change = { kind: "collection", key: "new", value: { name: "N" }, changed: 9 };
  const serverResponse = `<div data-writes='${JSON.stringify([change])}'></div>`;
  const detail = { serverResponse, shouldSwap: true, target: "place" };
  const stored = tell("htmx:beforeSwap", { detail });
  assert.equal(detail.shouldSwap, false);
  assert.deepEqual(swapped, []);
  await stored;
  assert.equal(items.find(({ key }) => key === "new").value.name, "N");
  assert.deepEqual(swapped, [["place", serverResponse, { swapStyle: "outerHTML" }]]);
});

test("an answer that changes nothing is shown as htmx does", async () => {
  for (const serverResponse of ["<p>hello</p>", "<p data-writes='[]'></p>"]) {
    const detail = { serverResponse, shouldSwap: true };
    await tell("htmx:beforeSwap", { detail });
    assert.ok(detail.shouldSwap);
  }
});

test("a saved search that is opened has been looked at before the page goes", async () => {
  const look = '{"opened": 1800000000000, "row": 7, "paper": "arxiv:7"}';
  const link = { dataset: { opens: "s1", look }, href: "/search?q=graph" };
  const event = { target: { closest: () => link }, preventDefault: () => (event.defaultPrevented = true) };
  await tell("click", event);
  while (!swapped.length) await new Promise((resolve) => setTimeout(resolve));
  const { value } = items.find(({ key }) => key === "s1");
  assert.deepEqual(value, { query: "graph", opened: 1800000000000, row: 7, paper: "arxiv:7" });
  assert.deepEqual(swapped, ["/search?q=graph"]);
});
