import type { NormalRequest } from '../core/attributes.ts';
import type { BuildContext } from '../core/build.ts';
import type { ClientCertificate, PresentedCertificate } from '../core/certificate.ts';
import type { Clock } from '../core/clock.ts';
import { type Identified, identified } from '../core/identified.ts';
import { openReader } from '../core/options.ts';
import { noMemberships, type Principal, principalKey } from '../core/principal.ts';
import type { Reason } from '../core/reason.ts';
import { abstain, type Detail, passWith, type Reject, reject, type Verdict } from '../core/verdict.ts';
import {
  type Authenticator,
  type AuthenticatorKind,
  type AuthnDeps,
  guarded,
  plainAuthenticator,
} from './authenticator.ts';
import { certificateChallenge, challengeHeaders } from './challenge.ts';
import { type AcceptedNames, readNames } from './mtls/names.ts';
import { type RolesOf, readRoles } from './mtls/roles.ts';
import { mtlsSchema } from './mtls/schema.ts';

interface Registry {
  readonly id: string;
  readonly names: AcceptedNames;
  readonly rolesOf: RolesOf;
  readonly clock: Clock;
}

/** Client certificates that Envoy verified: SPIFFE IDs, other alternative names, subjects (RFC 5280, X509-SVID). */
export const mtls: AuthenticatorKind = Object.freeze({ schema: mtlsSchema, build: buildMtls });

function buildMtls(id: string, raw: unknown, context: BuildContext, deps: AuthnDeps): Authenticator {
  const { certificates, clock } = deps;
  const reader = openReader(raw, (path, message) => context.issue(path, message));
  const names = readNames(reader, context);
  const registry: Registry = { id, names, rolesOf: readRoles(reader, names, context.at('roles')), clock };
  return {
    ...plainAuthenticator,
    id,
    kind: 'mtls',
    places: [{ in: 'connection', name: 'certificate' }],
    challenge: certificateChallenge,
    issuer: undefined,
    keySets: [],
    present: (request) => certificates(request).kind !== 'absent',
    recognises: (request) => isAccepted(certificates(request), names),
    authenticate: (request: NormalRequest, signal) =>
      guarded(signal, () => authenticate(registry, certificates(request))),
    describe: (request) => describe(certificates(request), names),
    ready: () => true,
  };
}

const isAccepted = (presented: PresentedCertificate, names: AcceptedNames): boolean =>
  presented.kind === 'present' && typeof names.find(presented.certificate) === 'object';

function describe(presented: PresentedCertificate, names: AcceptedNames): string {
  if (presented.kind === 'absent') return 'nothing';
  if (presented.kind === 'malformed') return 'something that is no certificate';
  return isAccepted(presented, names)
    ? 'a certificate with an accepted name'
    : 'a certificate without an accepted name';
}

function authenticate(registry: Registry, presented: PresentedCertificate): Verdict<Identified> {
  const { id, names, clock } = registry;
  const bad = (reason: Reason, detail: Detail = {}): Reject =>
    reject(reason, { identity: id, ...detail }, { headers: challengeHeaders([certificateChallenge]) });
  if (presented.kind === 'absent') return abstain();
  if (presented.kind === 'malformed') return bad('certificate_malformed', { problem: presented.problem });
  const { certificate } = presented;
  const found = names.find(certificate);
  if (found === 'malformed') return bad('certificate_malformed', { problem: 'spiffe' });
  if (found === 'none') return bad('certificate_unknown');
  // Envoy looks at the handshake; a connection may outlive the certificate that it was opened with.
  if (certificate.expiresMs !== undefined && clock.nowMs() >= certificate.expiresMs) {
    return bad('certificate_unknown', { problem: 'expired' });
  }
  return passWith(identified(principalOf(registry, found.name, certificate)), { identity: id });
}

function principalOf({ id, rolesOf }: Registry, name: string, certificate: ClientCertificate): Principal {
  const { thumbprint, subject, uris, dnsNames, emails, issuedMs, expiresMs } = certificate;
  return {
    source: id,
    id: name,
    key: principalKey(id, name),
    kind: 'mtls',
    roles: rolesOf(name),
    memberships: noMemberships,
    scopes: new Set(),
    issuer: undefined,
    credentialId: thumbprint,
    sessionId: undefined,
    issuedMs,
    expiresMs,
    boundBy: 'mtls',
    claims: Object.freeze({ __proto__: null, subject, uris, dns_names: dnsNames, emails }),
  };
}
