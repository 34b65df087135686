import { formatChallenge } from '../core/credential.ts';
import { type Json, own } from '../core/json.ts';
import type { Claims, Principal } from '../core/principal.ts';
import { parseDurationMs } from '../core/units.ts';
import { type Detail, type Reject, reject } from '../core/verdict.ts';
import { absent, type ConditionKind, fails, holds, never, type Outcome } from './condition.ts';

/** How, and how recently, somebody must have been authenticated. */
interface StepUpOptions {
  readonly acr?: readonly string[];
  readonly max_age?: string;
  readonly amr?: readonly string[];
}

// What a quoted string carries as it is, and between blanks.
const wordPattern = '^[!#-\\[\\]-~]+$';
const skewMs = 30_000;

const words = (description: string) => ({
  type: 'array',
  minItems: 1,
  uniqueItems: true,
  items: {
    type: 'string',
    pattern: wordPattern,
    patternErrorMessage: 'must be one word of visible ASCII, without blanks, quotes and backslashes',
  },
  description,
});

type Test = (claims: Claims, nowMs: number) => boolean | undefined;

/** The principal was authenticated strongly and recently enough (RFC 9470), by the claims of OpenID Connect Core section 2. */
export const stepUp: ConditionKind<StepUpOptions> = {
  schema: {
    type: 'object',
    description:
      'How the principal must have been authenticated; otherwise 401 with the challenge of RFC 9470, or a browser is sent to log in again. Default: by any good credential.',
    additionalProperties: false,
    minProperties: 1,
    properties: {
      acr: words('Authentication contexts of which the claim acr must be one, the preferred one first. Default: any.'),
      max_age: {
        type: 'string',
        format: 'duration',
        description:
          'How long ago the login may have been, by the claim auth_time, in whole seconds; 30s more are granted for clocks that differ. Default: any time.',
      },
      amr: words('Authentication methods (RFC 8176) that the claim amr must all hold. Default: any.'),
    },
    examples: [{ acr: ['urn:example:mfa'], max_age: '5m' }, { amr: ['hwk', 'user'] }],
  },
  asksForPrincipal: true,
  build: (options, { context, clock }) => {
    const maxAgeMs = options.max_age === undefined ? undefined : (parseDurationMs(options.max_age) ?? 0);
    if (maxAgeMs !== undefined && (maxAgeMs < 1000 || maxAgeMs % 1000 !== 0)) {
      context.issue(['max_age'], 'must be whole seconds, at least one');
      return never;
    }
    const tests = testsOf(options, maxAgeMs);
    if (tests.length === 0) {
      context.issue([], 'needs at least one of acr, max_age, amr');
      return never;
    }
    const refuse = refusals(options, maxAgeMs);
    return ({ principal }) => {
      if (principal === undefined) return absent(refuse(principal, { principal: 'none' }));
      for (const [claim, test] of tests) {
        const outcome = judge(test(principal.claims, clock.nowMs()), refuse, principal, claim);
        if (outcome !== undefined) return outcome;
      }
      return held;
    };
  },
};

const held = holds({ step_up: 'done' });

function judge(
  fits: boolean | undefined,
  refuse: ReturnType<typeof refusals>,
  principal: Principal,
  claim: string,
): Outcome | undefined {
  if (fits === true) return undefined;
  const refusal = refuse(principal, { claim, present: fits !== undefined });
  return fits === undefined ? absent(refusal) : fails(refusal);
}

/** The tests by their claims: undefined where the claim is not there, or is nothing that could be told. */
function testsOf({ acr, amr }: StepUpOptions, maxAgeMs: number | undefined): readonly (readonly [string, Test])[] {
  const tests: (readonly [string, Test])[] = [];
  if (acr !== undefined && acr.length > 0) {
    tests.push(['acr', (claims) => onText(own(claims, 'acr'), (value) => acr.includes(value))]);
  }
  if (maxAgeMs !== undefined)
    tests.push(['auth_time', (claims, nowMs) => isRecent(own(claims, 'auth_time'), nowMs, maxAgeMs)]);
  if (amr !== undefined && amr.length > 0) {
    tests.push([
      'amr',
      (claims) => {
        const methods = own(claims, 'amr');
        return Array.isArray(methods) ? amr.every((method) => methods.includes(method)) : undefined;
      },
    ]);
  }
  return tests;
}

const onText = (value: Json | undefined, test: (text: string) => boolean): boolean | undefined =>
  typeof value === 'string' ? test(value) : undefined;

function isRecent(authTime: Json | undefined, nowMs: number, maxAgeMs: number): boolean | undefined {
  if (typeof authTime !== 'number' || !Number.isFinite(authTime)) return undefined;
  const ageMs = nowMs - authTime * 1000;
  // A login in the future is a mistake or a trick.
  return ageMs >= -skewMs && ageMs <= maxAgeMs + skewMs;
}

function refusals({ acr = [], amr = [] }: StepUpOptions, maxAgeMs: number | undefined) {
  const maxAgeSeconds = maxAgeMs === undefined ? undefined : maxAgeMs / 1000;
  const parameters = {
    error: 'insufficient_user_authentication',
    ...(acr.length === 0 ? {} : { acr_values: acr.join(' ') }),
    ...(maxAgeSeconds === undefined ? {} : { max_age: String(maxAgeSeconds) }),
  };
  const demanded = { ...(acr.length === 0 ? {} : { acr }), ...(amr.length === 0 ? {} : { amr }) };
  // A login cannot be asked for methods: to send a browser there again might never end.
  const stepUp = acr.length === 0 && maxAgeSeconds === undefined ? undefined : { acrValues: acr, maxAgeSeconds };
  return (principal: Principal | undefined, detail: Detail): Reject => {
    const scheme = principal?.boundBy === 'dpop' ? 'DPoP' : 'Bearer';
    const headers = [{ name: 'www-authenticate', value: formatChallenge({ scheme, parameters }) }];
    return reject('step_up_required', { ...detail, ...demanded }, { headers, stepUp });
  };
}
