import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SetupProblem } from '../envoy/problem.ts';

const elsewhere = 'The demo runs from a checkout: clone the project, then npm ci && npm run demo.';

/** Throws a SetupProblem unless the root is that of a checkout: a release has neither bootstraps nor an identity provider. */
export function ensureCheckout(root: string): void {
  if (!existsSync(join(root, 'demo', 'portcullis.yaml'))) throw new SetupProblem(elsewhere);
}

/** Imports a package that only a checkout has; rejects with a SetupProblem that says so when it is missing. */
export async function fromCheckout<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') {
      throw new SetupProblem(elsewhere);
    }
    throw error;
  }
}
