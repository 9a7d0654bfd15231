import assert from "node:assert/strict";
import { test } from "node:test";

import { spanAddress } from "../../../static/js/finding/chart.js";

test("years from one bar to another are a range of years", () => {
  const address = "http://localhost/search?q=year&year=2024&sort=newest";
  assert.equal(spanAddress(address, "2021", "2024"), "http://localhost/search?q=year&year=2021..2024&sort=newest");
  assert.equal(spanAddress(address, "", "2024"), "http://localhost/search?q=year&year=..2024&sort=newest");
});

test("months, and years of a list, are the ends of a range of days", () => {
  const address = "http://localhost/arxiv/cs.CL?from=2024-05&to=2024-05";
  assert.equal(spanAddress(address, "2024-02", "2024-05"), "http://localhost/arxiv/cs.CL?from=2024-02&to=2024-05");
  assert.equal(spanAddress(address, "", "2024-05"), "http://localhost/arxiv/cs.CL?from=&to=2024-05");
});
