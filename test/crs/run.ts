import type { Attributes, NormalRequest } from '../../src/core/attributes.ts';
import { silentContext } from '../../src/core/build.ts';
import { buildGuard } from '../../src/guard/index.ts';
import type { Case } from './cases.ts';
import { attributesOf } from './request.ts';

/** Says which rules a request matches, at all levels of paranoia. */
export type Judge = (request: NormalRequest) => { readonly ids: ReadonlySet<string>; readonly refused?: string };

/** What became of the expectations of one case. */
export interface Outcome {
  readonly test: Case;
  /** Why the case was not judged by rules. */
  readonly apart?: string;
  /** Rules that had to match and did not. */
  readonly missed: readonly string[];
  /** Rules that must not match and did. */
  readonly wrong: readonly string[];
  /** How many expectations of each kind were judged. */
  readonly mustFire: number;
  readonly mustNot: number;
  /** Why the guard or the reading of the body refuses the request before any rule. */
  readonly refused?: string;
}

const guard = buildGuard({}, silentContext);

/** The request as rules see it; one that the guard refuses is judged as it stands, for the rules must find it too. */
function normalized(attributes: Attributes): { readonly request: NormalRequest; readonly refused?: string } {
  const verdict = guard(attributes);
  if (verdict.kind === 'pass') return { request: verdict.value };
  const [path = '', query = ''] = attributes.path.split(/\?(.*)/s);
  const { method, scheme, host, headers } = attributes;
  const { address: clientAddress } = attributes.source;
  const request: NormalRequest = {
    attributes,
    method,
    scheme,
    host: host.replace(/:\d*$/, '').toLowerCase(),
    path,
    segments: path.slice(1).split('/'),
    query,
    headers,
    clientAddress,
  };
  return { request, refused: 'reason' in verdict ? verdict.reason : verdict.kind };
}

/** Judges a case. unloaded: why a rule is not loaded; undefined: it is. */
export function runCase(test: Case, judge: Judge, unloaded: (rule: string) => string | undefined): Outcome {
  const none = { test, missed: [], wrong: [], mustFire: 0, mustNot: 0 };
  const apart = test.asksOtherThings
    ? 'asks of a status or of a log, not of rules'
    : [...test.fires, ...test.silent].map(unloaded).find((why) => why !== undefined);
  if (apart !== undefined) return { ...none, apart };
  const attributes = attributesOf(test.input);
  if (typeof attributes === 'string') return { ...none, apart: attributes };
  const { request, refused: byGuard } = normalized(attributes);
  const { ids, refused = byGuard } = judge(request);
  return {
    test,
    missed: test.fires.filter((id) => !ids.has(id)),
    wrong: test.silent.filter((id) => ids.has(id)),
    mustFire: test.fires.length,
    mustNot: test.silent.length,
    ...(refused === undefined ? {} : { refused }),
  };
}
