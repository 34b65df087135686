import type { IncomingMessage } from 'node:http';
import type { AdminAct, AdminAudit, AdminObject } from '../../core/administration.ts';
import { errorName } from '../../core/bug.ts';
import { type Json, own } from '../../core/json.ts';
import type { Log } from '../../core/ports.ts';
import { parseStrictJson } from '../../core/strict-json.ts';
import { StoreUnavailable } from '../../core/unavailable.ts';
import { announcesBody, readBody } from '../http/body.ts';
import { jsonPage, methodNotAllowed, type Page } from '../http/page.ts';
import { type AdminProblem, problemPage } from './problem.ts';
import { checkToken } from './token.ts';

/** What an action gets: of a method without a body, the body is undefined. */
export interface AdminRequest {
  readonly query: URLSearchParams;
  readonly body: Json | undefined;
}

/** What an action says; absent: there is nothing like what was named. */
export type AdminOutcome =
  | { readonly kind: 'done'; readonly status: 200 | 201; readonly value: unknown; readonly object?: AdminObject }
  /** A line for each thing that is wrong with the request. */
  | { readonly kind: 'absent'; readonly detail: string; readonly object?: AdminObject }
  | { readonly kind: 'invalid'; readonly issues: readonly string[]; readonly object?: AdminObject };

/** Does what was asked. May reject with a StoreUnavailable, which is answered with 503. */
type AdminAction = (request: AdminRequest) => AdminOutcome | Promise<AdminOutcome>;

/** The methods of a path that change or tell what operators alone may. */
type AdminRoute = { readonly [method in keyof typeof methods]?: AdminAction };

/** The API by path; whatever is in it wants the admin token. */
export type AdminRoutes = Readonly<Record<string, AdminRoute>>;

/** What the API stands on. */
interface AdminApiDeps {
  readonly routes: AdminRoutes;
  /** The token that administrators prove themselves by, asked for each time; undefined: nobody can. */
  readonly token: () => string | undefined;
  readonly audit: AdminAudit;
  readonly log: Log;
}

/** The part of the admin pages that wants a token. */
export interface AdminApi {
  /** Whether a path is one of its routes. */
  takes(path: string): boolean;
  /** The answer to a request at one of them. Never rejects. */
  answer(request: IncomingMessage, path: string): Promise<Page>;
}

const methods = Object.freeze({
  GET: 'read',
  POST: 'create',
  PUT: 'update',
  DELETE: 'delete',
} as const satisfies Record<string, AdminAct['activity']>);
const isMethod = (method: string): method is keyof typeof methods => Object.hasOwn(methods, method);

const maxBodyBytes = 64 * 1024;
/** Who has the token: there is one, so all who have it go by one name. */
const administrator = 'admin';

/** What became of a request: the page, and what audit hears besides. */
interface Answered {
  readonly page: Page;
  readonly actor: string | undefined;
  readonly refusal: AdminProblem | undefined;
  readonly object?: AdminObject | undefined;
}

/** The API over its routes. */
export function openAdminApi({ routes, token, audit, log }: AdminApiDeps): AdminApi {
  return {
    takes: (path) => Object.hasOwn(routes, path),
    answer: async (request, path) => {
      const route = own(routes, path) ?? {};
      const { method = '' } = request;
      const action = isMethod(method) ? route[method] : undefined;
      if (!isMethod(method) || action === undefined) return methodNotAllowed(Object.keys(route));
      const { page, actor, refusal, object } = await answerTo(request, action, token(), log);
      audit.administered({
        operation: `${method} ${path}`,
        activity: methods[method],
        actor,
        peer: peerOf(request),
        status: page.status,
        refusal,
        object,
      });
      return page;
    },
  };
}

function peerOf({ socket }: IncomingMessage): AdminAct['peer'] {
  const { remoteAddress: address, remotePort: port } = socket;
  return address === undefined || port === undefined ? undefined : { address, port };
}

const refuse = (actor: string | undefined, code: AdminProblem, detail: string, object?: AdminObject): Answered => ({
  page: problemPage(code, detail),
  actor,
  refusal: code,
  object,
});

const strangers = {
  unset: ['admin_token_unset', 'no admin token is configured; set listen.admin.token_file to a file that holds one'],
  missing: ['admin_token_missing', 'send the admin token as "Authorization: Bearer TOKEN"'],
  wrong: ['admin_token_wrong', 'this is not the admin token'],
} as const satisfies Record<string, readonly [AdminProblem, string]>;

async function answerTo(
  request: IncomingMessage,
  action: AdminAction,
  token: string | undefined,
  log: Log,
): Promise<Answered> {
  // A page of somebody else's in an operator's browser sends one; programs do not.
  if (request.headers.origin !== undefined) {
    return refuse(undefined, 'browser_refused', 'requests of browsers are not taken: there is an Origin');
  }
  const check = checkToken(request, token);
  if (check !== 'good') {
    const [code, detail] = strangers[check];
    return refuse(undefined, code, detail);
  }
  const body = hasBody(request) ? await jsonBody(request) : { ok: true as const, value: undefined };
  if (!body.ok) return refuse(administrator, body.code, body.detail);
  try {
    const query = new URLSearchParams(request.url?.split('?').slice(1).join('?') ?? '');
    const outcome = await action({ query, body: body.value });
    const { object } = outcome;
    if (outcome.kind === 'invalid') return refuse(administrator, 'request_invalid', outcome.issues.join('; '), object);
    if (outcome.kind === 'absent') return refuse(administrator, 'nothing_found', outcome.detail, object);
    return { page: jsonPage(outcome.status, outcome.value), actor: administrator, refusal: undefined, object };
  } catch (error) {
    if (error instanceof StoreUnavailable) {
      return refuse(administrator, 'store_unavailable', `${error.message}; it may or may not be done, so ask again`);
    }
    log.error({ error: errorName(error) }, 'an admin action failed');
    return refuse(administrator, 'internal_error', 'a bug on our side');
  }
}

const hasBody = (request: IncomingMessage): boolean =>
  request.method === 'DELETE' ? announcesBody(request) : request.method !== 'GET';

type Body =
  | { readonly ok: true; readonly value: Json | undefined }
  | { readonly ok: false; readonly code: AdminProblem; readonly detail: string };

async function jsonBody(request: IncomingMessage): Promise<Body> {
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/json(?:[ \t]*;[ \t]*charset="?utf-8"?)?$/i.test(type)) {
    return { ok: false, code: 'media_type_unsupported', detail: 'the body must be application/json' };
  }
  if (request.headers['content-encoding'] !== undefined) {
    return { ok: false, code: 'media_type_unsupported', detail: 'the body must not be encoded' };
  }
  let bytes: Uint8Array | undefined;
  try {
    bytes = await readBody(request, maxBodyBytes);
  } catch {
    return { ok: false, code: 'body_incomplete', detail: 'the body did not come whole, or not in time' };
  }
  if (bytes === undefined) return { ok: false, code: 'body_too_large', detail: `more than ${maxBodyBytes} bytes` };
  const parsed = parseStrictJson(bytes, { maxBytes: maxBodyBytes, maxDepth: 8 });
  if (parsed.ok) return { ok: true, value: parsed.value };
  return { ok: false, code: 'body_malformed', detail: `no strict JSON at "${parsed.pointer}": ${parsed.problem}` };
}
