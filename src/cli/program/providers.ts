import { AppError } from '../../shared/errors.ts';
import { examples } from '../help.ts';
import { act, type Command, command, type Json, part } from './declare.ts';

const MORE_ADD = `
The service has to take a public client (one without a secret) with PKCE (S256), and to
send the browser back to http://127.0.0.1/callback on any port, or on those of --redirect-port.

What it says of itself is read once, when it is added. What it says later changes nothing.
No tool’s file gets its logins: programs get them from token and exec.`;

/** What `provider add` was given. */
export interface AddOptions {
  readonly issuer?: string;
  readonly file?: string;
  readonly id?: string;
  readonly name?: string;
  readonly clientId?: string;
  readonly scope?: readonly string[];
  readonly redirectPort?: readonly number[];
  readonly allowOrigin?: readonly string[];
  readonly replace?: boolean;
}

/** Services that the person adds. */
export function addProviders(program: Command): void {
  const list = (options: Json) =>
    act(options, async (tools) => {
      const { listProviders } = await import('../commands/provider.ts');
      return listProviders(tools, options.json === true);
    });
  const group = command(program, 'provider')
    .description('add other services to sign in to (OAuth 2 or OpenID Connect)')
    .addHelpText('after', examples('authbar provider', `authbar provider add ${EXAMPLE}`))
    .action(list);
  const add = (usage: string, description: string, example: string) =>
    part(group, usage)
      .description(description)
      .addHelpText('after', usage === 'add' ? MORE_ADD : '')
      .addHelpText('after', examples(`authbar provider ${example}`));
  add('list', 'show the services that you added', 'list').action(() => list(group.opts()));
  add('add', 'add a service, or change one', `add ${EXAMPLE}`)
    .option('--issuer <url>', 'where the service says what it is')
    .option('--file <path>', 'a JSON file with the same, for a service that says nothing')
    .option('--client-id <id>', 'the id that the service knows Authbar by')
    .option('--id <id>', 'what you call it: small letters, digits and dashes')
    .option('--name <name>', 'what it is called where it is shown')
    .option('--scope <scopes>', 'what to ask for; may be given more than once', words)
    .option('--redirect-port <port>', 'a port to come back to, instead of any', ports)
    .option('--allow-origin <origin>', 'another origin that may see its tokens', words)
    .option('--replace', 'change the one that has this id')
    .action((options: AddOptions) => {
      const { json = false }: Json = group.opts();
      return act({ json }, async (tools) => {
        const { addProvider } = await import('../commands/provider.ts');
        return addProvider(tools, options, json);
      });
    });
  add('remove <id>', 'forget a service that you added', 'remove example')
    .option('--force', 'also while you are signed in there; the login stays, and isn’t renewed')
    .action((id: string, { force = false }: { readonly force?: boolean }) => {
      const { json = false }: Json = group.opts();
      return act({ json }, async (tools) => {
        const { removeProvider } = await import('../commands/provider.ts');
        return removeProvider(tools, id, { json, force });
      });
    });
}

const EXAMPLE = '--issuer https://login.example.com --client-id authbar --id example';

function words(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, ...text.split(/[\s,]+/).filter((word) => word !== '')];
}

function ports(text: string, before: readonly number[] = []): readonly number[] {
  if (!/^\d{1,5}$/.test(text)) {
    throw new AppError('wrong-use', { hint: 'A port is a number, as in 8400' });
  }
  return [...before, Number(text)];
}
