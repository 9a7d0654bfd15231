import assert from "node:assert/strict";
import { test } from "node:test";

import { chooseAlive } from "../../../static/js/reading/pdf.js";

const box = (ratio) => ({ ratio });

test("the box most in view is alive", () => {
  const boxes = [box(0.1), box(0.8), box(0.3)];
  assert.equal(chooseAlive(boxes, null), boxes[1]);
});

test("none is alive where none is in view", () => {
  const boxes = [box(0), box(0)];
  assert.equal(chooseAlive(boxes, boxes[0]), null);
  assert.equal(chooseAlive([], null), null);
});

test("the one being read stays alive until another is clearly more in view", () => {
  const boxes = [box(0.5), box(0.6)];
  assert.equal(chooseAlive(boxes, boxes[0]), boxes[0]);
  boxes[1].ratio = 0.7;
  assert.equal(chooseAlive(boxes, boxes[0]), boxes[1]);
});

test("one that is gone from view gives way to any other", () => {
  const boxes = [box(0), box(0.05)];
  assert.equal(chooseAlive(boxes, boxes[0]), boxes[1]);
});
