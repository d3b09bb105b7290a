// Small helpers to build elements without markup strings.
export const byId = (id) => document.getElementById(id);

export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "class") element.className = value;
    else if (key === "value") element.value = value;
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export function say(text) {
  byId("said").textContent = text;
}

export function showProblem(error) {
  const alert = byId("alert");
  const words = error ? error.message.trim() : "";
  alert.textContent = words && words[0].toUpperCase() + words.slice(1) + (/[.!?]$/.test(words) ? "" : ".");
  alert.hidden = !error;
  if (error) alert.scrollIntoView({ block: "nearest" });
}
