// Brings what stands in an element to what should stand there, changing only what differs (docs/adr/0092). Takes the
// components of components.mjs; text stays text: nothing here can become markup.

const KEYS = ["data-appeal-id", "data-incident-id"];
const NOT_ATTRIBUTES = new Set(["children", "className", "style"]);

const listOf = (children) => (Array.isArray(children) ? children : [children]).filter((c) => c !== null && c !== undefined && c !== false);
const keyIn = (props) => KEYS.map((name) => props[name]).find((key) => key !== undefined);
const keyOn = (element) => KEYS.map((name) => element.getAttribute?.(name)).find(Boolean);

/** @param {Element} parent @param {object|string|number|Array} children components, text, or a list of both */
export function show(parent, children) {
  let at = parent.firstChild;
  for (const child of listOf(children)) {
    if (typeof child !== "object") {
      at = showText(parent, at, String(child));
      continue;
    }
    const kept = find(parent, at, child);
    const element = kept ?? parent.ownerDocument.createElement(child.type.toLowerCase());
    if (kept && kept === at) at = at.nextSibling;
    else parent.insertBefore(element, at);
    showAttributes(element, child.props);
    show(element, child.props.children ?? []);
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

/** The element that already shows this child: a row by its key, wherever it stands; anything else by its place. */
function find(parent, at, child) {
  const key = keyIn(child.props);
  if (key !== undefined) return [...parent.children].find((element) => keyOn(element) === String(key));
  return at?.localName === child.type.toLowerCase() && !keyOn(at) ? at : undefined;
}

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
