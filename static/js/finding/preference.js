/**
 * Order by preference for readers without an account: this browser holds their stars, hidden papers and keywords and
 * sends them with each request for cards in that order. The server stores none of them.
 */
import { find, newestFirst, once, sendAlong } from "../page/dom.js";
import { all, allOf, keysOf } from "../people/store.js";

export const start = once(async () => {
  const [star, hide] = (await allOf(["star", "hide"])).map((items) => keysOf(newestFirst(items).slice(0, 500)));
  const keyword = newestFirst(await all("keyword")).slice(0, 40).map(({ key, value }) => `${key}:${value.weight ?? 1}`);
  if (!star.length && !hide.length && !keyword.length) return;
  sendAlong(({ path }) => /[?&]sort=preference\b/.test(path) && { star, hide, keyword });
  const list = find("[data-preference]");
  htmx.ajax("GET", location.href, { source: list, target: list, swap: "innerHTML" });
});
