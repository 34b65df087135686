import type { DetectorKind } from '../detector.ts';
import { attacks } from './attacks.ts';
import { errors } from './errors.ts';
import { scanning } from './scanning.ts';
import { stuffing } from './stuffing.ts';
import { surges } from './surges.ts';
import { volumes } from './volumes.ts';

/** Every detector: a new one is a file and a line here. */
export const detectors = Object.freeze({
  surges,
  errors,
  stuffing,
  scanning,
  attacks,
  volumes,
} as const satisfies Readonly<Record<string, DetectorKind>>);
