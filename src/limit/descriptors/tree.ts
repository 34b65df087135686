import type { Unit } from '../../core/descriptor.ts';

/** What a node of the tree limits. */
export type NodeLimit =
  | { readonly kind: 'limited'; readonly name: string; readonly unit: Unit; readonly requestsPerUnit: number }
  | { readonly kind: 'unlimited' };

/** One level of nested descriptors. */
export interface Level {
  /** Descriptors with a value: key, then value. */
  readonly exact: ReadonlyMap<string, ReadonlyMap<string, Node>>;
  /** Descriptors without one: any value of the key, each with a counter of its own. */
  readonly byKey: ReadonlyMap<string, Node>;
}

/** One descriptor of a config file. */
export interface Node {
  readonly limit: NodeLimit | undefined;
  readonly below: Level;
}

/** The node that an entry leads to: its very value first, then its key alone. */
export const descend = (level: Level, key: string, value: string): Node | undefined =>
  level.exact.get(key)?.get(value) ?? level.byKey.get(key);
