/** Who can get a token, and in which role. */
export const accounts = Object.freeze({
  alice: ['editor'],
  bob: ['reader'],
  carol: ['admin'],
} as const satisfies Record<string, readonly string[]>);

/** A name of the account table. */
export type Account = keyof typeof accounts;

/** The names of the account table. */
export const accountNames: readonly Account[] = Object.freeze(Object.keys(accounts) as Account[]); // keys of a frozen literal

/** Whether a text names an account. */
export const isAccount = (name: string): name is Account => Object.hasOwn(accounts, name);

/** The roles of whoever logs in by that name: those that are in no table have none. */
export const rolesOf = (name: string): readonly string[] => (isAccount(name) ? accounts[name] : []);

/** Whether somebody may log in by that name. */
export const isName = (name: string): boolean => /^[a-z][a-z0-9._-]{0,31}$/.test(name);
