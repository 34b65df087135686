import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accountEvent } from './account-event.ts';

const stamp = { uid: 'u', sequence: 7, timeMs: 1_800_000_000_000 };
const origin = { version: '1.2.3', instanceId: 'i' };
const act = { identity: 'people', by: 'person', subject: 'alice', session: 's1', refusal: undefined } as const;

test('a login is a logon of its person, with the session that began', () => {
  const { line, ...event } = accountEvent({ ...act, activity: 'login' }, stamp, origin);
  assert.deepEqual(event, {
    kind: 'system',
    name: 'portcullis.account',
    uid: 'u',
    sequence: 7,
    timeMs: stamp.timeMs,
    severity: 1,
    classUid: 3002,
    trace: undefined,
    reason: undefined,
    rule: undefined,
  });
  const { metadata: _, ...told } = JSON.parse(line);
  assert.deepEqual(told, {
    category_uid: 3,
    class_uid: 3002,
    activity_id: 1,
    type_uid: 300_201,
    severity_id: 1,
    time: stamp.timeMs,
    status_id: 1,
    message: 'login by the person',
    action_id: 1,
    disposition_id: 1,
    user: { uid: 'alice', domain: 'people', type_id: 99, type: 'oidc' },
    session: { uid: 's1' },
    service: { name: 'Portcullis' },
    is_remote: true,
    auth_protocol: 'OpenID',
    auth_protocol_id: 4,
    unmapped: { portcullis: { account: { identity: 'people', by: 'person' } } },
  });
});

test('what came to nothing is a failure with its code, and nobody is made up', () => {
  const refused = {
    ...act,
    by: 'provider',
    subject: undefined,
    session: undefined,
    refusal: 'logout_unverified',
  } as const;
  const told = JSON.parse(accountEvent({ ...refused, activity: 'logout' }, stamp, origin).line);
  assert.deepEqual(
    [told.activity_id, told.status_id, told.status_detail, told.severity_id, told.user, told.session],
    [2, 2, 'logout_unverified', 2, { name: 'unknown', type_id: 0 }, undefined],
  );
});
