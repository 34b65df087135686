import type { NormalRequest } from './attributes.ts';
import type { Principal } from './principal.ts';

/** Whether what is configured decides, or is only evaluated and recorded. */
export type Mode = 'enforce' | 'shadow';

/** What a step of a rule may look at. */
export interface Subject {
  readonly request: NormalRequest;
  /** Values of the `{name}` segments of the rule's path. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly rule: string;
  /** Undefined before identify, and where the rule takes anyone. */
  readonly principal: Principal | undefined;
}
