import { byId, el, pill } from './dom.js';
import { explain } from './explain.js';
import { clock, count, micros } from './format.js';

/** @import { Decision } from './types.d.ts' */

const rowsMax = 200;
const waitingMax = 200;

const stream = byId('stream');
const note = byId('decisions-note');
const filter = /** @type {HTMLFormElement} */ (byId('filter'));
const pause = byId('pause');

let paused = false;
/** @type {Decision[]} Those that came while it is paused, the latest first. */
let waiting = [];
let missed = 0;

const words = { allow: 'allowed', deny: 'denied', failed: 'failed' };

/** @param {Decision} decision */
function row(decision) {
  const { id, time, effect, status, reason, rule, method, host, path, client, principal, duration_us: took } = decision;
  const button = el(
    'button',
    { type: 'button', class: 'link', 'aria-label': `Explain the decision of ${clock(time)}, ${id}` },
    clock(time),
  );
  button.addEventListener('click', () => explain(id));
  return el(
    'tr',
    { class: `fresh ${effect}`, 'data-id': id },
    el('td', {}, button),
    el('td', {}, pill(effect, words[effect]), status === null ? null : el('span', { class: 'status' }, status)),
    el(
      'td',
      { class: 'request' },
      el('span', { class: 'method' }, method ?? '?'),
      ' ',
      el('span', { class: 'path' }, path ?? '(no path)'),
      host === null ? null : el('span', { class: 'host' }, host),
    ),
    el('td', {}, rule ?? '–', decision.shadow ? el('span', { class: 'tag' }, 'shadow') : null),
    el('td', {}, reason ?? '–'),
    el(
      'td',
      {},
      principal ?? client ?? '–',
      principal !== null && client !== null ? el('span', { class: 'host' }, client) : null,
    ),
    el('td', { class: 'number' }, micros(took)),
  );
}

function tell() {
  const parts = [];
  if (paused) parts.push(waiting.length === 0 ? 'paused' : `paused, ${count(waiting.length)} wait`);
  if (missed > 0) parts.push(`${count(missed)} skipped: at most 20 a second are shown`);
  const words = parts.join(' · ');
  // Whoever listens to the page should not hear the same again and again.
  if (note.textContent !== words) note.textContent = words;
}

/** @param {Decision[]} decisions the latest first */
function add(decisions) {
  const known = new Set([...stream.children].slice(0, rowsMax).map((one) => one.getAttribute('data-id')));
  stream.prepend(...decisions.filter(({ id, service }) => service === 'process' || !known.has(id)).map(row));
  while (stream.children.length > rowsMax) stream.lastElementChild?.remove();
  byId('stream-none').hidden = stream.children.length > 0;
}

/** Shows decisions that have come. @param {{ decisions: Decision[], skipped: number }} batch */
export function takeDecisions({ decisions, skipped }) {
  missed += skipped;
  if (paused) waiting = [...decisions, ...waiting].slice(0, waitingMax);
  else add(decisions);
  tell();
}

/** Forgets all: another filter begins anew. */
export function clearDecisions() {
  stream.replaceChildren();
  byId('stream-none').hidden = false;
  waiting = [];
  missed = 0;
  tell();
}

/** The filter as a query. */
export function filterQuery() {
  const query = new URLSearchParams();
  const data = new FormData(filter);
  const effects = data.getAll('effect');
  if (effects.length > 0 && effects.length < 3) query.set('effect', effects.join(','));
  for (const name of ['text', 'rule', 'reason', 'client']) {
    const value = String(data.get(name) ?? '').trim();
    if (value !== '') query.set(name, value);
  }
  return query.toString();
}

/** @param {() => void} changed called when another filter is asked for */
export function watchFilter(changed) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let asked = filterQuery();
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (filterQuery() === asked) return;
      asked = filterQuery();
      changed();
    }, 400);
  };
  filter.addEventListener('input', later);
  filter.addEventListener('reset', later);
  filter.addEventListener('submit', (event) => event.preventDefault());
  pause.addEventListener('click', () => {
    paused = !paused;
    pause.setAttribute('aria-pressed', String(paused));
    pause.textContent = paused ? 'Resume' : 'Pause';
    if (!paused) add(waiting.splice(0));
    tell();
  });
}
