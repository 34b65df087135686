import assert from 'node:assert/strict';
import type { Subject } from '../../src/core/plan.ts';
import type { Verdict } from '../../src/core/verdict.ts';
import type { PayloadOptions } from '../../src/inspect/inspection.ts';
import { buildHere } from './inspection.ts';
import { recordIssues } from './recording-context.ts';
import { aSubject, type Headers } from './requests.ts';

/** What every operation must have. */
export const ok = { responses: { 200: { description: 'ok' } } };

/** A document of one version with some paths, components and servers. */
export const openapi = (paths: object, more: object = {}, version = '3.1.0'): string =>
  JSON.stringify({ openapi: version, info: { title: 'shop', version: '1' }, paths, ...more });

/** A call of an operation. */
export interface Call {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Headers;
  readonly body?: string | undefined;
}

/** Builds the check of an openapi_file; issues are of api.json. */
export function build(
  document: string,
  options: PayloadOptions = {},
): { readonly inspect: (subject: Subject) => Verdict; readonly issues: readonly string[] } {
  const { context, issues } = recordIssues({ 'api.json': document });
  const inspect = buildHere({ payload: { openapi_file: 'api.json', ...options }, pathParameters: [] }, context);
  return { inspect, issues };
}

/** Calls a contract that has no issues: the reason, and what the caller sees; of a pass what was not checked. */
export function calls(document: string, options: PayloadOptions = {}): (call: Call | string) => string {
  const { inspect, issues } = build(document, options);
  assert.deepEqual(issues, []);
  return (call) => outcome(inspect(subjectOf(typeof call === 'string' ? { path: call } : call)));
}

function subjectOf({ method = 'GET', path, headers = {}, body }: Call): Subject {
  const [way = '', query = ''] = path.split('?');
  const segments = way.slice(1).split('/').map(decodeURIComponent);
  const all = body === undefined ? headers : { 'content-type': 'application/json', ...headers };
  const bytes = body === undefined ? undefined : new TextEncoder().encode(body);
  return aSubject({ request: { method, path: way, segments, query, headers: all, body: bytes } });
}

function outcome(verdict: Verdict): string {
  if (verdict.kind === 'reject') return [verdict.reason, ...Object.values(verdict.expose)].join(' ');
  return verdict.kind === 'pass'
    ? `pass${verdict.detail['unchecked'] ? ` unchecked ${verdict.detail['unchecked']}` : ''}`
    : verdict.kind;
}
