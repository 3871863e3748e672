import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type Provider from 'oidc-provider';
import { errorPage, signInPage } from './pages.ts';
import type { Person } from './people.ts';
import type { Face } from './shapes.ts';

/** Shows the sign-in page and works its form off: login and consent in one step. */
export function signInHandler(provider: Provider, face: Face, people: readonly Person[]) {
  return async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    try {
      if (req.method === 'POST') await submit(provider, face, people, req, res);
      else await show(provider, face, people, req, res);
    } catch (error) {
      res.writeHead(400, { 'content-type': 'text/html; charset=utf-8' });
      res.end(errorPage(String(error)));
    }
  };
}

async function show(
  provider: Provider,
  face: Face,
  people: readonly Person[],
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const { uid } = await provider.interactionDetails(req, res);
  res.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
  res.end(signInPage(face.service, `${face.paths.signIn}/${uid}`, people));
}

async function submit(
  provider: Provider,
  face: Face,
  people: readonly Person[],
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const { params } = await provider.interactionDetails(req, res);
  const form = new URLSearchParams(await text(req));
  const person = people.find(({ key }) => key === form.get('person'));
  if (!person) {
    const error_description = 'The person has cancelled';
    await provider.interactionFinished(req, res, { error: 'access_denied', error_description });
    return;
  }
  const grant = new provider.Grant({ accountId: person.key, clientId: face.clientId });
  const scope = String(params.scope ?? '');
  grant.addOIDCScope(scope);
  if (face.audience) grant.addResourceScope(face.audience, scope);
  await provider.interactionFinished(req, res, {
    login: { accountId: person.key },
    consent: { grantId: await grant.save() },
  });
}
