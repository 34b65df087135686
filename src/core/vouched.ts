/** What our own Check said of a request (dynamic metadata of ext_authz); what it did not say is undefined. */
export interface Vouched {
  readonly decisionId: string | undefined;
  /** The fine reason; ok for an allow. */
  readonly reason: string | undefined;
  readonly rule: string | undefined;
  readonly principalId: string | undefined;
  readonly principalSource: string | undefined;
}
