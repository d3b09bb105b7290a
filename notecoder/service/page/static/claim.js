// The claim: lines with why and why not, the coder's decision on each, the questions for the clinician.
import { byId, make, say } from "./dom.js";

const WORDS = {
  ready: "Ready: nothing for a person to change.",
  review: "Review: a person should look before this is sent.",
  hold: "Hold: must not be sent yet.",
};
const GAP_WORDS = { open: "open", sent: "sent", answered: "answered", changed: "note changed" };

export const lineText = (line) =>
  `${line.code}${line.modifiers.map((modifier) => `-${modifier}`).join("")}${line.units > 1 ? ` x${line.units}` : ""}`;

export function showClaim(view) {
  const { result } = view;
  byId("empty").hidden = true;
  byId("claim").hidden = false;
  byId("copies").hidden = false;
  const banner = byId("disposition");
  banner.className = `disposition ${result.disposition}`;
  banner.replaceChildren(make("strong", {}, WORDS[result.disposition]), make("ul", {}, ...result.reasons.map((reason) => make("li", {}, reason))));
  showLines(view);
  byId("gaps-section").hidden = !result.gaps.length;
  byId("gaps").replaceChildren(...result.gaps.map((gap, index) => gapItem(view, gap, index)));
  byId("not-section").hidden = !result.considered.length;
  byId("considered").replaceChildren(...result.considered.map((item, index) => consideredItem(view, item, index)));
  byId("warn-section").hidden = !result.warnings.length;
  byId("warnings").replaceChildren(...result.warnings.map((warning) => make("li", {}, warning)));
  byId("ruleset").textContent = result.ruleset ? `Rules: ${result.ruleset}` : "";
}

export function showLines(view) {
  const { result } = view;
  const items = result.lines.map((line, index) => lineItem(view, line, index));
  view.added.forEach((added, index) => items.push(addedItem(view, added, index)));
  byId("lines").replaceChildren(...items);
  if (!items.length) byId("lines").append(make("li", {}, "The note supports no claim line."));
  byId("add-row").hidden = view.closed;
  showFinish(view);
}

function quotes(view, spans, ids) {
  return spans.map((span, index) => {
    const text = span.text ?? view.textOf(span);
    return text
      ? make("button", { type: "button", class: "quote", onclick: () => view.hold([ids[index]], "words") }, `\u201c${text}\u201d`)
      : make("span", { class: "rule" }, `characters ${span.start} to ${span.end}`);
  });
}

function hover(view, key) {
  const ids = view.idsOf(key);
  return {
    onpointerenter: () => view.hover(ids, key),
    onpointerleave: () => view.hover([]),
    // Scrolling under a pressed pointer would make the click miss, so only the keyboard scrolls.
    onfocusin: (event) => view.hold(ids, event.target.matches(":focus-visible") ? "words" : null, key),
    onfocusout: () => view.hold([]),
  };
}

function lineItem(view, line, index) {
  const key = `line ${index}`;
  const ids = view.idsOf(key);
  const decision = view.decisions.get(index);
  const shown = decision?.action === "change" ? decision.to : line;
  const head = make("button", { type: "button", class: "line-head", onclick: () => view.hold(ids, "words", key) },
    make("span", { class: "code" }, lineText(shown)), make("span", { class: "dx" }, shown.diagnoses.join(", ") || "no diagnosis"),
    make("span", { class: "label" }, shown === line ? line.label : `was ${lineText(line)} ${line.label}`));
  const why = make("details", {}, make("summary", {}, "Why"), make("ul", { class: "why" },
    ...(line.trace.length ? line.trace : [{ rule: "", says: "The note says:", evidence: line.evidence.map((_, at) => at) }]).map((step) =>
      make("li", {}, `${step.says} `, make("span", { class: "rule" }, step.rule), " ",
        ...quotes(view, step.evidence.map((at) => line.evidence[at]).filter(Boolean), step.evidence.map((at) => ids[at]))))));
  const item = make("li", { "data-key": key, class: decision?.action === "reject" ? "rejected" : "", ...hover(view, key) }, head, why);
  if (decision) item.append(make("p", { class: "decided" }, decidedWords(decision)));
  if (!view.closed) {
    const set = (next) => { view.decide(index, next); };
    item.append(make("div", { class: "acts", role: "group", "aria-label": `Decision on ${line.code}` },
      make("button", { type: "button", "aria-pressed": String(decision?.action === "accept"), onclick: () => set({ action: "accept", line: index }) }, "Accept"),
      make("button", { type: "button", "aria-pressed": String(decision?.action === "change"), onclick: () => edit(view, item, shown, (to, reason) => set({ action: "change", line: index, to, reason })) }, "Change"),
      make("button", { type: "button", "aria-pressed": String(decision?.action === "reject"), onclick: () => askReason(item, "Why must this line not be billed?", "Reject the line", (reason) => set({ action: "reject", line: index, reason })) }, "Reject")));
  }
  return item;
}

