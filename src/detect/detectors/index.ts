import type { DetectorKind } from '../detector.ts';
import { scanning } from './scanning.ts';
import { surges } from './surges.ts';

/** Every detector: a new one is a file and a line here. */
export const detectors = Object.freeze({ surges, scanning } as const satisfies Readonly<Record<string, DetectorKind>>);
