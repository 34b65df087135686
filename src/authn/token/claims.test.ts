import assert from 'node:assert/strict';
import { test } from 'node:test';
import { soundClaims } from '../../../test/support/jwt.ts';
import { recordIssues } from '../../../test/support/recording-context.ts';
import { openReader } from '../../core/options.ts';
import { readRoleMapping } from '../role-mapping.ts';
import { namedClaim, readSubject } from './claims.ts';

const { context } = recordIssues();
const rules = {
  audience: undefined,
  roles: readRoleMapping(openReader({}, assert.fail), context),
  scopes: namedClaim('scope'),
  clockSkewMs: 0,
  maxAgeMs: undefined,
  requiredClaims: [],
};

test('a token whose name nobody could revoke it by is refused, and a long name is kept whole', () => {
  for (const name of ['jti', 'sid']) {
    for (const value of ['a\nb', '', 'x'.repeat(1025), '\u2028']) {
      const read = readSubject({ ...soundClaims, [name]: value }, rules);
      assert.deepEqual(read, { reason: 'token_claims', claim: name }, value);
    }
  }
  const long = readSubject({ ...soundClaims, jti: 'x'.repeat(1024) }, rules);
  assert.ok('tokenId' in long);
  assert.equal(long.tokenId?.length, 1024);
});
