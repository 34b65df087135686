import { OperationTypeNode } from 'graphql/language';
import type { NormalRequest } from '../../core/attributes.ts';
import { type Reject, reject } from '../../core/verdict.ts';
import type { Unreadable } from '../content/content.ts';
import type { GraphqlRequest } from '../content/graphql-request.ts';
import { checkGraphql, type GraphqlBounds } from './graphql-check.ts';
import { requestOfUrl, speaksGraphql } from './graphql-url.ts';
import { unreadable } from './refusals.ts';

const refuseUrl = (problem: string, parameter = 'query'): Reject => {
  const expose = { in: 'query', parameter, problem };
  return reject('parameter_mismatch', { inspection: 'payload', ...expose }, { expose });
};

const refuse = (unread: Unreadable): Reject =>
  unread.excess ? unreadable(unread) : refuseUrl(unread.problem, unread.pointer.split('/')[1] || 'query');

/** GET is safe (GraphQL over HTTP, section 5.2): a document with a mutation is for POST. */
const onlyReads = ({ document }: GraphqlRequest): boolean =>
  document?.definitions.every(
    (definition) => !('operation' in definition) || definition.operation === OperationTypeNode.QUERY,
  ) ?? true;

/** What is wrong with the URL of a GraphQL call; undefined: nothing, and its body, where the method has one, is still to be read. */
export function checkGraphqlUrl(request: NormalRequest, bounds: GraphqlBounds, maxDepth: number): Reject | undefined {
  if (request.method !== 'GET') return speaksGraphql(request) ? refuseUrl('ambiguous') : undefined;
  const read = requestOfUrl(request, { maxTokens: bounds.maxTokens, maxDepth });
  if (!read.ok) return refuse(read);
  const refused = checkGraphql([read.value], bounds);
  if (refused !== undefined) return refuse(refused);
  return onlyReads(read.value) ? undefined : refuseUrl('method');
}
