import type { FoundLogin } from '../../core/found.ts';
import { providerShown } from '../../core/providers/index.ts';
import { cleanText } from '../../core/redact.ts';
import type { Tools } from '../command.ts';
import { paint, print, printJson } from '../output.ts';

/** Which logins the tools have by themselves, and how to have one here. */
export async function findForImport({ engine, context }: Tools, json: boolean): Promise<number> {
  const logins = await engine.found();
  if (json) {
    printJson({ logins });
    return 0;
  }
  if (logins.length === 0) {
    print('Your tools have no logins but those from here.');
    return 0;
  }
  for (const login of logins) {
    const { service, aliases, id } = providerShown(context.providers, login.provider);
    print(paint(process.stdout, 'bold', `${service} · ${ownerIn(login)}`));
    print(`  In ${login.tools.map(({ name }) => name).join(', ')}`);
    print(`  → ${stepFor(login, aliases[0] ?? id)}`);
    print();
  }
  print('A sign-in here is a login of its own: those of your tools stay as they are.');
  return 0;
}

function ownerIn({ email, workspace, unknown }: FoundLogin): string {
  if (unknown) return 'whose isn’t known: it has run out, or nobody answers';
  const owner = email === null ? 'no address' : cleanText(email);
  return workspace === null ? owner : `${owner} · ${cleanText(workspace)}`;
}

function stepFor({ account, tools }: FoundLogin, service: string): string {
  const [tool] = tools;
  return account === null
    ? `Run \`authbar login ${service}\` to have it kept fresh here.`
    : `Signed in here, too. \`authbar targets take ${tool?.target} ${service}\` puts yours there.`;
}
