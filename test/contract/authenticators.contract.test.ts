import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, test } from 'node:test';
import fc from 'fast-check';
import {
  type Authenticator,
  type AuthnDeps,
  authenticators,
  buildCertificates,
  mintApiKey,
} from '../../src/authn/index.ts';
import { openSealer } from '../../src/authn/oidc/seal.ts';
import { encodeSession, type Session } from '../../src/authn/oidc/session.ts';
import { formatChallenge } from '../../src/core/credential.ts';
import { principalKey } from '../../src/core/principal.ts';
import { authnDeps, never, openTime } from '../support/authn.ts';
import { createClientAuthority, urlEncoded } from '../support/client-certificates.ts';
import { openIntrospectionServer } from '../support/introspection-server.ts';
import { recordIssues } from '../support/recording-context.ts';
import { aRequest } from '../support/requests.ts';
import { jwksOf, makeKey, signToken } from '../support/tokens.ts';

type Kind = keyof typeof authenticators;
type Headers = Readonly<Record<string, string>>;

/** What the suite needs to know of a kind: sound options, and a credential for any subject. */
interface Specimen {
  readonly options: unknown;
  readonly files: Readonly<Record<string, string>>;
  readonly good: Headers;
  readonly junk: (text: string) => Headers;
  /** What it asks for may look like anything, so that junk is recognised as well as the good. */
  readonly opaque?: true;
  /** The names of its places, where they are not those of the headers. */
  readonly places?: readonly string[];
  /** The credential for another identity than "source", where one is good for a single identity. */
  readonly goodFor?: (id: string) => Headers;
}

const time = openTime();
const key = makeKey('ES256');
const claims = { iss: 'https://idp.example', sub: 'alice', aud: 'orders', exp: time.clock.nowMs() / 1000 + 60 };
const minted = mintApiKey({ owner: 'alice', roles: [] });

const provider = await openIntrospectionServer();
provider.know({ wMCHqwLGP7Ok7aYNQjuqZTPlDdo3yCqH: { ...claims, active: true } });
after(provider.close);

const authority = await createClientAuthority();
const aliceCertificate = async () => authority.issue({ names: [{ type: 'dns', value: 'alice' }] });
let alice = await aliceCertificate();
// The last bits before padding, and the case of "%0A", mean nothing: another character there would be as good.
while (alice.cert.includes('=')) alice = await aliceCertificate();
const aliceEncoded = urlEncoded(alice.cert).replaceAll('%0A', '%0a');

const sessionKey = randomBytes(32);
const sessionCookie = (id: string): Headers => {
  const name = `__Host-portcullis-${id}`;
  const context = [id, claims.iss, 'https://app.example.com', name];
  return { cookie: `${name}=1.${openSealer([sessionKey], 'session').seal(encodeSession(session), context)}` };
};
const session: Session = {
  id: 's1',
  generation: 0,
  loginMs: time.clock.nowMs(),
  seenMs: time.clock.nowMs(),
  renewedMs: time.clock.nowMs(),
  validMs: time.clock.nowMs() + 60_000,
  sub: 'alice',
  sid: undefined,
  nonce: undefined,
  granted: ['openid'],
  claims,
  refreshToken: undefined,
  idToken: undefined,
};

const specimens: Readonly<Record<Kind, Specimen>> = {
  jwt: {
    options: { issuer: claims.iss, audience: ['orders'], algorithms: ['ES256'], jwks: { inline: jwksOf(key) } },
    files: {},
    good: { authorization: `Bearer ${signToken(key, claims)}` },
    junk: (text) => ({ authorization: `Bearer ${text}` }),
  },
  introspection: {
    options: { url: provider.url, client: { id: 'gateway', secret: 's' }, audience: ['orders'] },
    files: {},
    good: { authorization: 'Bearer wMCHqwLGP7Ok7aYNQjuqZTPlDdo3yCqH' },
    junk: (text) => ({ authorization: `Bearer ${text}` }),
    opaque: true,
  },
  oidc: {
    options: {
      issuer: claims.iss,
      client: { id: 'gateway', secret: 's' },
      public_url: 'https://app.example.com',
      session: { keys_files: ['session.key'] },
    },
    files: { 'session.key': sessionKey.toString('base64') },
    good: sessionCookie('source'),
    junk: (text) => ({ cookie: `__Host-portcullis-source=${text}` }),
    places: ['__Host-portcullis-source'],
    goodFor: sessionCookie,
  },
  api_key: {
    options: { keys_file: 'keys.yaml' },
    files: { 'keys.yaml': JSON.stringify({ keys: [minted.entry] }) },
    good: { 'x-api-key': minted.key },
    junk: (text) => ({ 'x-api-key': text }),
  },
  mtls: {
    options: { dns: ['alice'] },
    files: {},
    good: { 'x-forwarded-client-cert': `Cert="${aliceEncoded}";Hash=${alice.hash}` },
    junk: (text) => ({ 'x-forwarded-client-cert': text }),
    places: ['certificate'],
  },
};

const kinds = Object.keys(authenticators) as Kind[]; // keys of a frozen literal

// The header, for what stands in one can be written down.
const certificates = buildCertificates({ from: 'x-forwarded-client-cert' }, recordIssues().context).read;

function build(kind: Kind, id = 'source', deps: AuthnDeps = { ...authnDeps(time), certificates }): Authenticator {
  const { options, files } = specimens[kind];
  const { context, issues } = recordIssues(files);
  const authenticator = authenticators[kind].build(id, options, context, deps);
  assert.deepEqual(issues, []);
  return authenticator;
}

