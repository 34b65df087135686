import type { LeakDetector, LeakKind } from '../detector.ts';
import { cards } from './card.ts';
import { databaseErrors } from './database-error.ts';
import { bankAccounts } from './iban.ts';
import { tokens } from './jwt.ts';
import { privateKeys } from './private-key.ts';
import { socialSecurity } from './ssn.ts';
import { stackTraces } from './stack-trace.ts';
import { vendorKeys } from './vendor-key.ts';

/** Every detector, by the kind of leak that it finds. */
export const detectors = Object.freeze({
  cards,
  iban: bankAccounts,
  ssn: socialSecurity,
  private_keys: privateKeys,
  jwt: tokens,
  vendor_keys: vendorKeys,
  stack_traces: stackTraces,
  database_errors: databaseErrors,
} as const satisfies Record<LeakKind, LeakDetector>);
