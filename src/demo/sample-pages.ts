import type { IncomingHttpHeaders } from 'node:http';
import { escaped, htmlPage } from './html.ts';

const single = (headers: IncomingHttpHeaders, name: string): string => String(headers[name] ?? '');

/** Who calls, as far as the gateway says it: nobody else can, for it removes what clients send by these names. */
function whoIs(headers: IncomingHttpHeaders): string {
  const facts: readonly (readonly [string, string])[] = [
    ['You are', single(headers, 'x-user')],
    ['vouched for by', single(headers, 'x-user-source')],
    ['signed in with', single(headers, 'x-user-acr').replace(/^.*:/, '')],
  ];
  const lines = facts
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `<dt>${name}</dt><dd>${escaped(value)}</dd>`);
  return `<dl>${lines.join('')}</dl>`;
}

const signOut = '<a class="button quiet" href="/.portcullis/browser/logout">Sign out</a>';

const pages: Readonly<Record<string, (headers: IncomingHttpHeaders) => string>> = Object.freeze({
  '/': () =>
    htmlPage(
      'A small shop',
      '<p>Anybody may see this page. The others ask who you are.</p><nav><a class="button" href="/account">Your account</a></nav>',
    ),
  '/account': (headers) =>
    htmlPage(
      'Your account',
      `<p>This page was let through by the gateway, which told it who you are.</p>${whoIs(headers)}
<nav><a class="button" href="/account/security">Security settings</a>${signOut}</nav>`,
    ),
  '/account/security': (headers) =>
    htmlPage(
      'Security settings',
      `<p>For this page a password was not enough.</p>${whoIs(headers)}<nav><a class="button" href="/account">Your account</a>${signOut}</nav>`,
    ),
});

/** The page at a path of the sample API; undefined where there is none. */
export const samplePage = (path: string, headers: IncomingHttpHeaders): string | undefined =>
  Object.hasOwn(pages, path) ? pages[path]?.(headers) : undefined;
