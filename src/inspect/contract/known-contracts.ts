import type { Report } from '../../core/build.ts';
import { buildContract, type Contract } from './openapi/contract.ts';
import { openDocument, reopenDocument } from './openapi/document.ts';

/** An OpenAPI document as a rule names it: plain data. */
export interface ContractSpec {
  /** SHA-256 of the file. */
  readonly digest: string;
  readonly document: unknown;
  /** Undefined: the document's servers say. */
  readonly basePath: string | undefined;
}

// Rules that share a document share its compilation, on each thread, and so do a plan and the one that follows it.
const known = new Map<string, WeakRef<Contract>>();
const keyOf = ({ digest, basePath }: ContractSpec): string => `${digest} ${basePath ?? '*'}`;

function remember(key: string, contract: Contract): Contract {
  for (const [other, reference] of known) if (reference.deref() === undefined) known.delete(other);
  known.set(key, new WeakRef(contract));
  return contract;
}

/** Compiles a contract, every schema of it at once; undefined, with every issue reported at its place, when it has any. */
export function openContract(spec: ContractSpec, report: Report): Contract | undefined {
  const key = keyOf(spec);
  const before = known.get(key)?.deref();
  if (before !== undefined) return before;
  let issues = 0;
  const counting: Report = (path, message) => {
    issues += 1;
    report(path, message);
  };
  const document = openDocument(spec.document, counting);
  const contract = document && buildContract(document, spec.basePath, counting, true);
  return contract === undefined || issues > 0 ? undefined : remember(key, contract);
}

/** The contract again, from a spec that had no issues; a schema is compiled when it is first needed. */
export function reopenContract(spec: ContractSpec): Contract {
  const key = keyOf(spec);
  const before = known.get(key)?.deref();
  if (before !== undefined) return before;
  return remember(
    key,
    buildContract(reopenDocument(spec.document), spec.basePath, () => {}, false),
  );
}
