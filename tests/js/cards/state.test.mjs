import assert from "node:assert/strict";
import { test } from "node:test";

import { nextVisit } from "../../../static/js/cards/state.js";

const HOUR = 3600 * 1000;

test("the first visit has nothing before it", () => {
  assert.deepEqual(nextVisit({}, "2026-03-02", 5), { at: 5, seen: "2026-03-02", since: undefined });
});

test("during a visit what was new stays new, and the newest day is remembered", () => {
  const visit = { at: 1, seen: "2026-03-02", since: "2026-02-27" };
  assert.deepEqual(nextVisit(visit, "2026-03-03", HOUR), { at: HOUR, seen: "2026-03-03", since: "2026-02-27" });
  assert.equal(nextVisit(visit, "2020-01-01", HOUR).seen, "2026-03-02");
});

test("after a pause a new visit begins where the one before had come to", () => {
  const visit = { at: 1, seen: "2026-03-02", since: "2026-02-27" };
  const next = nextVisit(visit, "2026-03-03", 1 + 5 * HOUR);
  assert.deepEqual(next, { at: 1 + 5 * HOUR, seen: "2026-03-03", since: "2026-03-02" });
});
