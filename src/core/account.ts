/** A login or a logout, and what became of it: told to audit. No secret. */
export interface AccountAct {
  readonly activity: 'login' | 'logout';
  /** The configured identity. */
  readonly identity: string;
  /** Who asked for it: a person in a browser, or the provider itself. */
  readonly by: 'person' | 'provider';
  /** What the provider calls whom it is about; undefined: nobody knows. */
  readonly subject: string | undefined;
  /** Our name of the session, or the provider's where that is all that is known; undefined: there is none, or all are meant. */
  readonly session: string | undefined;
  /** Why it came to nothing, as a stable code; undefined: it was done. */
  readonly refusal: string | undefined;
}

/** Takes every login and logout, those too that came to nothing; never throws, never waits. */
export interface AccountAudit {
  account(act: AccountAct): void;
}

/** An audit that nobody reads. */
export const silentAccounts: AccountAudit = Object.freeze({ account: () => {} });
