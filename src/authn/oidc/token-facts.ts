import type { TokenEndpointResponse } from 'openid-client';
import type { JsonObject } from '../../core/json.ts';
import type { KeySet } from '../provider-side/key-sets/key-set.ts';
import type { OidcOptions } from './options.ts';

/** What the tokens of a login or of a renewal say. */
export interface TokenFacts {
  readonly sub: string;
  readonly sid: string | undefined;
  readonly claims: JsonObject;
  readonly granted: readonly string[];
  readonly nonce: string | undefined;
  /** Until when they are good, in milliseconds since the epoch; Infinity when they do not say. */
  readonly validMs: number;
  readonly refreshToken: string | undefined;
  readonly idToken: string | undefined;
}

/** The facts, or a word for what is wrong with the tokens. */
export type JudgedTokens =
  | { readonly kind: 'good'; readonly facts: TokenFacts }
  | { readonly kind: 'bad'; readonly problem: string }
  | { readonly kind: 'unavailable' };

/** Why tokens are not good. */
export type Refused = Exclude<JudgedTokens, { readonly kind: 'good' }>;

/** An answer of the token endpoint. */
export type Tokens = Pick<
  TokenEndpointResponse,
  'access_token' | 'expires_in' | 'id_token' | 'refresh_token' | 'scope'
>;

/** What judging tokens takes. */
export interface TokenRules {
  readonly options: OidcOptions;
  readonly keySet: KeySet;
  readonly nowMs: () => number;
}

/** What a renewal must agree with, and what it leaves unsaid. */
export type Previous = Pick<TokenFacts, 'sub' | 'sid' | 'claims' | 'granted' | 'nonce' | 'refreshToken' | 'idToken'>;

/** Tokens that are wrong, with a word for what is. */
export const bad = (problem: string): Refused => ({ kind: 'bad', problem });

/** Claims, and until when they are good. */
export interface Dated {
  readonly claims: JsonObject;
  readonly endsMs: number;
}

/** What an ID token says, or what the one before it said where a renewal comes without. */
export type Login = Dated & Pick<TokenFacts, 'sub' | 'sid' | 'nonce'>;
