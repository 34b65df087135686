import { ask, Declined, Refused, readEvents, token } from './ask.js';
import { prepareBan, showBans, watchBans } from './bans.js';
import { beginDecisions, clearDecisions, filterQuery, takeDecisions, watchFilter } from './decisions.js';
import { byId } from './dom.js';
import { closeExplain, watchFind } from './explain.js';
import { brief } from './format.js';
import { clearOverview, showOverview } from './overview.js';
import { showPanels } from './panels.js';
import { recolour } from './plots.js';

/** @import { State } from './types.d.ts' */

const silentMs = 10_000;
const longestPauseMs = 15_000;

/** @type {AbortController | undefined} What ends the stream that is open. */
let open;

/** @param {'live' | 'lost' | 'none'} kind @param {string} words */
function connection(kind, words) {
  const place = byId('connection');
  place.dataset.kind = kind;
  if (place.textContent !== words) place.textContent = words;
}

/** @param {State} state */
function show(state) {
  byId('instance').textContent = `${state.version} · config ${brief(state.config_version)}`;
  showOverview(state);
  showPanels(state, prepareBan);
  showBans(state);
}

/** Looks on until the token is refused or another stream begins. */
async function look() {
  open?.abort();
  const ending = new AbortController();
  open = ending;
  for (let pauseMs = 500; !ending.signal.aborted; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    let why = 'connection lost';
    try {
      if (await lookOnce(ending.signal)) pauseMs = 500;
    } catch (error) {
      if (error instanceof Refused) return leave(error.message);
      if (error instanceof Declined) why = error.message;
      if (ending.signal.aborted) return undefined;
    }
    if (ending.signal.aborted) return undefined;
    connection('lost', `${why}, trying again`);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  return undefined;
}

/** One stream to its end; whether it told anything. @param {AbortSignal} ended */
async function lookOnce(ended) {
  const quiet = new AbortController();
  let timer = setTimeout(() => quiet.abort(), silentMs);
  let told = false;
  try {
    const query = filterQuery();
    const answer = await ask(`live/stream?${query}`, { signal: AbortSignal.any([ended, quiet.signal]) });
    beginDecisions(query);
    await readEvents(answer, (event, data) => {
      if (ended.aborted) return;
      clearTimeout(timer);
      timer = setTimeout(() => quiet.abort(), silentMs);
      told = true;
      if (byId('board').hidden) enter();
      if (event === 'decisions') takeDecisions(data);
      if (event === 'state') show(data);
      if (event !== 'end') connection('live', 'live');
    });
    return told;
  } finally {
    clearTimeout(timer);
  }
}

/** Shows the board, once somebody has told us something: the token is good. */
function enter() {
  byId('entrance').hidden = true;
  byId('board').hidden = false;
  byId('sign-out').hidden = false;
  byId('decisions').focus({ preventScroll: true });
}

/** @param {string} why */
function leave(why) {
  open?.abort();
  token.forget();
  closeExplain();
  clearDecisions();
  clearOverview();
  byId('board').hidden = true;
  byId('entrance').hidden = false;
  byId('sign-out').hidden = true;
  byId('instance').textContent = '';
  byId('sign-in-fault').textContent = why;
  connection('none', '');
  byId('token').focus();
}

function watchDoor() {
  const input = /** @type {HTMLInputElement} */ (byId('token'));
  byId('sign-in').addEventListener('submit', (event) => {
    event.preventDefault();
    token.keep(input.value.trim());
    input.value = '';
    byId('sign-in-fault').textContent = '';
    void look();
  });
  byId('sign-out').addEventListener('click', () => {
    token.forget();
    // Nothing of what was shown stays on the page.
    location.reload();
  });
  if (token.get() === null) input.focus();
  else void look();
}

function watchTheme() {
  const choices = ['system', 'light', 'dark'];
  const button = byId('theme');
  const root = document.documentElement;
  const apply = () => {
    button.textContent = `Theme: ${root.dataset.theme ?? 'system'}`;
    recolour();
  };
  button.addEventListener('click', () => {
    const next = choices[(choices.indexOf(root.dataset.theme ?? 'system') + 1) % choices.length] ?? 'system';
    if (next === 'system') delete root.dataset.theme;
    else root.dataset.theme = next;
    localStorage.setItem('portcullis-theme', next);
    apply();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', apply);
  apply();
}

// A tab that nobody sees costs the gateway nothing.
document.addEventListener('visibilitychange', () => {
  if (token.get() === null) return;
  if (document.hidden) {
    open?.abort();
    connection('none', 'not looking');
  } else void look();
});

watchTheme();
watchFilter(() => void look());
watchFind();
watchBans();
watchDoor();
