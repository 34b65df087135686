import { SetupProblem } from '../envoy/problem.ts';

/** Imports a package that only a checkout has; rejects with a SetupProblem that says so when it is missing. */
export async function fromCheckout<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') {
      throw new SetupProblem('The demo runs from a checkout: clone the project, then npm ci && npm run demo.');
    }
    throw error;
  }
}
