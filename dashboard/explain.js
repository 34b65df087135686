import { ask } from './ask.js';
import { byId, el, pill, table } from './dom.js';
import { micros, moment } from './format.js';

/** @import { Child } from './dom.js' */
/** @import { Explained, Step } from './types.d.ts' */

const dialog = /** @type {HTMLDialogElement} */ (byId('explain'));
const body = byId('explain-body');
const effects = { allow: 'allowed', deny: 'denied', failed: 'failed' };
const verdicts = { pass: 'allow', abstain: 'quiet', reject: 'deny', fail: 'failed' };

/** @param {string} term @param {Child} value */
const fact = (term, value) => (value === null ? [] : [el('dt', {}, term), el('dd', {}, value)]);

/** @param {Step['detail']} detail */
const shownDetail = (detail) =>
  el(
    'dl',
    { class: 'detail' },
    ...Object.entries(detail).flatMap(([name, value]) =>
      fact(name, Array.isArray(value) ? value.join(', ') : String(value)),
    ),
  );

/** @param {Step} step @param {boolean} timed */
const row = ({ step, rule, shadow, verdict, reason, title, duration_us: took, detail }, timed) => [
  step,
  el('span', {}, pill(verdicts[verdict], verdict), shadow ? el('span', { class: 'tag' }, 'shadow') : null),
  rule ?? '–',
  el(
    'div',
    {},
    reason === null ? null : el('p', { class: 'why' }, el('code', {}, reason), ` ${title ?? ''}`),
    shownDetail(detail),
  ),
  ...(timed ? [micros(took)] : []),
];

/** Only an address that a browser opens as a page is a link. @param {Explained} decision */
function trace({ trace_id: id, trace_url: url }) {
  if (id === null || url === null || !/^https?:\/\//.test(url)) return id;
  return el('a', { href: url, target: '_blank', rel: 'noreferrer' }, id);
}

/** @param {Explained} decision */
function story(decision) {
  const timed = decision.steps.some(({ duration_us: took }) => took !== null);
  const { service, effect, status, reason, title, method, host, path, client, principal } = decision;
  return el(
    'article',
    {},
    el(
      'p',
      { class: 'verdict' },
      pill(effect, effects[effect]),
      status === null ? null : el('span', { class: 'status' }, status),
      service === 'process' ? el('span', { class: 'tag' }, 'message on its way') : null,
      reason === null ? null : el('code', {}, reason),
      title === null ? null : ` ${title}`,
    ),
    el('p', { class: 'request large' }, el('span', { class: 'method' }, method ?? '?'), ' ', path ?? '(no path)'),
    el(
      'dl',
      { class: 'facts' },
      ...fact('Decision', el('code', {}, decision.id)),
      ...fact('Time', moment(decision.time)),
      ...fact('Took', micros(decision.duration_us)),
      ...fact('Host', host),
      ...fact('Rule', decision.rule ?? 'none'),
      ...fact('Client', client),
      ...fact('Principal', principal),
      ...fact('User agent', decision.user_agent),
      ...fact('Request id', decision.request_id),
      ...fact('Trace', trace(decision)),
      ...fact('Config', el('code', {}, decision.config_version.slice(0, 16))),
    ),
    table(
      'Every step, in its order',
      ['Step', 'Verdict', 'Rule', 'Why', ...(timed ? ['#Took'] : [])],
      decision.steps.map((step) => row(step, timed)),
      'No step was reached.',
    ),
  );
}

/** @param {...Node} content */
function show(...content) {
  const close = el('button', { type: 'button', class: 'quiet' }, 'Close');
  close.addEventListener('click', () => dialog.close());
  body.replaceChildren(
    el('div', { class: 'head' }, el('h2', { id: 'explain-title' }, 'Why it was decided so'), close),
    ...content,
  );
  if (!dialog.open) dialog.showModal();
}

/** Opens the story of a decision. @param {string} id */
export async function explain(id) {
  try {
    const { decisions } = await (await ask(`decisions/${encodeURIComponent(id)}`)).json();
    show(...decisions.map(story));
  } catch (error) {
    show(el('p', { class: 'fault' }, error instanceof Error ? error.message : 'It cannot be told.'));
  }
}

/** Lets people ask for any decision by its id. */
export function watchFind() {
  byId('find').addEventListener('submit', (event) => {
    event.preventDefault();
    const input = /** @type {HTMLInputElement} */ (byId('decision-id'));
    void explain(input.value.trim());
  });
}

/** Closes what is open. */
export const closeExplain = () => dialog.close();
