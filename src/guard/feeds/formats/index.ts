import { crowdsec } from './crowdsec.ts';
import type { FeedFormat } from './format.ts';
import { netset } from './netset.ts';
import { plain } from './plain.ts';
import { spamhaus } from './spamhaus.ts';

/** Every format of a feed, by the name that a config calls it. */
export const formats = Object.freeze({
  plain,
  netset,
  spamhaus,
  crowdsec,
} as const satisfies Record<string, FeedFormat>);

/** The name of a format. */
export type FormatName = keyof typeof formats;

/** The names of all formats; plain, the first, is the default. */
export const formatNames: readonly [FormatName, ...FormatName[]] = ['plain', 'netset', 'spamhaus', 'crowdsec'];
