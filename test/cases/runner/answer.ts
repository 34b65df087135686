import assert from 'node:assert/strict';
import { STATUS_CODES } from 'node:http';
import type { Decision, HeaderMutation } from '../../../src/core/decision.ts';
import {
  type HeaderValueOption,
  HeaderValueOption_HeaderAppendAction,
} from '../../../src/wire/gen/envoy/config/core/v3/base.ts';
import { CheckResponse } from '../../../src/wire/gen/envoy/service/auth/v3/external_auth.ts';

/** What becomes of a request, as Envoy and the caller see it: the part of an expectation that the answer holds. */
export interface Answer {
  readonly effect: 'allow' | 'deny';
  readonly status?: number;
  readonly reason?: unknown;
  readonly rule?: unknown;
  readonly principal?: unknown;
  /** Headers of the denial besides the ones that each denial has. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Members of the problem besides the ones that each denial has. */
  readonly problem?: Readonly<Record<string, unknown>>;
  /** Headers for the upstream besides x-decision-id. */
  readonly set?: Readonly<Record<string, string>>;
  readonly remove?: readonly string[];
  /** Headers for the caller's response. */
  readonly response?: Readonly<Record<string, string>>;
}

/** The id of every decision that a case makes. */
export const decisionId = 'offline';

/** A decision in the form of the expectation. */
export function fromDecision(decision: Decision): Answer {
  return decision.effect === 'allow'
    ? allowed(decision.set, decision.remove, decision.response, decision.metadata)
    : denied(decision.status, decision.headers, decision.body, decision.metadata);
}

/** The bytes of a CheckResponse in the form of the expectation. */
export function fromCheckResponse(bytes: Uint8Array): Answer {
  const { status, httpResponse, dynamicMetadata = {} } = CheckResponse.decode(bytes);
  const code = status?.code;
  switch (httpResponse?.$case) {
    case 'okResponse': {
      assert.equal(code, 0);
      const { headers, headersToRemove, responseHeadersToAdd } = httpResponse.value;
      return allowed(headers.map(mutation), headersToRemove, responseHeadersToAdd.map(mutation), dynamicMetadata);
    }
    case 'deniedResponse': {
      assert.ok(code !== undefined && code > 0, 'a denial needs a code, or Envoy takes it for an allow');
      const { headers, body } = httpResponse.value;
      return denied(httpResponse.value.status?.code, headers.map(mutation), body, dynamicMetadata);
    }
    default:
      throw new TypeError('the answer is neither an allow nor a denial');
  }
}

function mutation({ header, appendAction }: HeaderValueOption): HeaderMutation {
  assert.ok(header !== undefined);
  assert.equal(appendAction, HeaderValueOption_HeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD);
  return { name: header.key, value: header.value };
}

type Metadata = Readonly<Record<string, unknown>>;

function allowed(
  set: readonly HeaderMutation[],
  remove: readonly string[],
  response: readonly HeaderMutation[],
  metadata: Metadata,
): Answer {
  const { 'x-decision-id': id, ...upstream } = byName(set);
  assert.equal(id, decisionId);
  assert.equal(metadata['decision_id'], decisionId);
  const both = remove.filter((name) => set.some((one) => one.name === name));
  assert.deepEqual(both, [], 'Envoy removes after it sets: what stands in both lists is lost');
  return {
    effect: 'allow',
    ...identified(metadata),
    ...given('set', upstream),
    ...(remove.length === 0 ? {} : { remove: remove.toSorted() }),
    ...given('response', byName(response)),
  };
}

function denied(status = 0, list: readonly HeaderMutation[], body: string, metadata: Metadata): Answer {
  const { 'content-type': type, 'cache-control': cache, 'x-decision-id': id, ...headers } = byName(list);
  assert.deepEqual([type, cache, id], ['application/problem+json', 'no-store', decisionId]);
  const { type: about, title, status: told, decision_id, ...problem } = JSON.parse(body);
  assert.deepEqual([about, title, told, decision_id], ['about:blank', STATUS_CODES[status], status, decisionId]);
  assert.equal(metadata['decision_id'], decisionId);
  return {
    effect: 'deny',
    status,
    reason: metadata['reason'],
    ...identified(metadata),
    ...given('headers', headers),
    problem,
  };
}

const identified = ({ rule, principal }: Metadata): Pick<Answer, 'rule' | 'principal'> => ({
  ...(rule === undefined ? {} : { rule }),
  ...(principal === undefined ? {} : { principal }),
});

function byName(headers: readonly HeaderMutation[]): Readonly<Record<string, string>> {
  const names = headers.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length, `a header is set twice: ${names.join(', ')}`);
  return Object.fromEntries(headers.map(({ name, value }) => [name, value]));
}

const given = (name: string, value: Readonly<Record<string, string>>): object =>
  Object.keys(value).length === 0 ? {} : { [name]: value };
