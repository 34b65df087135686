import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { waitFor } from '../../src/envoy/condition.ts';
import { aPerson, ask, type LoginStage, logIn } from './login-journeys.ts';
import { type AdminPlace, revoke } from './revoke.ts';

/**
 * A gateway at which things are taken back. Its identities are users (JWTs), browser (logins) and partners (API keys); /orders
 * takes users, /reports takes partners, and /echo takes browser and tells the upstream its session (sid) in x-sid.
 */
export interface RevocationStage {
  readonly login: LoginStage;
  readonly place: AdminPlace;
  /** A fresh access token of the provider, a JWT. */
  token(account: string): Promise<string>;
}

type Journey = (stage: RevocationStage, context: TestContext) => Promise<void>;

/** The claims of a JWT, whoever has signed it. */
export const claimsOf = (token: string): Readonly<Record<string, unknown>> =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());

const sendWith = ({ login }: RevocationStage, headers: Readonly<Record<string, string>>, path = '/orders') =>
  login.gateway.send({ path, headers });
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

async function takeBack(stage: RevocationStage, ...args: readonly string[]): Promise<void> {
  const { code, out } = await revoke(stage.place, ...args);
  assert.deepEqual([code, out.startsWith('revoked: ')], [0, true], out);
}

async function isRefused(stage: RevocationStage, sent: Readonly<Record<string, string>>, path?: string): Promise<void> {
  const { status, headers } = await sendWith(stage, sent, path);
  assert.equal(status, 401);
  const holds = async (): Promise<boolean> =>
    (await stage.login.gateway.audit()).some(
      ({ unmapped: { portcullis } }) =>
        portcullis['decision_id'] === headers['x-decision-id'] && portcullis['reason'] === 'credential_revoked',
    );
  await waitFor({ what: 'audit says that it was revoked', holds });
}

/** What `portcullis revoke` takes back is refused from then on, and nothing else. */
export const revocationJourneys: Readonly<Record<string, Journey>> = {
  'a token by its jti': async (stage) => {
    const [bad, good] = [await stage.token('bob'), await stage.token('bob')];
    for (const token of [bad, good]) assert.equal((await sendWith(stage, bearer(token))).status, 200);
    await takeBack(stage, '--token', String(claimsOf(bad)['jti']), '--identity', 'users');
    await isRefused(stage, bearer(bad));
    assert.equal((await sendWith(stage, bearer(good))).status, 200);
  },

  'a session of a browser by its sid': async (stage, context) => {
    const { login } = stage;
    const enter = async () => logIn(login, await aPerson(login, context), 'alice');
    const [desk, phone] = [await enter(), await enter()];
    const { headers } = JSON.parse((await ask(desk, '/echo')).text);
    assert.equal(headers['x-sid']?.length, 1);
    await takeBack(stage, '--session', headers['x-sid'][0], '--identity', 'browser');
    assert.equal((await ask(desk, '/echo')).status, 401);
    assert.equal((await ask(phone, '/echo')).status, 200);
  },

  'a subject, but for what is issued later': async (stage) => {
    const token = await stage.token('alice');
    assert.equal((await sendWith(stage, bearer(token))).status, 200);
    await takeBack(stage, '--principal', `users/${claimsOf(token)['sub']}`, '--before', 'now');
    await isRefused(stage, bearer(token));
    assert.equal((await sendWith(stage, bearer(await stage.token('bob')))).status, 200);
    const holds = async (): Promise<boolean> =>
      (await sendWith(stage, bearer(await stage.token('alice')))).status === 200;
    await waitFor({ what: 'a later token is good', holds });
  },

  'an API key': async (stage) => {
    const { key } = stage.login.gateway;
    const id = /^pck_([^_]+)_/.exec(key)?.[1] ?? '';
    assert.equal((await sendWith(stage, { 'x-api-key': key }, '/reports')).status, 200);
    await takeBack(stage, '--key', id, '--identity', 'partners');
    await isRefused(stage, { 'x-api-key': key }, '/reports');
  },
};
