import type { ClientCertificate } from '../../core/certificate.ts';

// IA5String as RFC 5280 section 4.2.1.6 has it, and no blank: "good.com\0.evil.com" is no name, and neither is half of it.
const printable = /^[\x21-\x7e]+$/;
// As node:crypto writes them: a value with a comma, a quote or anything unprintable in it is a JSON string.
const entry = /([A-Za-z][A-Za-z ]*):(?:("(?:[^"\\]|\\.)*")|([^",]*))(?:, |$)/y;

/** Subject alternative names by their types; other types are left out. */
interface AlternativeNames {
  readonly uris: readonly string[];
  readonly dnsNames: readonly string[];
  readonly emails: readonly string[];
}

/** A certificate of which nothing is known yet. */
export const unnamed: ClientCertificate = Object.freeze({
  ...{ thumbprint: undefined, subject: '', uris: [], dnsNames: [], emails: [] },
  ...{ issuedMs: undefined, expiresMs: undefined },
});

/** Whether every one is a name of printable ASCII without blanks. */
const arePlainNames = (names: readonly string[]): boolean => names.every((name) => printable.test(name));

/** Reads the names from the text of X509Certificate.subjectAltName; undefined when one of them is not plain. */
export function readAlternativeNames(text: string): AlternativeNames | undefined {
  const names = { URI: [] as string[], DNS: [] as string[], email: [] as string[] };
  entry.lastIndex = 0;
  while (entry.lastIndex < text.length) {
    const [, type = '', quoted, plain = ''] = entry.exec(text) ?? [];
    // A sticky expression that fails begins anew, and there is no type without a name.
    if (type === '') return undefined;
    if (type === 'URI' || type === 'DNS' || type === 'email') {
      names[type].push(quoted === undefined ? plain : unquote(quoted));
    }
  }
  const { URI: uris, DNS: dnsNames, email: emails } = names;
  return arePlainNames([...uris, ...dnsNames, ...emails]) ? { uris, dnsNames, emails } : undefined;
}

function unquote(literal: string): string {
  try {
    return JSON.parse(literal);
  } catch {
    return '';
  }
}
