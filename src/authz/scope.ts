import { formatChallenge } from '../core/credential.ts';
import { reject } from '../core/verdict.ts';
import { type ConditionKind, fails, holds, never, nobody } from './condition.ts';

const scopePattern = '^[!#-\\[\\]-~]+$';
const scopeToken = new RegExp(scopePattern);

/** The credential carries the scope (RFC 6749 section 3.3); the refusal is that of RFC 6750 section 3.1. */
export const scope: ConditionKind<string> = {
  schema: {
    type: 'string',
    pattern: scopePattern,
    patternErrorMessage: 'must be one scope like orders.read, of visible ASCII without blanks, quotes and backslashes',
    description: 'A scope that the credential must carry; for several, use `all`. Default: none.',
    examples: ['orders.read'],
  },
  asksForPrincipal: true,
  build: (wanted, { context }) => {
    if (!scopeToken.test(wanted)) {
      context.issue([], `${JSON.stringify(wanted)} is not a single scope`);
      return never;
    }
    const detail = { scope: wanted };
    const value = formatChallenge({ scheme: 'Bearer', parameters: { error: 'insufficient_scope', scope: wanted } });
    const headers = [{ name: 'www-authenticate', value }];
    const held = holds(detail);
    const missing = fails(reject('scope_missing', detail, { headers }));
    const nobodyThere = nobody('scope_missing', detail, headers);
    return ({ principal }) => {
      if (principal === undefined) return nobodyThere;
      return principal.scopes.has(wanted) ? held : missing;
    };
  },
};
