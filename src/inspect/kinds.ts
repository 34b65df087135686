import { protectInspection } from './attacks/protect.ts';
import type { Inspection } from './inspection.ts';
import { parametersInspection } from './parameters.ts';
import { payloadInspection } from './payload.ts';

/**
 * Every kind of inspection, in the order in which a rule's inspections run: the cheap ones first, and contracts before the
 * search for attacks, which needs not look at what a contract has proven.
 */
export const inspections = Object.freeze({
  parameters: parametersInspection,
  schema: payloadInspection,
  attacks: protectInspection,
} as const satisfies Record<string, Inspection>);

/** The name of a kind of inspection. */
export type InspectionKind = keyof typeof inspections;

/** All names, in the table's order. */
export const kindNames: readonly InspectionKind[] = Object.freeze(Object.keys(inspections) as InspectionKind[]); // keys of a frozen literal