const decidedWords = (decision) =>
  ({ accept: "Accepted", change: "Changed", reject: "Rejected" })[decision.action] + (decision.reason ? `: ${decision.reason}` : "");

function addedItem(view, added, index) {
  const item = make("li", {}, make("p", {}, make("span", { class: "code" }, lineText(added.to)), " ", make("span", { class: "dx" }, added.to.diagnoses.join(", "))),
    make("p", { class: "decided" }, `Added: ${added.reason}`));
  if (!view.closed) item.append(make("div", { class: "acts" }, make("button", { type: "button", onclick: () => view.removeAdded(index) }, "Remove")));
  return item;
}

function closeForms() {
  for (const form of document.querySelectorAll("#lines form, #add-row form, #finish form")) form.remove();
}

let serial = 0;
function field(label, value, attributes = {}, wide = false) {
  const id = `field-${serial += 1}`;
  const input = make("input", { id, value, autocomplete: "off", ...attributes });
  return { input, row: make("p", { class: wide ? "wide" : "" }, make("label", { for: id }, label), input) };
}

export function edit(view, place, line, done) {
  closeForms();
  const code = field("Code", line.code, { required: true, pattern: "[A-Za-z0-9]{5}", maxlength: 5, title: "five letters or digits" });
  const units = field("Units", String(line.units), { required: true, type: "number", min: 1, max: 999 });
  const modifiers = field("Modifiers", line.modifiers.join(" "), { pattern: "([A-Za-z0-9]{2}[ ,]*){0,4}", title: "up to four, such as 25 59" });
  const diagnoses = field("Diagnoses", line.diagnoses.join(" "), { pattern: "([A-Za-z][0-9][0-9A-Za-z](\\.[0-9A-Za-z]{1,4})?[ ,]*){0,4}", title: "up to four ICD-10-CM codes, primary first" });
  const reason = field("Reason", "", { required: true, maxlength: 1000 }, true);
  const list = (input) => input.value.toUpperCase().split(/[\s,]+/).filter(Boolean);
  const form = make("form", { class: "edit", onsubmit: (event) => {
    event.preventDefault();
    const word = code.input.value.toUpperCase();
    done({ code: word, system: /^[A-Z]/.test(word) ? "HCPCS" : "CPT", units: Number(units.input.value), modifiers: list(modifiers.input), diagnoses: list(diagnoses.input) }, reason.input.value.trim());
  } }, code.row, units.row, modifiers.row, diagnoses.row, reason.row,
  make("p", { class: "wide acts" }, make("button", { type: "submit", class: "main" }, "Keep this line"), make("button", { type: "button", onclick: () => form.remove() }, "Cancel")));
  place.append(form);
  code.input.focus();
}

function askReason(place, question, word, done) {
  closeForms();
  const reason = field(question, "", { required: true, maxlength: 1000 }, true);
  const form = make("form", { class: "edit", onsubmit: (event) => { event.preventDefault(); done(reason.input.value.trim()); } },
    reason.row, make("p", { class: "wide acts" }, make("button", { type: "submit", class: "main" }, word), make("button", { type: "button", onclick: () => form.remove() }, "Cancel")));
  place.append(form);
  reason.input.focus();
}

