import { soleName } from '../../core/choose.ts';
import type { Context } from '../../core/context.ts';
import type { FoundLogin } from '../../core/found.ts';
import { providerShown } from '../../core/providers/index.ts';
import { cleanText } from '../../core/redact.ts';
import type { AccountView } from '../../shared/account-view.ts';
import type { Tools } from '../command.ts';
import { paint, print, printJson, quoted } from '../output.ts';

/** Which logins the tools have by themselves, and how to have one here. */
export async function findForImport({ engine, context }: Tools, json: boolean): Promise<number> {
  const logins = await engine.found();
  const { accounts } = await engine.status();
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
    print(`  → ${stepFor(context, login, aliases[0] ?? id, accounts)}`);
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

function stepFor(
  context: Context,
  { account: id, tools: [tool] }: FoundLogin,
  service: string,
  accounts: readonly AccountView[],
): string {
  if (id === null) return `Run \`authbar login ${service}\` to have it kept fresh here.`;
  const take = `\`authbar targets take ${tool?.target} ${service}\``;
  const account = accounts.find((view) => view.id === id);
  if (account?.inUse) return `Signed in here, too. ${take} puts yours there.`;
  const name = account ? quoted(soleName(account, accounts, context.providers)) : id;
  return `Signed in here, too. \`authbar use ${name} --for ${tool?.target}\`, then ${take}, put yours there.`;
}
