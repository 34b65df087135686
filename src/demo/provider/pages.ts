import { escaped, htmlPage } from '../html.ts';
import { accountNames, accounts } from './accounts.ts';

/** What the login page has to know. */
interface LoginPage {
  /** Where its form goes. */
  readonly action: string;
  /** Who is known already and has to show more; undefined: nobody. */
  readonly account: string | undefined;
  readonly secondFactor: boolean;
  /** Why the last attempt came to nothing. */
  readonly problem: string | undefined;
}

/** The login page: a name is enough, for this is a demo; a stronger login asks for six digits too, and takes any. */
export function loginPage({ action, account, secondFactor, problem }: LoginPage): string {
  const digits = secondFactor
    ? '<input name="digits" inputmode="numeric" pattern="[0-9]{6}" placeholder="six digits, any" aria-label="Six digits" required autofocus>'
    : '';
  const names =
    account === undefined
      ? accountNames
          .map(
            (name) =>
              `<button name="account" value="${name}">${name} <small>${accounts[name].join(', ')}</small></button>`,
          )
          .join('')
      : `<button name="account" value="${escaped(account)}">Continue as ${escaped(account)}</button>`;
  const other =
    account === undefined
      ? `<form method="post" action="${escaped(action)}">
<input name="account" placeholder="another name" aria-label="Another name" pattern="[a-z][a-z0-9._\\-]{0,31}" required autocomplete="off">
${digits.replace(' autofocus', '')}<button class="quiet">Sign in</button></form>`
      : '';
  return htmlPage(
    'Sign in',
    `<p>The identity provider of the demo: no password, pick who you are.</p>
${problem === undefined ? '' : `<p role="alert">${escaped(problem)}</p>`}
<form method="post" action="${escaped(action)}">${digits}${names}</form>${other}`,
  );
}

/** The page that asks before a logout; the form is the provider's own. */
export const logoutPage = (form: string): string =>
  htmlPage(
    'Sign out?',
    `<p>The application has ended your session. Sign out here too?</p>${form}
<nav><button form="op.logoutForm" name="logout" value="yes" autofocus>Sign out</button>
<button class="quiet" form="op.logoutForm">Stay signed in here</button></nav>`,
  );

/** The page of whatever went wrong. */
export const errorPage = (error: string, description: string): string =>
  htmlPage('That did not work', `<p>${escaped(description)}</p><small>${escaped(error)}</small>`);

/** The page after a logout that nobody sends on. */
export const signedOutPage = (): string =>
  htmlPage('Signed out', '<p>You are signed out of the identity provider.</p>');
