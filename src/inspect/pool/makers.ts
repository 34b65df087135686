import { inspector } from '../inspector.ts';
import { inspections } from '../kinds.ts';
import { compileBodyCleansing } from '../sanitize/body.ts';
import type { Do, WorkKind, Works } from './pool.ts';

/** Makes of a spec what a thread does; throws for a spec that was not good where it was built. */
export const makers: { readonly [K in WorkKind]: (spec: Works[K]['spec']) => Do<K> } = Object.freeze({
  inspector: (spec) =>
    inspector(
      spec.map(({ kind, spec: own, onFailure, mode }) => {
        const { key, compile } = inspections[kind];
        return { key, inspect: compile(own), onFailure, mode };
      }),
    ),
  cleansing: compileBodyCleansing,
});
