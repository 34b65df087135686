import { type JsonObject, own } from '../../core/json.ts';
import type { Principal } from '../../core/principal.ts';
import type { Reason } from '../../core/reason.ts';
import { type ClaimFault, faultOfClaims } from '../token/claim-faults.ts';
import { type ClaimRules, principalOf, readSubject } from '../token/claims.ts';

/** What an answer is held against. */
interface JudgeOptions {
  /** The identity. */
  readonly id: string;
  /** Empty where the config names none. */
  readonly issuer: string;
  readonly claims: ClaimRules;
}

const refused = (claim: string, reason: Reason = 'token_claims'): ClaimFault => ({ reason, claim });

// RFC 7662 section 2.2, and what providers add to it.
const texts = ['iss', 'sub', 'username', 'client_id', 'token_type', 'token_use', 'typ', 'jti'] as const;
// RFC 6749 section 7.1, RFC 9449 section 7.1, and the word that some providers have for any access token.
const tokenTypes: ReadonlySet<string> = new Set(['bearer', 'dpop', 'access_token']);
// Providers answer for refresh tokens too, which give no access (RFC 6749 section 1.5), and some for ID tokens.
const otherUse = /^(?:id|refresh|offline|logout)(?:_?token)?$/i;
/** What stands before the id of a client that calls for itself. No subject may begin so. */
const clientPrefix = 'client:';

/** Judges answers that say active: who it is, or why not, by the member that says so. */
export type Judge = (answer: JsonObject, nowMs: number) => Principal | ClaimFault;

/**
 * What an answer says of the caller is read once, and its times, its audience and the members that are demanded are looked
 * at again on every call.
 */
export function openJudge(options: JudgeOptions): Judge {
  const principals = new WeakMap<JsonObject, Principal | ClaimFault>();
  return (answer, nowMs) => {
    const read = principals.get(answer) ?? readPrincipal(answer, options);
    principals.set(answer, read);
    return 'reason' in read ? read : (faultOfClaims(answer, options.claims, nowMs) ?? read);
  };
}

function readPrincipal(answer: JsonObject, { id, issuer, claims: rules }: JudgeOptions): Principal | ClaimFault {
  const odd = texts.find((name) => Object.hasOwn(answer, name) && typeof answer[name] !== 'string');
  if (odd !== undefined) return refused(odd);
  const iss = own(answer, 'iss') ?? issuer;
  if (issuer !== '' && iss !== issuer) return refused('iss', 'token_issuer');
  const use = ['typ', 'token_use'].find((name) => otherUse.test(String(own(answer, name) ?? '')));
  if (use !== undefined) return refused(use, 'token_type');
  const tokenType = own(answer, 'token_type');
  if (typeof tokenType === 'string' && !tokenTypes.has(tokenType.toLowerCase())) {
    return refused('token_type', 'token_type');
  }
  const subject = subjectOf(answer);
  if (subject === undefined) return refused('sub');
  const who = readSubject({ ...answer, sub: subject }, rules);
  if ('reason' in who) return who;
  const named = typeof iss === 'string' && iss !== '' ? iss : undefined;
  return Object.freeze(principalOf(who, { source: id, kind: 'introspection', issuer: named, claims: answer }));
}

/**
 * Whom the token speaks for: its subject, or the client itself where it calls for nobody else (RFC 6749 section 4.4). The
 * two are never one: a client may have chosen the name of a user.
 */
function subjectOf(answer: JsonObject): string | undefined {
  const [sub, client] = [own(answer, 'sub'), own(answer, 'client_id')];
  if (typeof sub === 'string') return sub.startsWith(clientPrefix) ? undefined : sub;
  return typeof client === 'string' && client !== '' ? `${clientPrefix}${client}` : undefined;
}
