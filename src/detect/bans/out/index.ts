import type { BanListener } from '../../../core/ban.ts';
import { systemTimers, type Timers } from '../../../core/timers.ts';
import type { Outbounds } from '../../../outbound/registry.ts';
import type { WebhookSpec } from './options.ts';
import { openWebhook, type WebhookDeps } from './webhook.ts';

export { type BansConfig, type BansOptions, bansSchema, buildBans } from './options.ts';

/** Tells others of bans. */
interface OpenWebhooks extends BanListener {
  /** Drops what waits. */
  close(): void;
}

/** What webhooks stand on. */
interface WebhooksDeps extends Omit<WebhookDeps, 'fetch' | 'timers'> {
  readonly outbounds: Outbounds;
  readonly timers?: Timers;
}

/** Opens the ways to all receivers. The replica that changed something tells them, and no other. */
export function openWebhooks(specs: readonly WebhookSpec[], deps: WebhooksDeps): OpenWebhooks {
  const { outbounds, timers = systemTimers, ...shared } = deps;
  const open = specs.map((spec) => {
    const way = outbounds.resolve(spec.outbound);
    return openWebhook(spec, { ...shared, timers, fetch: (...call) => way.fetch(...call) });
  });
  return {
    banned: (change) => {
      if (change.here) for (const webhook of open) webhook.tell(change);
    },
    close: () => {
      for (const webhook of open) webhook.close();
    },
  };
}
