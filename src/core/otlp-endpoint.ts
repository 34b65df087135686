/** The base URL of an OTLP/HTTP receiver, without a slash at its end; undefined for an empty text, and for what is none, of which report hears. */
export function readOtlpEndpoint(text: string, report: (problem: string) => void): string | undefined {
  if (text === '') return undefined;
  const problem = problemOf(text);
  if (problem === undefined) return text.replace(/\/+$/, '');
  report(problem);
  return undefined;
}

function problemOf(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) return 'must be an http or https URL';
  if (url.username !== '' || url.password !== '') {
    return 'must hold no user name or password; headers for the receiver come from OTEL_EXPORTER_OTLP_HEADERS';
  }
  if (url.search !== '' || url.hash !== '') return 'must be a base URL, without query and fragment';
  return undefined;
}
