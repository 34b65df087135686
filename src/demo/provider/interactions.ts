import type { IncomingMessage, ServerResponse } from 'node:http';
import type { InteractionResults, Provider } from 'oidc-provider';
import { pageHeaders } from '../html.ts';
import { textOf } from '../http-answer.ts';
import { isName } from './accounts.ts';
import { acrValues, askedAcr } from './configuration.ts';
import { errorPage, loginPage } from './pages.ts';

/** The pages on which people log in: GET shows the form, POST takes it. Whatever goes wrong is a page too. */
export const answerInteractions =
  (provider: Provider) =>
  (request: IncomingMessage, response: ServerResponse): void => {
    interact(provider, request, response).catch(() => {
      // No interaction of this browser, or one that is over.
      if (!response.headersSent) show(response, 400, errorPage('invalid_request', 'This login is over; begin again.'));
    });
  };

async function interact(provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { params, prompt, session, uid } = await provider.interactionDetails(request, response);
  const secondFactor = askedAcr(params).includes(acrValues[1]);
  const known =
    prompt.reasons.includes('acr_values') || prompt.reasons.includes('max_age') ? session?.accountId : undefined;
  const form = { action: `/interaction/${uid}`, account: known, secondFactor };
  if (request.method !== 'POST') return show(response, 200, loginPage({ ...form, problem: undefined }));
  const fields = new URLSearchParams(await textOf(request));
  const result = loginOf(fields, secondFactor);
  if (typeof result === 'string') return show(response, 422, loginPage({ ...form, problem: result }));
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

/** The login that a form asks for, or what is wrong with it. */
function loginOf(fields: URLSearchParams, secondFactor: boolean): InteractionResults | string {
  const accountId = fields.get('account') ?? '';
  if (!isName(accountId)) return 'A name has lower-case letters and digits.';
  if (secondFactor && !/^\d{6}$/.test(fields.get('digits') ?? '')) return 'Six digits are asked for.';
  return {
    login: {
      accountId,
      acr: acrValues[secondFactor ? 1 : 0],
      amr: secondFactor ? ['pwd', 'otp'] : ['pwd'],
      remember: true,
    },
  };
}

function show(response: ServerResponse, status: number, page: string): void {
  response.writeHead(status, { ...pageHeaders, 'content-length': Buffer.byteLength(page) });
  response.end(page);
}
