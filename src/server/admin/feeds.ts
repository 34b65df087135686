import type { Clock } from '../../core/clock.ts';
import type { FeedStatus } from '../../core/feed.ts';
import type { AdminRoutes } from './api.ts';

/** `/feeds`: GET tells of every list of addresses that somebody else keeps how old it is and what is wrong with it. */
export const feedRoutes = (list: () => readonly FeedStatus[], clock: Clock): AdminRoutes => ({
  '/feeds': {
    GET: () => ({ kind: 'done', status: 200, value: { feeds: shownFeeds(list(), clock.nowMs()) } }),
  },
});

/** How feeds stand, for people. */
export const shownFeeds = (feeds: readonly FeedStatus[], nowMs: number) => feeds.map((feed) => shown(feed, nowMs));

const timeText = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString());

const shown = ({ takenMs, confirmedMs, leftOut, problem, ...feed }: FeedStatus, nowMs: number) => ({
  ...feed,
  left_out: leftOut,
  taken: timeText(takenMs),
  confirmed: timeText(confirmedMs),
  age_seconds: confirmedMs === undefined ? null : Math.max(0, Math.round((nowMs - confirmedMs) / 1000)),
  problem: problem ?? null,
});
