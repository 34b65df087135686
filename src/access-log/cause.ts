import type { AccessEntry, ResponseFlag } from '../core/access-entry.ts';
import { reasons } from '../core/reason.ts';
import type { Cause } from '../core/traffic.ts';

const byFlag: Readonly<Partial<Record<ResponseFlag, Cause>>> = Object.freeze({
  DC: 'client',
  DR: 'client',
  DPE: 'client',
  IH: 'client',
  RL: 'policy',
  LH: 'upstream',
  UH: 'upstream',
  UT: 'upstream',
  UR: 'upstream',
  UF: 'upstream',
  UC: 'upstream',
  URX: 'upstream',
  UMSDR: 'upstream',
  UPE: 'upstream',
  DF: 'upstream',
  UO: 'gateway',
  LR: 'gateway',
  NR: 'gateway',
  FI: 'gateway',
  RLSE: 'gateway',
  SI: 'gateway',
  NFCF: 'gateway',
  DT: 'gateway',
  NC: 'gateway',
  OM: 'gateway',
});

/**
 * Who caused what went wrong; undefined when nothing did. Policy is a refusal that a rule means; what we could not decide, and
 * what Envoy could not do, is the gateway's. A client that asks for what is not there causes a 404 itself.
 */
export function causeOf({ response: { status, flags, details }, vouched }: AccessEntry): Cause | undefined {
  if (flags.includes('UAEX')) return refusalOf(vouched?.reason);
  for (const flag of flags) {
    const cause = byFlag[flag];
    if (cause !== undefined) return cause;
  }
  if (status === undefined) return 'gateway';
  if (status < 400) return undefined;
  if (status < 500) return 'client';
  return details === 'via_upstream' ? 'upstream' : 'gateway';
}

// Without a reason of ours nobody has decided: ext_authz did not get an answer.
const refusalOf = (reason: string | undefined): Cause =>
  isReason(reason) && reasons[reason].status !== 503 ? 'policy' : 'gateway';

const isReason = (reason: string | undefined): reason is keyof typeof reasons =>
  reason !== undefined && Object.hasOwn(reasons, reason);
