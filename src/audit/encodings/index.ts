import { cef } from './cef.ts';
import { ecs } from './ecs.ts';
import type { Encoding } from './encoding.ts';
import { ocsf } from './ocsf.ts';

/** Every encoding, the default first. */
export const encodings = { ocsf, ecs, cef } as const satisfies Record<string, Encoding>;
