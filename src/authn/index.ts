import { apiKey } from './api-key.ts';
import type { AuthenticatorKind } from './authenticator.ts';
import { introspection } from './introspection.ts';
import { jwt } from './jwt.ts';
import { mtls } from './mtls.ts';
import { oidc } from './oidc.ts';

/** Every kind of identity, by the key that a config names it with. */
export const authenticators = Object.freeze({
  jwt,
  introspection,
  oidc,
  api_key: apiKey,
  mtls,
} as const satisfies Record<string, AuthenticatorKind>);

export { openReader } from '../core/options.ts';
/** Keys files, and the records of the shared store. */
export { createKeyFiles, type FileKeys, type KeyFiles, readFileKeys } from './api-key/file-keys.ts';
export { type PackedKeys, packKeys } from './api-key/key-table.ts';
export { isLinesFile, readKeysFile } from './api-key/keys-file.ts';
export { keyState, revokedKey, rotateKey, timeText } from './api-key/lifecycle.ts';
export { type KeyWords, mintApiKey } from './api-key/mint.ts';
export { keyTableName, readRecord, recordNameOf } from './api-key/shared-keys.ts';
export { keysFileOf } from './api-key/store.ts';
/** One identity, how its kind is built, and what that takes. */
export type { Authenticator, AuthnDeps } from './authenticator.ts';
export { standIn } from './authenticator.ts';
/** Where client certificates are taken from. */
export {
  buildCertificates,
  type ClientCertificateOptions,
  clientCertificateSchema,
  xfccHeader,
} from './certificates/index.ts';
export { identifySteps } from './identify.ts';
export { createLasting } from './lasting.ts';
export { createKeySets } from './provider-side/key-sets/index.ts';
/** Key sets, which outlive a plan. */
export type { KeySetSpec, KeySets } from './provider-side/key-sets/key-set.ts';
export { type OpenRevocations, openRevocations } from './revocations/index.ts';
/** How an identity names roles. */
export { type RoleNames, readRoleNames } from './role-mapping.ts';
export { identitySelectionSchema } from './selection.ts';
/** Tokens of our own for upstreams. */
export { buildIdentityToken, type IdentityTokenOptions, identityTokenSchema } from './signing/identity-token.ts';
export { buildSigning, type Signing, type SigningOptions, signingSchema } from './signing/index.ts';
export { jwksPage } from './signing/jwks-page.ts';
