import { byId, el, pill } from './dom.js';
import { explain } from './explain.js';
import { clock, count, cut, micros } from './format.js';

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
/** The filter of what is shown. */
let shown = '';
/** Whether what comes next is shown although it is paused: nothing is, yet. */
let isFirst = true;

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
      el('span', { class: 'path' }, path === null ? '(no path)' : cut(path, 120)),
      host === null ? null : el('span', { class: 'host' }, cut(host, 60)),
    ),
    el('td', {}, cut(rule ?? '–', 60), decision.shadow ? el('span', { class: 'tag' }, 'shadow') : null),
    el('td', {}, reason ?? '–'),
    el(
      'td',
      {},
      cut(principal ?? client ?? '–', 60),
      principal !== null && client !== null ? el('span', { class: 'host' }, client) : null,
    ),
    el('td', { class: 'number' }, micros(took)),
  );
}

function tell() {
  const parts = [];
  if (paused) parts.push(waiting.length === 0 ? 'paused' : `paused, ${count(waiting.length)} wait`);
  if (missed > 0) parts.push(`${count(missed)} skipped: at most 20 a second are shown`);
  note.textContent = parts.join(' · ');
}

/** @param {Decision[]} decisions the latest first */
function add(decisions) {
  const known = new Set([...stream.children].map((one) => one.getAttribute('data-id')));
  stream.prepend(...decisions.filter(({ id, service }) => service === 'process' || !known.has(id)).map(row));
  // Whoever stands on a row keeps it.
  for (const old of [...stream.children].slice(rowsMax)) if (!old.contains(document.activeElement)) old.remove();
  byId('stream-none').hidden = stream.children.length > 0;
}

/** Shows decisions that have come. @param {{ decisions: Decision[], skipped: number }} batch */
export function takeDecisions({ decisions, skipped }) {
  missed += skipped;
  if (paused && !isFirst) waiting = [...decisions, ...waiting].slice(0, waitingMax);
  else add(decisions);
  isFirst = false;
  tell();
}

/** Gets ready for the decisions of a stream. Who has paused keeps what they look at, unless they ask for something else. @param {string} query */
export function beginDecisions(query) {
  if (!paused || query !== shown) clearDecisions();
  waiting = [];
  shown = query;
}

/** Forgets all. */
export function clearDecisions() {
  stream.replaceChildren();
  isFirst = true;
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
