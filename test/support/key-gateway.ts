import { waitFor } from '../../src/envoy/condition.ts';
import { type Ingress, type IngressAnswer, startIngress } from './ingress.ts';
import { type SidecarOptions, type SidecarProcess, startSidecarProcess } from './sidecar.ts';
import { signToken, type TestKey } from './tokens.ts';

/** What became of a fetch of keys. */
type Outcome = 'ok' | 'error';

/** Envoy and a sidecar of its own, whose identity "users" takes JWTs at /orders; its keys are looked at. */
export interface KeyGateway {
  readonly sidecar: SidecarProcess;
  readonly ingress: Ingress;
  /** Asks for /orders with a token. */
  send(token: string): Promise<IngressAnswer>;
  /** Resolves after so many more fetches of the keys have come out so. */
  moreFetches(outcome: Outcome, more: number): Promise<void>;
  stop(): Promise<void>;
}

/** Starts both, whether the keys can be had or not. */
export async function startKeyGateway(options: SidecarOptions): Promise<KeyGateway> {
  const sidecar = await startSidecarProcess(options);
  const ingress = await startIngress({ grpc: sidecar.grpc }).catch(async (error: unknown) => {
    await sidecar.stop();
    throw error;
  });
  const fetches = (outcome: Outcome): Promise<number> =>
    sidecar.metric(`portcullis_key_set_fetches_total{identity="users",outcome="${outcome}"}`);
  return {
    sidecar,
    ingress,
    send: (token) => ingress.send({ path: '/orders', headers: { authorization: `Bearer ${token}` } }),
    moreFetches: async (outcome, more) => {
      const until = (await fetches(outcome)) + more;
      const holds = async (): Promise<boolean> => (await fetches(outcome)) >= until;
      await waitFor({ what: `${more} more fetches are ${outcome}`, holds });
    },
    stop: async () => {
      await ingress.stop();
      await sidecar.stop();
    },
  };
}

let ids = 0;
/** A token of alice for orders that nobody has seen yet. */
export function freshToken(key: TestKey, issuer: string): string {
  ids += 1;
  const now = Math.floor(Date.now() / 1000);
  return signToken(key, { iss: issuer, sub: 'alice', aud: 'orders', iat: now, exp: now + 600, jti: `${ids}` });
}
