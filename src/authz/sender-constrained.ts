import { formatChallenge } from '../core/credential.ts';
import type { Principal } from '../core/principal.ts';
import { reject } from '../core/verdict.ts';
import { type ConditionKind, fails, holds, never, nobody } from './condition.ts';

type Binding = NonNullable<Principal['boundBy']>;

const accepted = {
  any: ['dpop', 'mtls'],
  dpop: ['dpop'],
  mtls: ['mtls'],
} as const satisfies Record<string, readonly Binding[]>;

// A certificate-bound token comes as a bearer token (RFC 8705 section 3).
const schemes = { dpop: 'DPoP', mtls: 'Bearer' } as const satisfies Record<Binding, string>;

const parameters = { error: 'invalid_token', error_description: 'a token that is bound to its sender is demanded' };

/** The credential is bound to its sender, and the sender has proved it: DPoP (RFC 9449) or the client certificate (RFC 8705). */
export const senderConstrained: ConditionKind<keyof typeof accepted> = {
  schema: {
    enum: Object.keys(accepted),
    description:
      'What the credential must be bound to: a key, proved by DPoP; a client certificate, which one of an `mtls` identity is by itself; or any of the two. Default: nothing.',
    examples: ['any', 'dpop', 'mtls'],
  },
  asksForPrincipal: true,
  build: (wanted, { context }) => {
    if (!Object.hasOwn(accepted, wanted)) {
      context.issue([], `must be one of ${Object.keys(accepted).join(', ')}`);
      return never;
    }
    const bindings: readonly Binding[] = accepted[wanted];
    const detail = { sender_constrained: wanted };
    const value = bindings.map((binding) => formatChallenge({ scheme: schemes[binding], parameters })).join(', ');
    const headers = [{ name: 'www-authenticate', value }];
    const held = holds(detail);
    const unbound = fails(reject('sender_unconstrained', detail, { headers }));
    const nobodyThere = nobody('sender_unconstrained', detail, headers);
    return ({ principal }) => {
      if (principal === undefined) return nobodyThere;
      return bindings.some((binding) => binding === principal.boundBy) ? held : unbound;
    };
  },
};
