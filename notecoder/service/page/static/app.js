// The coder's page: a note goes in, the claim comes out beside it, each lighting the other.
import { call, whoAmI } from "./api.js";
import { asCsv, asText, edit, lightLines, showClaim, showLines } from "./claim.js";
import { byId, make, say, showProblem } from "./dom.js";
import { lightMarks, showNote } from "./note.js";

const FILE_TYPES = { pdf: "application/pdf", rtf: "application/rtf", html: "text/html", htm: "text/html", txt: "text/plain" };
const LONGEST_FILE = 8_000_000;
const KINDS = [["pathology", "Pathology report"], ["visit", "Visit note"], ["operative", "Operative note"], ["addendum", "Addendum"]];
let me = null;
let view = null;
let documents = 0;

class View {
  constructor(result, texts, { state = "open", closed = false } = {}) {
    Object.assign(this, { result, texts, state, closed, added: [], decisions: new Map(), hovered: { ids: [], key: null }, held: { ids: [], key: null } });
    this.spans = [];
    this.byKey = new Map();
    this.keys = new Map();
    const seen = new Map();
    const groups = [["line", result.lines], ["considered", result.considered], ["gap", result.gaps]];
    for (const [name, items] of groups) items.forEach((item, index) => {
      const key = `${name} ${index}`;
      this.byKey.set(key, item.evidence.map((span) => {
        const place = `${span.document ?? ""}:${span.start}:${span.end}`;
        if (!seen.has(place)) { seen.set(place, `s${seen.size}`); this.spans.push({ ...span, id: seen.get(place) }); }
        const id = seen.get(place);
        this.keys.set(id, [...(this.keys.get(id) ?? []), key]);
        return id;
      }));
    });
  }
  get canDecide() { return this.result.result_id !== null && me.scopes.includes("decide"); }
  idsOf(key) { return this.byKey.get(key) ?? []; }
  textOf(span) {
    const found = this.texts.find((text) => text.id === (span.document ?? null));
    return found ? found.text.slice(span.start, span.end) : "";
  }
  // What the pointer is on is lit; when it is on nothing, what has the focus. A line lights its own words; words light
  // every line that rests on them.
  hover(ids, key = null) { this.hovered = { ids, key }; this.light(); }
  hold(ids, reveal = null, key = null) { this.held = { ids, key }; this.light(ids.length ? reveal : null); }
  light(reveal = null) {
    const { ids, key } = this.hovered.ids.length ? this.hovered : this.held;
    lightMarks(ids, reveal === "words");
    return lightLines(key ? [key] : ids.flatMap((id) => this.keys.get(id) ?? []), reveal === "lines");
  }
  go(ids) {
    this.hovered = { ids: [], key: null };
    this.held = { ids, key: null };
    const first = this.light("lines");
    (first?.querySelector("button") ?? first)?.focus();
  }
  decide(index, decision) { this.decisions.set(index, decision); showLines(this); document.querySelector(`[data-key="line ${index}"] [aria-pressed="true"]`)?.focus(); }
  acceptAll() { this.result.lines.forEach((_, line) => { if (!this.decisions.has(line)) this.decisions.set(line, { action: "accept", line }); }); showLines(this); byId("finish").querySelector("button")?.focus(); }
  removeAdded(index) { this.added.splice(index, 1); showLines(this); }
  finalLines() {
    const kept = this.result.lines.flatMap((line, index) => {
      const decision = this.decisions.get(index);
      return decision?.action === "reject" ? [] : [decision?.action === "change" ? decision.to : line];
    });
    return [...kept, ...this.added.map((added) => added.to)];
  }
  finish(reason) {
    return guard(async () => {
      const lines = [...[...this.decisions.entries()].sort(([a], [b]) => a - b).map(([, decision]) => decision), ...this.added];
      const answer = await call("POST", `/v1/results/${this.result.result_id}/decision`, { json: { lines, final: true, override_reason: reason } });
      this.state = answer.state;
      this.closed = true;
      showLines(this);
      say("The decision is recorded.");
    });
  }
  moveGap(index, state) {
    return guard(async () => {
      const gap = await call("POST", `/v1/results/${this.result.result_id}/gaps/${index}`, { json: { state } });
      this.result.gaps[index].state = gap.state;
      showClaim(this);
      document.querySelector(`[data-key="gap ${index}"] button`)?.focus();
      say(`Question: ${gap.state}.`);
    });
  }
  copy(text, done) {
    return guard(async () => { await copyText(text); say(done); });
  }
}

