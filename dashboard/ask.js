// The token stands in this tab alone, until it is closed, or signs out, or the token is not taken any more.
const place = 'portcullis-admin-token';

/** The admin API does not take the token. */
export class Refused extends Error {}

/** The admin API answers, and not what was asked for. */
export class Declined extends Error {}

export const token = {
  get: () => sessionStorage.getItem(place),
  /** @param {string} value */
  keep: (value) => sessionStorage.setItem(place, value),
  forget: () => sessionStorage.removeItem(place),
};

/**
 * Asks the admin API. Rejects with a Refused for the token, and with an Error whose message is for people.
 * @param {string} path from the page's own folder
 * @param {{ method?: string, body?: unknown, signal?: AbortSignal }} [options]
 * @returns {Promise<Response>}
 */
export async function ask(path, { method = 'GET', body, signal } = {}) {
  /** @type {Record<string, string>} */
  const headers = { authorization: `Bearer ${token.get() ?? ''}` };
  if (body !== undefined) headers['content-type'] = 'application/json';
  /** @type {RequestInit} */
  const init = { method, headers, cache: 'no-store', credentials: 'omit', redirect: 'error' };
  if (body !== undefined) init.body = JSON.stringify(body);
  if (signal !== undefined) init.signal = signal;
  const answer = await fetch(path, init);
  if (answer.ok) return answer;
  const { code = '', detail = '' } = await answer.json().catch(() => ({}));
  const why = detail || `the answer was ${answer.status}`;
  if (answer.status === 401 || code === 'admin_token_unset') throw new Refused(why);
  throw new Declined(why);
}

/**
 * Reads events as they come (text/event-stream), until the stream ends.
 * @param {Response} answer
 * @param {(event: string, data: any) => void} told
 */
export async function readEvents(answer, told) {
  if (answer.body === null) return;
  let waiting = '';
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    waiting += read.value;
    const events = waiting.split('\n\n');
    waiting = events.pop() ?? '';
    for (const event of events) {
      const [, name = '', data = ''] = /^event: (.*)\ndata: (.*)$/s.exec(event) ?? [];
      if (name !== '') told(name, JSON.parse(data));
    }
  }
}
