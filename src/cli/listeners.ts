import type { Settings } from '../config/compile.ts';
import type { Log, Signals } from '../core/ports.ts';
import { type AdminDeps, listenAdmin } from '../server/admin.ts';
import { firstEndMs } from '../server/certificate-end.ts';
import { listenPublic, type PublicDeps } from '../server/public.ts';
import type { ServiceTable } from '../server/transport.ts';
import { transports } from '../server/transports/index.ts';
import type { LogOrigin } from '../sinks/otlp-logs.ts';
import { listenForAccessLog } from './access-log/host.ts';
import type { Detecting } from './detecting.ts';

/** What each listener serves. */
interface Served {
  readonly table: ServiceTable;
  readonly admin: AdminDeps;
  readonly public: PublicDeps;
  readonly accessLog: {
    readonly log: Log;
    readonly signals: Pick<Signals, 'accessLogged' | 'certificateEnds'>;
    /** Who tells of requests. */
    readonly origin: LogOrigin;
    readonly detecting: Detecting;
  };
}

/** Everything that listens. */
interface Listeners {
  /** Where, with real ports; undefined: the config asks for no such listener. */
  readonly addresses: {
    readonly grpc: string;
    readonly admin: string;
    readonly public: string | undefined;
    readonly accessLog: string | undefined;
  };
  /** Ends calls and public pages in order, within the bound; the admin pages stay. Resolves with whether all ended well. */
  drain(boundMs: number): Promise<boolean>;
  /** Closes the admin pages, the last that listen. */
  close(): Promise<void>;
}

interface Closable {
  close(): Promise<void>;
}

/** Listens everywhere, or nowhere: rejects with a ListenError when one address cannot be had. */
export async function openListeners(
  { listen, accessLog: writes, telemetry }: Settings,
  served: Served,
): Promise<Listeners> {
  const { address, tls, transport } = listen.grpc;
  const { log } = served.admin;
  const open: Closable[] = [];
  const opened = async <T extends Closable>(listening: Promise<T>): Promise<T> => {
    const one = await listening;
    open.push(one);
    return one;
  };
  tellEnds(tls, served.accessLog.signals);
  try {
    const admin = await opened(listenAdmin(listen.admin, served.admin));
    const pages = listen.public === undefined ? undefined : await opened(listenPublic(listen.public, served.public));
    const secured = tls && tlsTexts(tls);
    const accessLog =
      listen.accessLog === undefined
        ? undefined
        : await opened(
            listenForAccessLog(
              {
                address: listen.accessLog,
                tls: secured,
                transport,
                writes,
                origin: served.accessLog.origin,
                otlpEndpoint: telemetry.otlpEndpoint,
              },
              served.accessLog,
            ),
          );
    const grpc = await opened(
      transports[transport].listen(served.table, { address, log, ...(secured && { tls: secured }) }),
    );
    return {
      addresses: {
        grpc: grpc.address,
        admin: admin.address,
        public: pages?.address,
        accessLog: accessLog?.address,
      },
      drain: async (boundMs) => {
        const whole = await Promise.all([grpc.drain(boundMs), pages?.drain(boundMs), accessLog?.drain(boundMs)]);
        return !whole.includes(false);
      },
      close: () => admin.close(),
    };
  } catch (error) {
    for (const one of open) await one.close();
    throw error;
  }
}

function tellEnds(tls: Settings['listen']['grpc']['tls'], signals: Pick<Signals, 'certificateEnds'>): void {
  for (const [use, pem] of [
    ['listener', tls?.cert],
    ['client_ca', tls?.clientCa],
  ] as const) {
    const endMs = firstEndMs(pem ?? '');
    if (endMs !== undefined) signals.certificateEnds(use, endMs);
  }
}

const tlsTexts = ({ cert, key, clientCa }: NonNullable<Settings['listen']['grpc']['tls']>) => ({
  cert,
  key,
  ...(clientCa && { clientCa }),
});
