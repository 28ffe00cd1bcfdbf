// A small virtual DOM. Views are plain functions from state to h(...), and render() touches only what
// differs, so that a live update never takes away focus, caret or scroll position. Text is only ever set as
// text: nothing on this page writes innerHTML.

const SVG = "http://www.w3.org/2000/svg";
const PROPERTIES = new Set(["value", "checked", "disabled", "selected", "readOnly"]);
const HOOKS = new Set(["key", "created", "updated", "removed"]);
let afterwards = [];

/** One element. Props: attributes, on… handlers, `key`, and the hooks created(el), updated(el), removed(el). */
export function h(tag, props, ...children) {
  return { tag, props: props ?? {}, children: slots(children, "", new Map()) };
}

/** Make `root` show `children`, changing as little as possible. */
export function render(root, ...children) {
  const focused = document.activeElement;
  const caret = caretOf(focused);
  patch(root, slots(children, "", new Map()));
  if (focused !== document.activeElement && focused?.isConnected && focused !== document.body) {
    focused.focus({ preventScroll: true });
    if (caret) focused.setSelectionRange(...caret);
  }
  const hooks = afterwards;
  afterwards = [];
  for (const hook of hooks) hook();
}

function slots(children, path, into) {
  children.forEach((child, index) => {
    if (Array.isArray(child)) return slots(child, `${path}${index}.`, into);
    if (child === null || child === undefined || typeof child === "boolean" || child === "") return;
    const vnode = typeof child === "object" ? child : { text: String(child) };
    const key = vnode.props?.key;
    into.set(key === undefined ? `${path}${index}` : `${path}key:${key}`, vnode);
  });
  return into;
}

function patch(parent, wanted) {
  const standing = parent.vnodes ?? new Map();
  if (!parent.vnodes) parent.replaceChildren();
  for (const [slot, vnode] of wanted) {
    const old = standing.get(slot);
    if (old && old.tag === vnode.tag) update(old, vnode);
    else vnode.el = create(vnode, parent);
  }
  for (const [slot, old] of standing) {
    if (wanted.get(slot)?.el !== old.el) remove(old);
  }
  let next = parent.firstChild;
  for (const vnode of wanted.values()) {
    if (vnode.el === next) next = next.nextSibling;
    else parent.insertBefore(vnode.el, next);
  }
  parent.vnodes = wanted;
}

function create(vnode, parent) {
  if (vnode.tag === undefined) return document.createTextNode(vnode.text);
  const inSvg = vnode.tag === "svg" || parent.namespaceURI === SVG;
  const el = inSvg ? document.createElementNS(SVG, vnode.tag) : document.createElement(vnode.tag);
  // Before its children's: a dialog opens, then a field in it takes the focus.
  if (vnode.props.created) afterwards.push(() => vnode.props.created(el));
  if (vnode.props.updated) afterwards.push(() => vnode.props.updated(el));
  patch(el, vnode.children);
  setProps(el, {}, vnode.props);
  return el;
}

function update(old, vnode) {
  vnode.el = old.el;
  if (vnode.tag === undefined) {
    if (old.text !== vnode.text) old.el.nodeValue = vnode.text;
    return;
  }
  patch(old.el, vnode.children);
  setProps(old.el, old.props, vnode.props);
  if (vnode.props.updated) afterwards.push(() => vnode.props.updated(old.el));
}

function remove(vnode) {
  tellRemoved(vnode);
  vnode.el.remove();
}

function tellRemoved(vnode) {
  vnode.props?.removed?.(vnode.el);
  for (const child of vnode.children?.values() ?? []) tellRemoved(child);
}

function setProps(el, before, after) {
  for (const name of Object.keys(before)) if (!(name in after)) setProp(el, name, null);
  for (const [name, value] of Object.entries(after)) {
    if (PROPERTIES.has(name) || before[name] !== value) setProp(el, name, value);
  }
}

function setProp(el, name, value) {
  if (HOOKS.has(name)) return;
  if (name.startsWith("on")) el[name.toLowerCase()] = value;
  else if (PROPERTIES.has(name)) {
    if (el[name] !== (value ?? "")) el[name] = value ?? (name === "value" ? "" : false);
  } else if (value === null || value === undefined || value === false) el.removeAttribute(name);
  else el.setAttribute(name, value === true && !name.startsWith("aria-") ? "" : String(value));
}

function caretOf(el) {
  const typed = el instanceof HTMLTextAreaElement || (el instanceof HTMLInputElement && el.type === "text");
  return typed ? [el.selectionStart, el.selectionEnd, el.selectionDirection] : null;
}
