// The note with its evidence. Text is laid out in blocks of lines that the browser renders only when they are near the
// screen, so a note of a million characters scrolls as smoothly as a short one.
import { byId, make } from "./dom.js";

const LINES_IN_BLOCK = 40;

// spans: [{id, start, end, document}]; told = {hover, hold, go}: ids under the pointer, under the focus, chosen.
export function showNote(texts, spans, told) {
  const root = make("div");
  byId("note").replaceChildren(root);
  const marks = [];
  for (const { id, title, text } of texts) {
    if (id !== null) root.append(make("h3", {}, title));
    const mine = spans.filter((span) => (span.document ?? null) === id && span.start < span.end && span.end <= text.length);
    root.append(...blocks(text, mine, marks));
  }
  marks.forEach((mark, index) => { mark.tabIndex = index === 0 ? 0 : -1; });
  const idsOf = (target) => {
    const mark = target instanceof Element ? target.closest("mark") : null;
    return mark ? mark.dataset.ids.split(" ") : [];
  };
  root.addEventListener("pointerover", (event) => told.hover(idsOf(event.target)));
  root.addEventListener("pointerleave", () => told.hover([]));
  root.addEventListener("focusin", (event) => told.hold(idsOf(event.target)));
  root.addEventListener("focusout", () => told.hold([]));
  root.addEventListener("click", (event) => { if (idsOf(event.target).length) told.go(idsOf(event.target)); });
  root.addEventListener("keydown", (event) => {
    const at = marks.indexOf(document.activeElement);
    if (at < 0) return;
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      told.go(idsOf(marks[at]));
    }
    let next = step ? at + step : event.key === "Home" ? 0 : event.key === "End" ? marks.length - 1 : null;
    if (next === null || next < 0 || next >= marks.length) return;
    event.preventDefault();
    marks[at].tabIndex = -1;
    marks[next].tabIndex = 0;
    marks[next].focus();
  });
  return marks;
}

function blocks(text, spans, marks) {
  const cuts = new Set([0, text.length]);
  for (const span of spans) { cuts.add(span.start); cuts.add(span.end); }
  const borders = [...cuts].sort((a, b) => a - b);
  const opening = new Map();
  const closing = new Map();
  for (const span of spans) {
    opening.set(span.start, [...(opening.get(span.start) ?? []), span]);
    closing.set(span.end, [...(closing.get(span.end) ?? []), span]);
  }
  const found = [];
  let block = null;
  let lines = 0;
  const live = new Set();
  const put = (node) => {
    if (!block) { block = make("div", { class: "block" }); found.push(block); lines = 0; }
    block.append(node);
  };
  for (let index = 0; index < borders.length - 1; index += 1) {
    for (const span of closing.get(borders[index]) ?? []) live.delete(span);
    for (const span of opening.get(borders[index]) ?? []) live.add(span);
    const piece = text.slice(borders[index], borders[index + 1]);
    if (live.size) {
      const mark = make("mark", { role: "button", tabindex: "-1" }, piece);
      mark.dataset.ids = [...live].map((span) => span.id).join(" ");
      marks.push(mark);
      put(mark);
      continue;
    }
    let rest = piece;
    while (rest) {
      let end = 0;
      let taken = 0;
      while (taken + lines < LINES_IN_BLOCK) {
        const line = rest.indexOf("\n", end);
        if (line < 0) { end = rest.length; break; }
        end = line + 1;
        taken += 1;
      }
      lines += taken;
      const full = lines >= LINES_IN_BLOCK;
      const shown = full && rest.slice(0, end).endsWith("\n") ? rest.slice(0, end - 1) : rest.slice(0, end);
      put(document.createTextNode(shown));
      rest = rest.slice(end);
      if (full) block = null;
    }
  }
  return found;
}

export function lightMarks(ids, reveal) {
  const wanted = new Set(ids);
  let first = null;
  for (const mark of byId("note").querySelectorAll("mark")) {
    const lit = mark.dataset.ids.split(" ").some((id) => wanted.has(id));
    mark.classList.toggle("lit", lit);
    if (lit && !first) first = mark;
  }
  if (reveal && first) first.scrollIntoView({ block: "nearest" });
}