for (const kind of kinds) {
  const { good, junk } = specimens[kind];

  test(`${kind}: nothing of its kind is an abstention`, async () => {
    const authenticator = build(kind);
    for (const headers of [{}, { 'x-other': 'x', cookie: 'a=b' }]) {
      assert.equal(authenticator.present(aRequest({ headers })), false);
      assert.equal((await authenticator.authenticate(aRequest({ headers }), never)).kind, 'abstain');
    }
  });

  test(`${kind}: a good credential is a principal of its identity`, async () => {
    const authenticator = build(kind);
    assert.equal(authenticator.present(aRequest({ headers: good })), true);
    assert.equal(authenticator.recognises(aRequest({ headers: good })), true);
    const verdict = await authenticator.authenticate(aRequest({ headers: good }), never);
    assert.ok(verdict.kind === 'pass');
    const { source, id, key: pair, kind: stated } = verdict.value.principal;
    assert.deepEqual([source, id, stated, pair], ['source', 'alice', kind, principalKey('source', 'alice')]);
  });

  test(`${kind}: junk is rejected with a challenge, and never told again`, async () => {
    const authenticator = build(kind);
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.base64String(),
          fc.string().map((text) => `${text}.${text}.${text}`),
        ),
        async (text) => {
          const request = aRequest({ headers: junk(text) });
          const verdict = await authenticator.authenticate(request, never);
          assert.ok(verdict.kind === 'reject', verdict.kind);
          assert.equal(verdict.headers[0]?.name, 'www-authenticate');
          assert.ok(verdict.headers[0]?.value.startsWith(authenticator.challenge.scheme));
          if (text.length > 8) assert.ok(!JSON.stringify(verdict).includes(text));
          if (!specimens[kind].opaque) assert.equal(authenticator.recognises(request), false);
        },
      ),
      { numRuns: 200 },
    );
  });

  test(`${kind}: one changed character makes a good credential bad`, async () => {
    const authenticator = build(kind);
    const [[header, value] = ['', '']] = Object.entries(good);
    const start = value.indexOf(header === 'cookie' ? '=' : ' ') + 1;
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: start, max: value.length - 1 }),
        fc.constantFrom(...'aZ0_-.=, \n'),
        async (at, character) => {
          fc.pre(value[at] !== character);
          const changed = `${value.slice(0, at)}${character}${value.slice(at + 1)}`;
          const verdict = await authenticator.authenticate(aRequest({ headers: { [header]: changed } }), never);
          assert.equal(verdict.kind, 'reject');
        },
      ),
      { numRuns: 200 },
    );
  });

  test(`${kind}: what comes too late, or breaks inside, is a failure`, async () => {
    for (const headers of [good, junk('x')]) {
      const verdict = await build(kind).authenticate(aRequest({ headers }), AbortSignal.abort());
      assert.ok(verdict.kind === 'fail');
      assert.equal(verdict.reason, 'deadline_exceeded');
    }
    const broken = new Proxy(aRequest({ headers: good }), {
      get: () => {
        throw new Error(JSON.stringify(good));
      },
    });
    const verdict = await build(kind).authenticate(broken, never);
    assert.ok(verdict.kind === 'fail');
    assert.equal(verdict.reason, 'internal_error');
    assert.deepEqual(verdict.detail, { error: 'Error' });
  });

  test(`${kind}: it says where it looks, what it wants and whether it is ready`, () => {
    const authenticator = build(kind);
    assert.equal(authenticator.id, 'source');
    assert.equal(authenticator.kind, kind);
    assert.equal(authenticator.ready(), true);
    assert.deepEqual(
      authenticator.places.map(({ name }) => name),
      specimens[kind].places ?? Object.keys(good),
    );
    assert.match(formatChallenge(authenticator.challenge), /^\w+ realm="portcullis"/);
  });

  test(`${kind}: options from outer space are issues, never exceptions`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.anything(), async (options) => {
        const { context, issues } = recordIssues();
        const authenticator = authenticators[kind].build('source', options, context, authnDeps(time));
        assert.ok(issues.length > 0);
        assert.notEqual((await authenticator.authenticate(aRequest({ headers: good }), never)).kind, 'pass');
      }),
    );
  });

  test(`${kind}: its schema closes every object and describes every option`, () => {
    const { schema } = authenticators[kind];
    assert.equal(schema['additionalProperties'], false);
    for (const [name, option] of Object.entries(schema['properties'] as Record<string, { description?: string }>)) {
      assert.ok(option.description, name); // the cast: a schema is JSON, and this member is one of ours
    }
  });
}

test('a principal is the pair of its identity and its name: no two pairs have one key', async () => {
  const keys = new Set<string>();
  for (const kind of kinds) {
    for (const id of ['a', 'b']) {
      const verdict = await build(kind, `${id}-${kind}`).authenticate(
        aRequest({ headers: specimens[kind].goodFor?.(`${id}-${kind}`) ?? specimens[kind].good }),
        never,
      );
      if (verdict.kind === 'pass') keys.add(verdict.value.principal.key);
    }
  }
  assert.equal(keys.size, kinds.length * 2);
  const source = fc.stringMatching(/^[a-z0-9_-]{1,16}$/);
  fc.assert(
    fc.property(source, fc.string(), source, fc.string(), (sourceA, idA, sourceB, idB) => {
      assert.equal(principalKey(sourceA, idA) === principalKey(sourceB, idB), sourceA === sourceB && idA === idB);
    }),
  );
});
