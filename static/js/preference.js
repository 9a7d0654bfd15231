/**
 * The order by preference for readers without an account: what they star and their keywords lie in this browser, and
 * go along with each request for cards in that order. The server keeps nothing of them.
 */
import { all } from "./store.js";

let sent;

export async function startPreference(root) {
  const list = root.querySelector("[data-preference]");
  if (!list || sent) return;
  const newest = (items) => items.sort((a, b) => b.changed - a.changed);
  sent = {
    star: newest(await all("star")).slice(0, 500).map(({ key }) => key),
    keyword: newest(await all("keyword")).slice(0, 40).map(({ key, value }) => `${key}:${value.weight ?? 1}`),
  };
  if (!sent.star.length && !sent.keyword.length) return;
  document.addEventListener("htmx:configRequest", ({ detail }) => {
    if (!new URLSearchParams(detail.path.split("?")[1]).getAll("sort").includes("preference")) return;
    detail.verb = "post";
    detail.useUrlParams = false;
    detail.headers["Content-Type"] = "application/x-www-form-urlencoded";
    Object.assign(detail.parameters, sent);
  });
  window.htmx.ajax("GET", location.href, { source: list, target: list, swap: "innerHTML" });
}
