import type { Encoding } from './encoding.ts';

/** OCSF 1.8.0 as JSON: what events are made as. */
export const ocsf: Encoding = { encode: undefined, braces: 3 };
