import type { IncomingMessage } from 'node:http';
import type { AdminAct, AdminAudit, AdminObject } from '../../core/administration.ts';
import { errorName } from '../../core/bug.ts';
import { type Json, own } from '../../core/json.ts';
import type { Log } from '../../core/ports.ts';
import { parseStrictJson } from '../../core/strict-json.ts';
import { systemTimers, type Timers } from '../../core/timers.ts';
import { StoreUnavailable } from '../../core/unavailable.ts';
import { announcesBody, readBody } from '../http/body.ts';
import type { EventStream } from '../http/event-stream.ts';
import { jsonPage, methodNotAllowed, type Page } from '../http/page.ts';
import { isOwnOrigin } from './host.ts';
import { type AdminProblem, problemPage } from './problem.ts';
import { openStreams, type Streams, type Telling } from './streams.ts';
import { checkToken } from './token.ts';

/** What an action gets: of a method without a body, the body is undefined. */
export interface AdminRequest {
  readonly query: URLSearchParams;
  readonly body: Json | undefined;
  /** The last segment of a path that the routes know as `{name}`, percent-decoded. */
  readonly name?: string;
  /** Says what is asked for before it is done: audit tells of it also where it may or may not be done. */
  readonly about: (object: AdminObject) => void;
}

/** What an action says; absent: there is nothing like what was named. */
export type AdminOutcome =
  | { readonly kind: 'done'; readonly status: 200 | 201; readonly value: unknown; readonly object?: AdminObject }
  /** A line for each thing that is wrong with the request. */
  | { readonly kind: 'absent'; readonly detail: string; readonly object?: AdminObject }
  | { readonly kind: 'invalid'; readonly issues: readonly string[]; readonly object?: AdminObject }
  /** Events as they happen. */
  | { readonly kind: 'stream'; readonly tell: Telling; readonly object?: AdminObject };

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
  readonly timers?: Timers;
}

/** The part of the admin pages that wants a token. */
export interface AdminApi {
  /** Whether a path is one of its routes. */
  takes(path: string): boolean;
  /**
   * The answer to a request at one of them: a page, or what begins to tell on a stream of events. isOurs says whether a Host may
   * mean us. Never rejects.
   */
  answer(request: IncomingMessage, path: string, isOurs: HostCheck): Promise<AdminAnswer>;
  /** Ends all streams. */
  close(): void;
}

type HostCheck = (host: string | undefined) => boolean;
type AdminAnswer = Page | ((stream: EventStream) => void);

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

/** What became of a request: what it is answered with, and what audit hears besides. */
interface Answered {
  readonly status: number;
  readonly answer: AdminAnswer;
  readonly actor: string | undefined;
  readonly refusal: AdminProblem | undefined;
  readonly object?: AdminObject | undefined;
}

/** The API over its routes. */
export function openAdminApi({ routes, token, audit, log, timers = systemTimers }: AdminApiDeps): AdminApi {
  const streams = openStreams(token, timers);
  return {
    takes: (path) => placeOf(routes, path) !== undefined,
    answer: async (request, path, isOurs) => {
      const { route = {}, pattern = path, name = '' } = placeOf(routes, path) ?? {};
      const { method = '' } = request;
      const action = isMethod(method) ? route[method] : undefined;
      if (!isMethod(method) || action === undefined) return methodNotAllowed(Object.keys(route));
      let told: AdminObject | undefined;
      const about = (one: AdminObject): void => {
        told = one;
      };
      const act = (asked: Sent) => action({ ...asked, name, about });
      const { status, answer, actor, refusal, object } = await answerTo(request, { act, token, isOurs, streams, log });
      audit.administered({
        operation: `${method} ${pattern}`,
        activity: methods[method],
        actor,
        peer: peerOf(request),
        status,
        refusal,
        object: object ?? told,
      });
      return answer;
    },
    close: streams.close,
  };
}

type Sent = Pick<AdminRequest, 'query' | 'body'>;

/** What a request is answered from. */
interface Asked {
  readonly act: (asked: Sent) => AdminOutcome | Promise<AdminOutcome>;
  readonly token: () => string | undefined;
  readonly isOurs: HostCheck;
  readonly streams: Streams;
  readonly log: Log;
}

const nameMax = 256;

/** The route of a path, with what stands in the place of `{name}`. */
function placeOf(routes: AdminRoutes, path: string) {
  const exact = own(routes, path);
  if (exact !== undefined) return { route: exact, pattern: path, name: '' };
  const cut = path.lastIndexOf('/') + 1;
  const pattern = `${path.slice(0, cut)}{name}`;
  const route = own(routes, pattern);
  const name = route === undefined ? undefined : decoded(path.slice(cut));
  return route === undefined || !name || name.length > nameMax ? undefined : { route, pattern, name };
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

function peerOf({ socket }: IncomingMessage): AdminAct['peer'] {
  const { remoteAddress: address, remotePort: port } = socket;
  return address === undefined || port === undefined ? undefined : { address, port };
}

const paged = (page: Page): Pick<Answered, 'status' | 'answer'> => ({ status: page.status, answer: page });

const refuse = (actor: string | undefined, code: AdminProblem, detail: string, object?: AdminObject): Answered => ({
  ...paged(problemPage(code, detail)),
  actor,
  refusal: code,
  object,
});

const strangers = {
  unset: ['admin_token_unset', 'no admin token is configured; set listen.admin.token_file to a file that holds one'],
  missing: ['admin_token_missing', 'send the admin token as "Authorization: Bearer TOKEN"'],
  wrong: ['admin_token_wrong', 'this is not the admin token'],
} as const satisfies Record<string, readonly [AdminProblem, string]>;

async function answerTo(request: IncomingMessage, asked: Asked): Promise<Answered> {
  // A page of somebody else's in an operator's browser sends one; programs do not, and our own dashboard sends ours.
  if (request.headers.origin !== undefined && !isOwnOrigin(request.headers, asked.isOurs)) {
    return refuse(undefined, 'browser_refused', 'requests of other pages are not taken: there is an Origin');
  }
  const check = checkToken(request, asked.token());
  if (check !== 'good') {
    const [code, detail] = strangers[check];
    return refuse(undefined, code, detail);
  }
  const body = hasBody(request) ? await jsonBody(request) : { ok: true as const, value: undefined };
  if (!body.ok) return refuse(administrator, body.code, body.detail);
  try {
    const query = new URLSearchParams(request.url?.split('?').slice(1).join('?') ?? '');
    return answered(await asked.act({ query, body: body.value }), asked.streams);
  } catch (error) {
    if (error instanceof StoreUnavailable) {
      return refuse(administrator, 'store_unavailable', `${error.message}; it may or may not be done, so ask again`);
    }
    asked.log.error({ error: errorName(error) }, 'an admin action failed');
    return refuse(administrator, 'internal_error', 'a bug on our side');
  }
}

function answered(outcome: AdminOutcome, streams: Streams): Answered {
  const { object } = outcome;
  const done = { actor: administrator, refusal: undefined, object };
  switch (outcome.kind) {
    case 'done':
      return { ...paged(jsonPage(outcome.status, outcome.value)), ...done };
    case 'invalid':
      return refuse(administrator, 'request_invalid', outcome.issues.join('; '), object);
    case 'absent':
      return refuse(administrator, 'nothing_found', outcome.detail, object);
    case 'stream':
      if (!streams.hasRoom()) return refuse(administrator, 'too_many_streams', 'too many look on already');
      return { status: 200, answer: (stream) => streams.begin(stream, outcome.tell), ...done };
    default:
      return outcome satisfies never;
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
