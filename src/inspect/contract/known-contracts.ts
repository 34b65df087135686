import { setImmediate } from 'node:timers/promises';
import type { Report } from '../../core/build.ts';
import { buildContract, type Contract, contractSteps } from './openapi/contract.ts';
import { openDocument, reopenDocument } from './openapi/document.ts';

/** An OpenAPI document as a rule names it: plain data. */
export interface ContractSpec {
  /** SHA-256 of the file. */
  readonly digest: string;
  /** The document as JSON in UTF-8, in memory that all threads share: it is as large as the file. */
  readonly json: Uint8Array;
  /** Undefined: the document's servers say. */
  readonly basePath: string | undefined;
}

/** A contract without issues. */
export interface KnownContract {
  readonly spec: ContractSpec;
  readonly contract: Contract;
}

/** A document as JSON, for a spec. */
export function sharedJson(document: unknown): Uint8Array {
  const json = Buffer.from(JSON.stringify(document));
  const shared = new Uint8Array(new SharedArrayBuffer(json.length));
  shared.set(json);
  return shared;
}

const documentIn = ({ json }: ContractSpec): unknown =>
  JSON.parse(Buffer.from(json.buffer, json.byteOffset, json.byteLength).toString('utf8'));

// Rules that share a document share its compilation, on each thread, and so do a plan and the one that follows it.
const known = new Map<string, WeakRef<KnownContract>>();
// Whoever holds a contract holds what is known of it.
const held = new WeakMap<Contract, KnownContract>();

type Key = Pick<ContractSpec, 'digest' | 'basePath'>;
const keyOf = ({ digest, basePath }: Key): string => `${digest} ${basePath ?? '*'}`;

/** A contract that was compiled before and is still in use. */
export const knownContract = (key: Key): KnownContract | undefined => known.get(keyOf(key))?.deref();

function remember(spec: ContractSpec, contract: Contract): KnownContract {
  for (const [other, reference] of known) if (reference.deref() === undefined) known.delete(other);
  const made = { spec, contract };
  known.set(keyOf(spec), new WeakRef(made));
  held.set(contract, made);
  return made;
}

/** Compiles a contract, every schema of it at once; undefined, with every issue reported at its place, when it has any. */
export function openContract(spec: ContractSpec, report: Report): KnownContract | undefined {
  const before = knownContract(spec);
  if (before !== undefined) return before;
  let issues = 0;
  const counting: Report = (path, message) => {
    issues += 1;
    report(path, message);
  };
  const document = openDocument(documentIn(spec), counting);
  const contract = document && buildContract(document, spec.basePath, counting, 'all');
  return contract === undefined || issues > 0 ? undefined : remember(spec, contract);
}

/** The contract again, from a spec that had no issues; a schema is compiled when it is first needed. */
export function reopenContract(spec: ContractSpec): Contract {
  const before = knownContract(spec);
  if (before !== undefined) return before.contract;
  return remember(
    spec,
    buildContract(reopenDocument(documentIn(spec)), spec.basePath, () => {}, 'needed'),
  ).contract;
}

/**
 * The same on a thread that answers calls: others have their turn after each path. Whoever holds what is given finds it known.
 * Rejects when the signal ends it.
 */
export async function prepareContract(spec: ContractSpec, signal: AbortSignal): Promise<KnownContract> {
  const before = knownContract(spec);
  if (before !== undefined) return before;
  const steps = contractSteps(reopenDocument(documentIn(spec)), spec.basePath, () => {}, 'needed');
  for (;;) {
    const step = steps.next();
    if (step.done === true) return knownContract(spec) ?? remember(spec, step.value);
    await setImmediate(undefined, { signal });
  }
}
