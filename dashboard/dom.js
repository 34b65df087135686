/** @typedef {string | number | Node | null | undefined | false} Child */
/** @typedef {Record<string, string | number | boolean | null | undefined | ((event: Event) => void)>} Props */

/**
 * Makes an element. Children that are no nodes become text, never markup: what callers sent is among them.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Props} [props] attributes; a function listens to the event of its name
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function el(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === 'function') element.addEventListener(name, value);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  for (const child of children)
    if (child !== null && child !== undefined && child !== false) element.append(text(child));
  return element;
}

/** @param {string | number | Node} child */
const text = (child) => (child instanceof Node ? child : String(child));

/**
 * The element with an id; the page has it.
 * @template {HTMLElement} [T=HTMLElement]
 * @param {string} id
 * @returns {T}
 */
export function byId(id) {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the page has no #${id}`);
  return /** @type {T} */ (element);
}

/** @type {WeakMap<Element, string>} */
const drawn = new WeakMap();

/**
 * Draws data into a place when it has changed; whoever has the focus in it keeps it, by data-key.
 * @template T
 * @param {HTMLElement} place
 * @param {T} data
 * @param {(data: T) => Child[]} draw
 */
export function draw(place, data, draw) {
  const print = JSON.stringify(data);
  if (drawn.get(place) === print) return;
  drawn.set(place, print);
  const focused = document.activeElement;
  const key = focused instanceof HTMLElement && place.contains(focused) ? focused.dataset.key : undefined;
  const children = draw(data).filter((child) => child !== null && child !== undefined && child !== false);
  place.replaceChildren(...children.map(text));
  if (key === undefined) return;
  const again = [...place.querySelectorAll('[data-key]')].find(
    (one) => one instanceof HTMLElement && one.dataset.key === key,
  );
  if (again instanceof HTMLElement) again.focus({ preventScroll: true });
}

/**
 * A table with a caption and headed columns; a column whose name begins with "#" holds numbers.
 * @param {string} caption
 * @param {string[]} columns
 * @param {Child[][]} rows the first cell of each heads its row
 * @param {string} none what is said where there are no rows
 * @returns {HTMLElement}
 */
export function table(caption, columns, rows, none) {
  if (rows.length === 0) return el('p', { class: 'none' }, none);
  const kinds = columns.map((name) => (name.startsWith('#') ? 'number' : undefined));
  const head = columns.map((name, at) => el('th', { scope: 'col', class: kinds[at] }, name.replace(/^#/, '')));
  const body = rows.map((cells) =>
    el(
      'tr',
      {},
      ...cells.map((cell, at) =>
        at === 0 ? el('th', { scope: 'row', class: kinds[at] }, cell) : el('td', { class: kinds[at] }, cell),
      ),
    ),
  );
  return el(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption },
    el(
      'table',
      {},
      el('caption', { class: 'unseen' }, caption),
      el('thead', {}, el('tr', {}, ...head)),
      el('tbody', {}, ...body),
    ),
  );
}

/**
 * A word in a small coloured frame.
 * @param {string} kind
 * @param {string} [word]
 */
export const pill = (kind, word = kind) => el('span', { class: `pill ${kind}` }, word);
