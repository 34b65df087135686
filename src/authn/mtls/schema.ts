import type { JsonSchema } from '../../core/build.ts';
import { textsSchema } from '../schema.ts';

const texts = (description: string): JsonSchema => textsSchema(description, { minItems: 1 });

/** The options of an mtls identity. */
export const mtlsSchema: JsonSchema = Object.freeze({
  type: 'object',
  additionalProperties: false,
  minProperties: 1,
  description:
    'Client certificates that Envoy verified. The first kind of name that fits is the principal, in this order; name one kind at least.',
  properties: {
    spiffe: {
      type: 'object',
      additionalProperties: false,
      required: ['trust_domains'],
      description:
        'SPIFFE IDs. A certificate with such a name and a second URI, or a malformed one, is refused. Default: none are accepted.',
      properties: {
        trust_domains: texts('The trust domains that are accepted. Required.'),
        paths: texts(
          'Paths that are accepted, written like those of rules: `{name}` is one segment, a closing `/**` the rest. Default: any path.',
        ),
      },
    },
    uris: texts('Other URIs that are accepted, letter by letter. Default: none are accepted.'),
    dns: texts(
      'DNS names that are accepted, in any case; a leading `*.` stands for one label. Default: none are accepted.',
    ),
    emails: texts('Mail addresses that are accepted, letter by letter. Default: none are accepted.'),
    subjects: texts(
      'Distinguished names that are accepted, letter by letter as Envoy writes them: `CN=billing,O=Example`. Default: none are accepted.',
    ),
    roles: {
      type: 'object',
      description:
        'Roles by names that are accepted; a SPIFFE ID may end with `/**`, a DNS name begin with `*.`. A principal has the roles of every name that fits. Default: no roles.',
      additionalProperties: texts('The roles of whoever has this name. Required.'),
    },
  },
});