function showFinish(view) {
  const place = byId("finish");
  place.replaceChildren();
  if (!view.canDecide) return;
  if (view.closed) {
    place.append(make("p", { class: "decided" }, { accepted: "This claim was accepted.", rejected: "Every line was rejected.", superseded: "A newer version of this note was coded.", withdrawn: "The note was withdrawn." }[view.state] ?? "Decided."));
    return;
  }
  const open = view.result.lines.filter((_, index) => !view.decisions.has(index)).length;
  const finish = () => {
    if (view.result.disposition === "hold") askReason(place, "The claim is on hold. Why may it be closed anyway?", "Finish anyway", (reason) => view.finish(reason));
    else view.finish(null);
  };
  if (view.result.lines.length > 1 && open) {
    place.append(make("p", {}, make("button", { type: "button", onclick: () => view.acceptAll() }, `Accept the ${open} open line${open === 1 ? "" : "s"}`)));
  }
  place.append(make("p", {}, make("button", { type: "button", class: "main", disabled: open > 0, onclick: finish }, "Finish this claim")));
  if (open) place.append(make("p", { class: "hint" }, `${open} line${open === 1 ? " is" : "s are"} still undecided.`));
}

function gapItem(view, gap, index) {
  const key = `gap ${index}`;
  const state = gap.state ?? "open";
  const item = make("li", { "data-key": key, ...hover(view, key) },
    make("p", {}, make("span", { class: `badge ${gap.severity}` }, gap.severity), " ", make("span", { class: "rule" }, `${gap.element}, ${GAP_WORDS[state]}`)),
    make("p", {}, gap.query), gap.about ? make("p", { class: "hint" }, `About: ${gap.about}`) : null);
  const evidence = quotes(view, gap.evidence, view.idsOf(key));
  if (evidence.length) item.append(make("p", {}, ...evidence));
  const acts = make("div", { class: "acts" }, make("button", { type: "button", onclick: () => view.copy(gap.query, "Question copied.") }, "Copy the question"));
  if (view.canDecide) {
    for (const [next, word] of [["sent", "Mark as sent"], ["answered", "Answered"], ["changed", "Note changed"], ["open", "Open again"]]) {
      if (next !== state) acts.append(make("button", { type: "button", class: "quiet", onclick: () => view.moveGap(index, next) }, word));
    }
  }
  item.append(acts);
  return item;
}

function consideredItem(view, item, index) {
  const key = `considered ${index}`;
  return make("li", { "data-key": key, ...hover(view, key) },
    make("p", {}, make("span", { class: "code" }, item.code), " ", item.reason, " ", make("span", { class: "rule" }, item.rule)),
    ...quotes(view, item.evidence, view.idsOf(key)).map((quote) => make("p", {}, quote)));
}

export function lightLines(found, reveal) {
  const keys = new Set(found);
  let first = null;
  for (const item of document.querySelectorAll("[data-key]")) {
    const lit = keys.has(item.dataset.key);
    item.classList.toggle("lit", lit);
    if (lit && !first) first = item;
  }
  if (reveal && first) {
    first.scrollIntoView({ block: "nearest" });
    const code = first.querySelector(".code");
    say(code ? `Evidence for ${code.textContent}` : "Evidence for a question");
  }
  return first;
}

export function asText(view) {
  const context = view.result.context;
  const head = [`Date of service ${context.date_of_service}`, `payer ${context.payer}`, `place ${context.place_of_service}`].join(", ");
  return [head, ...view.finalLines().map((line, index) => `${index + 1}. ${lineText(line)}  ${line.diagnoses.join(", ")}`)].join("\n") + "\n";
}

export function asCsv(view) {
  const context = view.result.context;
  const rows = view.finalLines().map((line, index) => [index + 1, context.date_of_service, context.place_of_service, line.code, ...[0, 1, 2, 3].map((at) => line.modifiers[at] ?? ""), line.units, ...[0, 1, 2, 3].map((at) => line.diagnoses[at] ?? "")].join(","));
  return ["line,date_of_service,place_of_service,code,modifier_1,modifier_2,modifier_3,modifier_4,units,diagnosis_1,diagnosis_2,diagnosis_3,diagnosis_4", ...rows].join("\r\n") + "\r\n";
}
