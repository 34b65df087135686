/** What somebody asked of the admin API, and what became of it: told to audit. No secret. */
export interface AdminAct {
  /** The method and the path, like "POST /revocations". */
  readonly operation: string;
  readonly activity: 'create' | 'read' | 'update' | 'delete';
  /** Who proved to be an administrator; undefined: nobody did. */
  readonly actor: string | undefined;
  /** Who is at the other end of the connection; undefined on a unix socket. */
  readonly peer: { readonly address: string; readonly port: number } | undefined;
  /** The HTTP status of the answer. */
  readonly status: number;
  /** Why it was not done, as a stable code; undefined: it was done. */
  readonly refusal: string | undefined;
  /** What it is about, when that much is known. */
  readonly object: AdminObject | undefined;
}

/** What an administrative act is about: something of a kind, by its name. */
export interface AdminObject {
  readonly type: string;
  readonly name: string;
  /** What else is worth telling of it, by name; no secret. */
  readonly facts?: Readonly<Record<string, string | number | null>>;
}

/** Takes every administrative act and every refused attempt at one; never throws, never waits. */
export interface AdminAudit {
  administered(act: AdminAct): void;
}