async function copyText(text) {
  if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
  const area = make("textarea", { class: "unseen", value: text });
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

async function guard(work) {
  showProblem(null);
  try { await work(); } catch (error) { showProblem(error); }
}

function show(next) {
  view = next;
  byId("work").classList.add("coded");
  byId("form").hidden = true;
  byId("again").hidden = false;
  const hasText = view.texts.some((text) => text.text);
  byId("note").hidden = !hasText;
  byId("attach").hidden = hasText;
  if (hasText) showNote(view.texts, view.spans, { hover: (ids) => view.hover(ids), hold: (ids) => view.hold(ids, "lines"), go: (ids) => view.go(ids) });
  showClaim(view);
}

async function codeIt(event) {
  event.preventDefault();
  const button = byId("send");
  const more = [...byId("documents").children].map((box) => ({ id: box.dataset.id, kind: box.querySelector("select").value, text: box.querySelector("textarea").value })).filter((item) => item.text.trim());
  const text = byId("text").value;
  if (!text.trim()) { showProblem(new Error("The note is empty; paste its text or choose a file.")); byId("text").focus(); return; }
  if (!byId("date").value) { showProblem(new Error("The date of service is missing; it selects the code set and the rules.")); byId("date").focus(); return; }
  button.disabled = true;
  button.textContent = "Reading the note\u2026";
  await guard(async () => {
    const context = { date_of_service: byId("date").value, payer: byId("payer").value, patient_status: byId("status").value || null, place_of_service: byId("place").value };
    const result = await call("POST", "/v1/notes:code?offsets=utf16", { json: { text, context, documents: more }, headers: { "Idempotency-Key": crypto.randomUUID ? crypto.randomUUID() : String(Math.random()) } });
    const words = Object.fromEntries(KINDS);
    show(new View(result, [{ id: null, title: "Note", text }, ...more.map((item) => ({ id: item.id, title: words[item.kind], text: item.text }))]));
    byId("claim-title").scrollIntoView({ block: "nearest" });
    say(`${result.lines.length} lines, ${result.gaps.length} questions, ${result.disposition}.`);
  });
  button.disabled = false;
  button.textContent = "Code the note";
}

async function openResult(id) {
  await guard(async () => {
    const result = await call("GET", `/v1/results/${id}`);
    const shown = new View(result, [{ id: null, title: "Note", text: "" }], { state: result.state, closed: result.state !== "open" });
    for (const decision of result.decisions) for (const line of decision.lines) {
      if (line.action === "add") shown.added.push(line);
      else shown.decisions.set(line.line, line);
    }
    show(shown);
    byId("recent").hidden = true;
    byId("recent-open").setAttribute("aria-expanded", "false");
    say("The result is open.");
  });
}

// A stored result counts in code points; the page's strings count in UTF-16 units.
function attach(event) {
  event.preventDefault();
  const text = byId("attach-text").value;
  const points = [...text];
  if (points.length !== text.length) {
    const units = [0];
    for (const point of points) units.push(units[units.length - 1] + point.length);
    for (const group of [view.result.lines, view.result.considered, view.result.gaps]) for (const item of group) for (const span of item.evidence) {
      span.start = units[span.start] ?? text.length;
      span.end = units[span.end] ?? text.length;
    }
  }
  const next = new View(view.result, [{ id: null, title: "Note", text }], { state: view.state, closed: view.closed });
  next.added = view.added;
  next.decisions = view.decisions;
  byId("attach-text").value = "";
  show(next);
}

function again() {
  byId("work").classList.remove("coded");
  byId("form").hidden = false;
  for (const id of ["note", "attach", "claim", "copies"]) byId(id).hidden = true;
  byId("again").hidden = true;
  byId("empty").hidden = false;
  if (location.hash) history.replaceState(null, "", "/");
  byId("text").focus();
}

async function readFile(file) {
  if (!file) return;
  const ending = file.name.split(".").pop().toLowerCase();
  const type = FILE_TYPES[ending] ?? (Object.values(FILE_TYPES).includes(file.type) ? file.type : null);
  const said = byId("file-said");
  if (!type) { showProblem(new Error("This kind of file cannot be read; choose text, PDF, RTF or HTML.")); return; }
  if (file.size > LONGEST_FILE) { showProblem(new Error("The file is larger than 8 MB.")); return; }
  said.textContent = "Reading the file\u2026";
  await guard(async () => {
    const found = await call("POST", "/v1/text:extract", { body: await file.arrayBuffer(), type });
    if (!found.text) throw new Error(found.warnings.join(" "));
    byId("text").value = found.text;
    const pages = found.kind === "pdf" ? `${found.pages} page${found.pages === 1 ? "" : "s"}. ` : "";
    said.textContent = `${pages}${found.warnings.join(" ")}` || "The file is in the field above; check it before coding.";
  });
  if (said.textContent.startsWith("Reading")) said.textContent = "";
}

function addDocument() {
  documents += 1;
  const id = `document-${documents}`;
  const box = make("div", { class: "document", "data-id": id, role: "group", "aria-label": `Further document ${documents}` });
  box.append(make("div", { class: "row" }, make("p", {}, make("label", { for: `${id}-kind` }, "Kind"), make("select", { id: `${id}-kind` }, ...KINDS.map(([value, word]) => make("option", { value }, word)))),
    make("button", { type: "button", class: "quiet", onclick: () => box.remove() }, "Remove")),
  make("label", { for: `${id}-text` }, "Its text"), make("textarea", { id: `${id}-text`, rows: 5, spellcheck: "false" }));
  byId("documents").append(box);
  box.querySelector("textarea").focus();
}

async function recent() {
  const panel = byId("recent");
  const open = panel.hidden;
  panel.hidden = !open;
  byId("recent-open").setAttribute("aria-expanded", String(open));
  if (!open) return;
  await guard(async () => {
    const found = await call("GET", "/v1/results?limit=25");
    const rows = found.results.map((row) => make("li", {}, make("button", { type: "button", onclick: () => openResult(row.result_id) },
      `${new Date(row.created).toLocaleString()}: ${row.lines} line${row.lines === 1 ? "" : "s"}, ${row.disposition}, ${row.superseded_by ? "superseded" : row.state}`)));
    byId("recent-list").replaceChildren(...(rows.length ? rows : [make("li", {}, "Nothing was coded yet, or nothing is kept.")]));
  });
}

const KEPT = {
  nothing: "Nothing of this note is kept.",
  results: "The result is kept without the note\u2019s words.",
  all: "The note and its result are kept.",
};

async function start() {
  byId("form").addEventListener("submit", codeIt);
  byId("attach").addEventListener("submit", attach);
  byId("again").addEventListener("click", again);
  byId("add-document").addEventListener("click", addDocument);
  byId("file").addEventListener("change", (event) => readFile(event.target.files[0]));
  byId("recent-open").addEventListener("click", recent);
  byId("copy-text").addEventListener("click", () => view.copy(asText(view), "Claim copied as text."));
  byId("copy-csv").addEventListener("click", () => view.copy(asCsv(view), "Claim copied as CSV."));
  byId("add-line").addEventListener("click", () => edit(view, byId("add-row"), { code: "", units: 1, modifiers: [], diagnoses: [] }, (to, reason) => {
    view.added.push({ action: "add", to, reason });
    byId("add-row").querySelector("form")?.remove();
    showLines(view);
  }));
  byId("sign-out").addEventListener("click", () => guard(async () => { await call("POST", "/sign-out"); location.assign("/sign-in"); }));
  const area = byId("text");
  const panel = byId("note-panel");
  panel.addEventListener("dragover", (event) => { event.preventDefault(); area.classList.add("over"); });
  panel.addEventListener("dragleave", () => area.classList.remove("over"));
  panel.addEventListener("drop", (event) => { event.preventDefault(); area.classList.remove("over"); if (!byId("form").hidden) readFile(event.dataTransfer.files[0]); });
  window.addEventListener("hashchange", () => { if (/^#[0-9a-f]{32}$/.test(location.hash)) openResult(location.hash.slice(1)); });
  await guard(async () => {
    me = await whoAmI();
    byId("who").textContent = me.signed_in ? me.subject : "";
    byId("sign-out").hidden = !me.signed_in;
    byId("kept").textContent = KEPT[me.keep];
    if (/^#[0-9a-f]{32}$/.test(location.hash)) await openResult(location.hash.slice(1));
  });
  document.body.dataset.ready = "yes";
}

start();
