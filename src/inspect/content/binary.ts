import type { ReadFormat } from './content.ts';

/** Bytes of which nothing is known: no field. */
export const readBinary: ReadFormat = () => ({ ok: true, content: { format: 'binary', value: undefined, fields: [] } });
