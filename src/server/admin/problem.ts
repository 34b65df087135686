import { STATUS_CODES } from 'node:http';
import type { HeaderMutation } from '../../core/decision.ts';
import type { Page } from '../http/page.ts';

/** Why the admin API does not do something; the codes are stable, the table has their statuses. */
const statuses = {
  admin_token_unset: 403,
  admin_token_missing: 401,
  admin_token_wrong: 401,
  browser_refused: 403,
  media_type_unsupported: 415,
  body_too_large: 413,
  body_incomplete: 408,
  body_malformed: 400,
  request_invalid: 422,
  nothing_found: 404,
  too_many_streams: 429,
  store_unavailable: 503,
  internal_error: 500,
} as const satisfies Record<string, number>;

/** A code of the table. */
export type AdminProblem = keyof typeof statuses;

/** The page that says why not: problem+json (RFC 9457) with the code as a member. */
export const problemPage = (code: AdminProblem, detail: string): Page => {
  const status = statuses[code];
  const problem = { type: 'about:blank', title: STATUS_CODES[status], status, code, detail };
  return {
    status,
    headers: [{ name: 'content-type', value: 'application/problem+json' }, ...headersOf(code)],
    body: `${JSON.stringify(problem)}\n`,
  };
};

// RFC 6750 section 3: an error is told only to who presented a token.
const challenge = 'Bearer realm="portcullis-admin"';

function headersOf(code: AdminProblem): readonly HeaderMutation[] {
  switch (code) {
    case 'admin_token_missing':
      return [{ name: 'www-authenticate', value: challenge }];
    case 'admin_token_wrong':
      return [{ name: 'www-authenticate', value: `${challenge}, error="invalid_token"` }];
    case 'body_too_large':
    case 'body_incomplete':
      // The rest of the body is not read, so nothing can follow it on this connection.
      return [{ name: 'connection', value: 'close' }];
    default:
      return [];
  }
}
