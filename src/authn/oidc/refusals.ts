import type { AccountAct, AccountAudit } from '../../core/account.ts';
import type { Clock } from '../../core/clock.ts';
import type { Log } from '../../core/ports.ts';

/** Tells log and audit of a login or a logout that was refused. problem: fit for a log. */
export type TellRefusal = (act: AccountAct, problem: string) => void;

const most = 10;
const windowMs = 1000;

/**
 * Tells of what anybody can cause without a credential: so many in a second, for more would fill log and audit. The next line
 * after that says how many were left out.
 */
export function openRefusals(
  message: string,
  { clock, log, accounts }: { readonly clock: Clock; readonly log: Log; readonly accounts: AccountAudit },
): TellRefusal {
  let sinceMs = Number.NEGATIVE_INFINITY;
  let told = 0;
  let leftOut = 0;
  return (act, problem) => {
    const nowMs = clock.monotonicMs();
    if (nowMs - sinceMs >= windowMs) {
      sinceMs = nowMs;
      told = 0;
    }
    if (told >= most) {
      leftOut += 1;
      return;
    }
    told += 1;
    log.warn({ identity: act.identity, problem, ...(leftOut > 0 && { leftOut }) }, message);
    leftOut = 0;
    accounts.account(act);
  };
}
