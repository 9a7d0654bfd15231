import assert from "node:assert/strict";
import { test } from "node:test";

import { wins } from "../../../static/js/people/store.js";
import { settle } from "../../../static/js/people/sync.js";

const item = (changed, text, more = {}) => ({ kind: "note", key: "a", changed, deleted: false, value: { text }, ...more });

test("what was not written here is the account's", () => {
  assert.equal(settle(undefined, item(1, "theirs")).value.text, "theirs");
  assert.equal(settle(item(9, "ours"), item(1, "theirs")).value.text, "theirs");
});

test("what was handed in and not written again is as the account says, also where its clock is behind", () => {
  assert.equal(settle(item(9, "ours", { dirty: 1 }), item(5, "ours, set back"), 9).value.text, "ours, set back");
});

test("what was written again since stays where it is the later one", () => {
  const ours = item(9, "newer", { dirty: 1 });
  assert.equal(settle(ours, item(8, "sent"), 8), ours);
  assert.equal(settle(ours, item(10, "theirs"), 8).value.text, "theirs");
});

test("an answer that another one overtook takes nothing back", () => {
  const ours = item(9, "newer");
  assert.equal(settle(ours, item(8, "as it was"), 8, true), ours);
  assert.equal(settle(ours, item(8, "as it was"), undefined, true), ours);
  assert.equal(settle(ours, item(10, "theirs"), undefined, true).value.text, "theirs");
  assert.equal(settle(undefined, item(1, "theirs"), undefined, true).value.text, "theirs");
  assert.equal(settle(item(9, "ours", { dirty: 1 }), item(5, "ours, set back"), 9, true).value.text, "ours, set back");
});

/** Numbers from 0 to 1, the same for the same seed. */
function random(seed) {
  return () => {
    seed = (seed * 1664525 + 1013904223) % 2 ** 32;
    return seed / 2 ** 32;
  };
}

/** The server of docs/reference/personal-state.md for one item. */
class Account {
  constructor() {
    this.revision = 0;
  }

  exchange(sent, cursor, now) {
    const clamped = sent && { ...sent, changed: Math.min(sent.changed, now + 300) };
    if (clamped && wins(clamped, this.item)) {
      this.item = clamped;
      this.revision += 1;
    }
    const isTold = this.item && (sent || cursor < this.revision);
    return { items: isTold ? [{ ...this.item }] : [], cursor: this.revision };
  }
}

/** A browser with two tabs: both ask, and answers come in any order. */
class Device {
  constructor(ahead) {
    this.ahead = ahead;
    this.cursor = 0;
    this.waiting = [];
  }

  write(text, deleted, now) {
    const changed = Math.max(now + this.ahead, (this.item?.changed ?? 0) + 1);
    this.item = item(changed, deleted ? "" : text, { deleted, dirty: 1 });
  }

  ask(account, now) {
    const { dirty, ...sent } = this.item ?? {};
    this.waiting.push({ sent: dirty && sent, ...account.exchange(dirty && sent, this.cursor, now) });
  }

  answer(which = 0) {
    const [answer] = this.waiting.splice(which, 1);
    if (!answer) return;
    const isOld = answer.cursor < this.cursor;
    for (const theirs of answer.items) this.item = settle(this.item, theirs, answer.sent?.changed, isOld);
    this.cursor = Math.max(this.cursor, answer.cursor);
  }
}

test("devices come to hold what the account holds, whatever the order", () => {
  for (let seed = 1; seed <= 2000; seed += 1) {
    const next = random(seed);
    const pick = (list) => list[Math.floor(next() * list.length)];
    const account = new Account();
    const devices = [0, 1, 2].map(() => new Device(pick([-5000, -1, 0, 1, 100, 9000])));
    let now = 100_000;
    for (let step = 0; step < 20; step += 1) {
      const device = pick(devices);
      now += Math.floor(next() * 200);
      const act = pick(["write", "write", "ask", "answer"]);
      if (act === "write") device.write(pick(["x", "y", "z"]), next() < 0.3, now);
      else if (act === "answer") device.answer(pick([0, 1]));
      else if (device.waiting.length < 2) device.ask(account, now);
    }
    for (let round = 0; round < 3; round += 1) {
      for (const device of devices) {
        while (device.waiting.length) device.answer(device.waiting.length - 1);
        device.ask(account, now);
        device.answer();
      }
    }
    for (const device of devices) assert.deepEqual(device.item, account.item, `seed ${seed}`);
  }
});
