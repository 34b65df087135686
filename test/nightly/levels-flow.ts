// How much the two levels of a login are worth, by the names that acr_values and acr have for them.
const levels = { password: 1, code: 2 } as const;
const hours = 3600;

const condition = (level: keyof typeof levels) => ({
  authenticator: 'conditional-level-of-authentication',
  authenticatorConfig: level,
  requirement: 'REQUIRED',
  priority: 10,
});
const form = (authenticator: string) => ({ authenticator, requirement: 'REQUIRED', priority: 20 });
const subFlow = (flowAlias: string, requirement: string, priority: number) => ({
  authenticatorFlow: true,
  flowAlias,
  requirement,
  priority,
});
const flow = (alias: string, authenticationExecutions: readonly object[], topLevel = false) => ({
  alias,
  providerId: 'basic-flow',
  topLevel,
  builtIn: false,
  authenticationExecutions,
});

/** Members of a realm in which a password is enough to log in, and a code from a device is asked for where more is demanded. */
export const levelsFlow = {
  browserFlow: 'levels',
  attributes: { 'acr.loa.map': JSON.stringify(levels) },
  authenticatorConfig: Object.entries(levels).map(([alias, level]) => ({
    alias,
    config: { 'loa-condition-level': `${level}`, 'loa-max-age': `${8 * hours}` },
  })),
  authenticationFlows: [
    flow(
      'levels',
      [
        { authenticator: 'auth-cookie', requirement: 'ALTERNATIVE', priority: 10 },
        subFlow('by level', 'ALTERNATIVE', 20),
      ],
      true,
    ),
    flow('by level', [subFlow('by password', 'CONDITIONAL', 10), subFlow('by code', 'CONDITIONAL', 20)]),
    flow('by password', [condition('password'), form('auth-username-password-form')]),
    flow('by code', [condition('code'), form('auth-otp-form')]),
  ],
};
