import { ask } from './ask.js';
import { byId, draw, el, pill, table } from './dom.js';
import { left, moment } from './format.js';

/** @import { Ban, State } from './types.d.ts' */

const form = /** @type {HTMLFormElement} */ (byId('ban'));
const note = byId('bans-note');
const dialog = /** @type {HTMLDialogElement} */ (byId('confirm'));

/** Asks whether something is meant; false is no. @param {string} question @param {string} word @returns {Promise<boolean>} */
function isSure(question, word) {
  byId('confirm-text').textContent = question;
  byId('confirm-yes').textContent = word;
  dialog.returnValue = '';
  dialog.showModal();
  byId('confirm-no').focus();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true });
  });
}

/** Does it and says so, or why not. @param {() => Promise<unknown>} act @param {string} done */
async function tellOf(act, done) {
  try {
    await act();
    note.className = 'hint';
    note.textContent = done;
  } catch (error) {
    note.className = 'fault';
    note.textContent = error instanceof Error ? error.message : 'It could not be done.';
  }
}

/** Whom a ban means. @param {Ban} ban */
const whom = ({ address, principal }) => ({
  kind: address === undefined ? 'principal' : 'address',
  target: address ?? principal ?? '',
});

/** @param {Ban} ban */
async function lift(ban) {
  const { kind, target } = whom(ban);
  if (!(await isSure(`Lift the ban of ${target}? Its requests are let in again, on every replica.`, 'Lift'))) return;
  const query = new URLSearchParams({ [kind]: target });
  await tellOf(() => ask(`bans?${query}`, { method: 'DELETE' }), `The ban of ${target} is lifted.`);
}

/** @param {Ban} ban @param {string} now */
function row(ban, now) {
  const { tighten, by, why, since, until } = ban;
  const { kind, target } = whom(ban);
  const button = el(
    'button',
    { type: 'button', class: 'quiet', 'data-key': `lift ${target}`, 'aria-label': `Lift the ban of ${target}` },
    'Lift …',
  );
  button.addEventListener('click', () => void lift(ban));
  return [
    el('span', {}, target, el('span', { class: 'host' }, kind)),
    tighten === null ? pill('failed', 'refused') : pill('deny', `counts ${tighten} times`),
    el('span', {}, why, el('span', { class: 'host' }, `${by}, ${moment(since)}`)),
    left(until, now),
    button,
  ];
}

/** @param {State} state */
export function showBans({ bans: { bans, total }, now }) {
  const rows = bans.map((ban) => [ban, left(ban.until, now)]);
  draw(byId('bans-list'), rows, () => [
    table(
      'Bans in force',
      ['Whom', 'Effect', 'Why', '#Left', ''],
      bans.map((ban) => row(ban, now)),
      'Nobody is banned.',
    ),
    total > bans.length && el('p', { class: 'hint' }, `and ${total - bans.length} more`),
  ]);
}

/** Fills in the form for somebody. @param {string} kind @param {string} target */
export function prepareBan(kind, target) {
  const field = (/** @type {string} */ name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
  field('kind').value = kind;
  field('target').value = target;
  byId('bans').scrollIntoView();
  field('why').focus({ preventScroll: true });
}

async function ban() {
  const data = new FormData(form);
  const read = (/** @type {string} */ name) => String(data.get(name) ?? '').trim();
  const target = read('target');
  if (!(await isSure(`Ban ${target} for ${read('for')}? All its requests are refused, on every replica.`, 'Ban')))
    return;
  const body = { [read('kind')]: target, for: read('for'), why: read('why') };
  await tellOf(async () => {
    await ask('bans', { method: 'POST', body });
    form.reset();
  }, `${target} is banned.`);
}

/** Lets people ban, and be asked first. */
export function watchBans() {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void ban();
  });
  byId('confirm-no').addEventListener('click', () => dialog.close('no'));
  byId('confirm-yes').addEventListener('click', () => dialog.close('yes'));
}
