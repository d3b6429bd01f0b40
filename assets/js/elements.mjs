// Brings what stands in an element to what should stand there, changing only what differs (docs/adr/0092). Takes the
// components of components.mjs; text stays text: nothing here can become markup. What an element shows already is
// remembered with it, so that what stays the same costs a comparison and no look at the document.

const KEYS = ["data-appeal-id", "data-incident-id"];
const NOT_ATTRIBUTES = new Set(["children", "className", "style"]);
const shown = new WeakMap(); // element -> the component that it shows

const listOf = (children) => (Array.isArray(children) ? children : [children]).filter((c) => c !== null && c !== undefined && c !== false);
const keyIn = (props) => KEYS.map((name) => props[name]).find((key) => key !== undefined);
const keyOn = (element) => KEYS.map((name) => element.getAttribute?.(name)).find(Boolean);

/** Whether two components, texts, or lists of them show the same. */
export function isSame(a, b) {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((one, i) => isSame(one, b[i]));
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => isSame(a[name], b[name]));
}

/** @param {Element} parent @param {object|string|number|Array} children components, text, or a list of both */
export function show(parent, children) {
  let at = parent.firstChild;
  let rows = null; // rows by key, looked for when the first one is not where it should be
  for (const child of listOf(children)) {
    if (typeof child !== "object") {
      at = showText(parent, at, String(child));
      continue;
    }
    const key = keyIn(child.props);
    if (key !== undefined && !(at && keyOn(at) === String(key))) rows ??= new Map([...parent.children].map((row) => [keyOn(row), row]));
    const kept = key === undefined ? takePlace(at, child) : (rows?.get(String(key)) ?? (at && keyOn(at) === String(key) ? at : undefined));
    const element = kept ?? parent.ownerDocument.createElement(child.type.toLowerCase());
    if (kept && kept === at) at = at.nextSibling;
    else parent.insertBefore(element, at);
    if (isSame(shown.get(element), child)) continue;
    showAttributes(element, child.props);
    show(element, child.props.children ?? []);
    shown.set(element, child);
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

/** The element in whose place a child without a key is shown: the next one, when it is of the same kind. */
const takePlace = (at, child) => (at?.localName === child.type.toLowerCase() && !keyOn(at) ? at : undefined);

function showText(parent, at, text) {
  if (at?.nodeType !== 3) {
    parent.insertBefore(parent.ownerDocument.createTextNode(text), at);
    return at;
  }
  if (at.data !== text) at.data = text;
  return at.nextSibling;
}

function showAttributes(element, props) {
  const wanted = new Map([["class", props.className], ...Object.entries(props).filter(([name]) => !NOT_ATTRIBUTES.has(name))]);
  for (const [name, value] of wanted) {
    if (value === undefined || value === null) wanted.delete(name);
    else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, String(value));
  }
  for (const { name } of [...element.attributes]) if (name !== "style" && !wanted.has(name)) element.removeAttribute(name);
  const style = props.style ?? {};
  if (!props.style && element.hasAttribute("style")) element.removeAttribute("style");
  for (const [name, value] of Object.entries(style)) if (element.style[name] !== value) element.style[name] = value;
}
