import { STATUS_CODES } from 'node:http';
import type { HeaderMutation } from '../../core/decision.ts';
import type { EndpointAnswer, EndpointRequest } from '../../core/endpoint.ts';

/** Why a login or a logout did not come to its end: stable codes of our own pages, see docs/identity.md. */
const problems = Object.freeze({
  login_lost: [400, 'This login was not begun in this browser, has been used already, or took too long.'],
  login_denied: [403, 'The identity provider did not let you in, or you broke off.'],
  login_failed: [400, 'The identity provider could not complete the login.'],
  login_unverified: [400, 'What the identity provider answered could not be verified.'],
  login_insufficient: [403, 'The login was not as strong, or as recent, as the page demands.'],
  session_too_large: [500, 'The session does not fit into cookies.'],
  request_malformed: [400, 'The request is not one that this page takes.'],
  other_origin: [403, 'The request came from another site.'],
  provider_unavailable: [503, 'The identity provider cannot be reached.'],
  store_unavailable: [503, 'The sessions cannot be reached.'],
} as const satisfies Record<string, readonly [status: number, text: string]>);

/** A code of the table. */
export type Problem = keyof typeof problems;

/** Where a page leads on to: a path of ours. */
interface Lead {
  readonly path: string;
  readonly words: string;
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => escapes[sign] ?? '');

const noStore: HeaderMutation = Object.freeze({ name: 'cache-control', value: 'no-store' });
const style =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:32rem;margin:15vh auto;padding:0 1rem;color:#1b1f24;background:#fff}' +
  'h1{font-size:1.3rem}code{color:#57606a}a,button{font:inherit}' +
  '@media(prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}code{color:#8d96a0}a{color:#6cb6ff}}';

/** An HTML page that runs nothing and loads nothing; the content is HTML already. */
function page(
  status: number,
  title: string,
  content: string,
  headers: readonly HeaderMutation[],
  head = '',
): EndpointAnswer {
  return {
    status,
    headers: [
      { name: 'content-type', value: 'text/html; charset=utf-8' },
      noStore,
      {
        name: 'content-security-policy',
        // A form may lead on to the provider's own logout, whose origin a redirect from here has to be allowed.
        value: "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
      },
      ...headers,
    ],
    body:
      `<!doctype html><html lang="en"><head><meta charset="utf-8">${head}<title>${escaped(title)}</title>` +
      `<meta name="viewport" content="width=device-width"><style>${style}</style></head>` +
      `<body><h1>${escaped(title)}</h1>${content}</body></html>\n`,
  };
}

const wantsHtml = ({ headers }: Pick<EndpointRequest, 'headers'>): boolean =>
  (headers.get('accept') ?? []).some((accept) => accept.includes('text/html'));

/** Says what went wrong, to people in HTML and to programs as problem+json (RFC 9457); nothing of the request is told again. */
export function problemPage(
  request: Pick<EndpointRequest, 'headers'>,
  problem: Problem,
  lead: Lead,
  headers: readonly HeaderMutation[] = [],
): EndpointAnswer {
  const [status, text] = problems[problem];
  if (wantsHtml(request)) {
    const link = `<p><a href="${escaped(lead.path)}">${escaped(lead.words)}</a></p>`;
    return page(status, text, `<p><code>${problem}</code></p>${link}`, headers);
  }
  const title = STATUS_CODES[status];
  return {
    status,
    headers: [{ name: 'content-type', value: 'application/problem+json' }, noStore, ...headers],
    body: `${JSON.stringify({ type: 'about:blank', title, status, detail: text, reason: problem })}\n`,
  };
}

/** Leads a browser on by a redirect that turns any method into GET (RFC 9110 section 15.4.4). */
export const seeOther = (location: string, headers: readonly HeaderMutation[] = []): EndpointAnswer => ({
  status: 303,
  headers: [{ name: 'location', value: location }, noStore, ...headers],
  body: '',
});

/**
 * Leads a browser on by a page of our own. After a redirect that began at the provider a browser keeps back cookies that
 * are SameSite=Strict; from here the next request is the same site's.
 */
export const stepOn = (location: string, headers: readonly HeaderMutation[]): EndpointAnswer =>
  page(
    200,
    'You are logged in.',
    `<p><a href="${escaped(location)}">Go on</a></p>`,
    headers,
    `<meta http-equiv="refresh" content="0;url=${escaped(location)}">`,
  );

/** Asks whether a logout is meant, where nobody can tell that a person asked for it. */
export const confirmPage = (action: string): EndpointAnswer =>
  page(
    200,
    'Log out?',
    `<form method="post" action="${escaped(action)}"><button>Log out</button></form>`,
    // The form's Origin header would be "null" without it.
    [{ name: 'referrer-policy', value: 'same-origin' }],
  );
