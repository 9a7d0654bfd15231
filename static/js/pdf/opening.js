/** Opening the file of the page: ranges on demand, passwords, and a sentence for each way in which it fails. */
import { find, on } from "../page/dom.js";

const { GlobalWorkerOptions, getDocument, PasswordResponses } = globalThis.pdfjsLib;
const SCAN_SAMPLE = 3; // pages without a letter before a document counts as scanned

export function openDocument() {
  const { file, worker, vendor } = document.body.dataset;
  GlobalWorkerOptions.workerSrc = worker;
  const task = getDocument({
    url: file,
    cMapUrl: `${vendor}cmaps/`,
    standardFontDataUrl: `${vendor}standard_fonts/`,
    wasmUrl: `${vendor}wasm/`,
    iccUrl: `${vendor}iccs/`,
    useWasm: false, // the content policy forbids compiling; the decoders have a plain way too
    disableAutoFetch: true, // fetch the ranges that are looked at
    enableXfa: false,
  });
  task.onPassword = askForPassword;
  return task.promise;
}

function askForPassword(answer, reason) {
  const form = find("#viewer-password");
  const field = find("input", form);
  form.hidden = false;
  find("[data-wrong]", form).hidden = reason !== PasswordResponses.INCORRECT_PASSWORD;
  field.value = "";
  field.focus();
  on("submit", (event) => {
    event.preventDefault();
    form.hidden = true;
    answer(field.value);
  }, form);
}

/** Say that a document is a scan where its first pages have no text: find and copy cannot work in it. */
export async function warnOfScan(pdf) {
  for (let number = 1; number <= Math.min(SCAN_SAMPLE, pdf.numPages); number += 1) {
    const { items } = await (await pdf.getPage(number)).getTextContent();
    if (items.some(({ str }) => str?.trim())) return;
  }
  find("#viewer-scanned").hidden = false;
}

/** Show why the file cannot be shown. A server that could not fetch it says so in one line. */
export async function explain(error) {
  find(".viewer-loading")?.remove();
  const message = find("#viewer-failed");
  const reason = (await reasonOfServer()) || find(`[data-error="${kindOf(error)}"]`, message)?.textContent || "";
  find("[data-reason]", message).textContent = reason;
  message.hidden = false;
  console.warn("the PDF cannot be shown", error);
}

function kindOf(error) {
  if (error?.name === "InvalidPDFException") return /empty|zero bytes/i.test(error.message) ? "empty" : "damaged";
  return "unknown";
}

async function reasonOfServer() {
  try {
    const response = await fetch(document.body.dataset.file, { headers: { Range: "bytes=0-0" } });
    if (response.ok) return "";
    const reason = await response.text();
    return reason.length < 300 && !reason.includes("<") ? reason : "";
  } catch {
    return "";
  }
}
