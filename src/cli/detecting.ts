import { randomInt, randomUUID } from 'node:crypto';
import type { Bans } from '../core/ban.ts';
import { errorName } from '../core/bug.ts';
import type { Clock } from '../core/clock.ts';
import type { Finding, FindingListener } from '../core/finding.ts';
import type { CredentialNames } from '../core/plan.ts';
import type { DetectionSignals, Log } from '../core/ports.ts';
import { systemTimers } from '../core/timers.ts';
import type { ClosedTrail } from '../core/trail.ts';
import { type DetectionSettings, type OverBatch, observationsOf, openDecided, openDetection } from '../detect/index.ts';

/** What detecting needs. */
interface DetectingParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly signals: DetectionSignals;
  readonly bans: Pick<Bans, 'ban'>;
  /** Hear of findings, besides the log and the metrics. */
  readonly listeners: readonly FindingListener[];
}

/** Detection, with what it is fed from. None of it throws or waits. */
export interface Detecting {
  decided(trail: ClosedTrail): void;
  over(batch: OverBatch): void;
  /** Its number is 1 while anything is looked for; threads may share it. */
  readonly observing: Int32Array;
  /** Goes by another config from now on. */
  adjust(settings: DetectionSettings, credentials: CredentialNames): void;
  close(): void;
}

const noNames: CredentialNames = Object.freeze({ headers: new Set<string>(), cookies: [], queries: new Set<string>() });
const seedBound = 2 ** 32;

/** Opens detection, which looks for nothing until it is told what. */
export function openDetecting({ clock, log, signals, bans, listeners }: DetectingParts): Detecting {
  let credentials = noNames;
  const observing = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const listener: FindingListener = {
    found: (finding) => {
      signals.found(finding);
      tell(finding, log);
      for (const each of listeners) each.found(finding);
    },
  };
  const detection = openDetection({
    clock,
    timers: systemTimers,
    log,
    bans,
    listener,
    acted: (detector, outcome) => signals.detectionActed(detector, outcome),
    newId: () => randomUUID(),
    seed: randomInt(seedBound),
  });
  const decided = openDecided(randomInt(seedBound), () => credentials);
  return {
    decided: (trail) => {
      try {
        const observation = detection.isOn() ? decided.observe(trail) : undefined;
        if (observation !== undefined) detection.take(observation);
      } catch (error) {
        // Whoever records a decision after us must not miss it.
        log.error({ error: errorName(error) }, 'a decision was not observed');
      }
    },
    over: (batch) => {
      for (const observation of observationsOf(batch)) detection.take(observation);
      if (batch.lost > 0) signals.observationsLost(batch.lost);
    },
    observing,
    adjust: (settings, names) => {
      credentials = names;
      detection.adjust(settings);
      Atomics.store(observing, 0, detection.isOn() ? 1 : 0);
    },
    close: detection.close,
  };
}

function tell({ id, detector, phase, subject, title, action, shadow, targets, measure }: Finding, log: Log): void {
  const fields = { finding: id, detector, subject: subject.kind, name: subject.name, title };
  if (phase === 'ends') log.info(fields, 'a finding is over');
  else log.warn({ ...fields, action, shadow, targets: targets.length, measure }, 'detection has found something');
}
