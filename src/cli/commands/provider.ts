import type { AddRequest } from '../../core/providers/add-custom.ts';
import type { CustomProvider } from '../../core/providers/custom.ts';
import {
  type FileRequest,
  MAX_REQUEST_BYTES,
  parseRequest,
} from '../../core/providers/custom-request.ts';
import { cleanText } from '../../core/redact.ts';
import { bareId, isCustomId } from '../../shared/custom-id.ts';
import { AppError } from '../../shared/errors.ts';
import type { Tools } from '../command.ts';
import { paint, print, printJson } from '../output.ts';
import type { AddOptions } from '../program/providers.ts';
import { ownerAmong } from '../words.ts';

/** Adds a service by its address or a file, or changes one. */
export async function addProvider(
  tools: Tools,
  options: AddOptions,
  json: boolean,
): Promise<number> {
  const { added, before } = await tools.engine.providers.add(await requestOf(tools, options));
  if (json) {
    printJson({ provider: shown(added), before: before && shown(before) });
    return 0;
  }
  const [lines, old] = [linesOf(added), before && linesOf(before)];
  print(`${before ? 'Changed' : 'Added'} ${paint(process.stdout, 'bold', added.name)}.`);
  for (const [label, value] of Object.entries(lines)) {
    print(line(label, value));
    const was = old?.[label];
    if (was !== undefined && was !== value) print(line('', `(it was ${was})`));
  }
  const same = before?.name === added.name && JSON.stringify(old) === JSON.stringify(lines);
  if (before && before.name !== added.name) print(line('', `(its name was ${before.name})`));
  if (same) print('  Nothing of it is different now.');
  print('This stays as it is, whatever the service says of itself later.');
  print(`→ Run \`authbar login ${bareId(added.id)}\` to sign in.`);
  return 0;
}

/** The services that the person added, and who is signed in there. */
export async function listProviders({ engine }: Tools, json: boolean): Promise<number> {
  const all = await engine.providers.list();
  if (json) {
    printJson({ providers: all.map(shown) });
    return 0;
  }
  if (all.length === 0) {
    print('You added no service yet.');
    print('  → Run `authbar provider add --help` to see how.');
  }
  const { accounts } = await engine.status();
  for (const each of all) {
    print(`${paint(process.stdout, 'bold', each.name)}   \`authbar login ${bareId(each.id)}\``);
    const people = accounts
      .filter(({ provider }) => provider === each.id)
      .map((view) => ownerAmong(view, accounts));
    print(line('Signed in', people.length > 0 ? people.join(', ') : 'nobody'));
    for (const [label, value] of Object.entries(linesOf(each))) print(line(label, value));
    print();
  }
  const known = new Set(all.map(({ id }) => id as string));
  const lost = accounts.filter(({ provider }) => isCustomId(provider) && !known.has(provider));
  for (const { provider } of lost) {
    print(`A login of ${bareId(provider)}, which is not listed, is still here.`);
    print(`  → Add it again, or run \`authbar logout ${bareId(provider)}\`.`);
  }
  return 0;
}

/** Forgets a service. */
export async function removeProvider(
  { engine }: Tools,
  name: string,
  { json, force }: { readonly json: boolean; readonly force: boolean },
): Promise<number> {
  const removed = await engine.providers.remove(name, force);
  if (json) {
    printJson({ removed: shown(removed) });
    return 0;
  }
  print(`Removed ${removed.name}.`);
  const { accounts } = await engine.status();
  if (accounts.some(({ provider }) => provider === removed.id)) {
    print('  Its login is still here, and isn’t renewed any more.');
    print(`  → Run \`authbar logout ${bareId(removed.id)}\` to take it away.`);
  }
  return 0;
}

/** What the file says, and over it what the options say. */
async function requestOf({ context }: Tools, options: AddOptions): Promise<AddRequest> {
  const file: FileRequest =
    options.file === undefined ? {} : await readRequest(context.fs, options.file);
  const { issuer = file.issuer, clientId = file.clientId } = options;
  if (!issuer) throw wrong('Say where the service is, with --issuer or in --file');
  if (!clientId) throw wrong('Say with --client-id what the service knows Authbar by');
  return {
    ...file,
    issuer,
    clientId,
    id: options.id ?? file.id,
    name: options.name ?? file.name,
    scopes: some(options.scope) ?? file.scopes,
    redirectPorts: some(options.redirectPort) ?? file.redirectPorts,
    allowedOrigins: some(options.allowOrigin) ?? file.allowedOrigins,
    replace: options.replace === true,
  };
}

async function readRequest(
  { readFile }: Tools['context']['fs'],
  path: string,
): Promise<FileRequest> {
  const bytes = await readFile(path).catch(() => {
    throw wrong('That file can’t be read');
  });
  if (bytes.length > MAX_REQUEST_BYTES) throw wrong('That file is far too long');
  return parseRequest(bytes.toString('utf8'));
}

function some<T>(given: readonly T[] | undefined): readonly T[] | undefined {
  return given && given.length > 0 ? given : undefined;
}

/** Everything that was fixed, by what a person calls it. */
function linesOf(custom: CustomProvider): Record<string, string> {
  const { issuer, endpoints, clientId, scopes, redirectPorts, allowedOrigins } = custom;
  const ports = redirectPorts.map((port) => (port === 0 ? 'any free port' : String(port)));
  return {
    Issuer: issuer,
    'Sign-in page': endpoints.authorize,
    Tokens: endpoints.token,
    'Ends a login': endpoints.revoke ?? 'not offered: sign out at the service as well',
    'Says who it is': endpoints.userinfo ?? 'only in its tokens, if at all',
    'Client id': clientId,
    Scopes: scopes.length > 0 ? scopes.join(' ') : 'none',
    'Comes back to': `http://127.0.0.1/callback on ${ports.join(', ')}`,
    ...(allowedOrigins.length > 0 && { 'May see tokens': allowedOrigins.join(', ') }),
  };
}

function line(label: string, value: string): string {
  return `  ${label.padEnd(15)} ${cleanText(value, 2048)}`;
}

/** Without what a newer version may have added. */
function shown(custom: CustomProvider): object {
  const { id, name, issuer, clientId, scopes, endpoints, allowedOrigins } = custom;
  const { authorize, token, revoke, userinfo } = endpoints;
  const { redirectPorts, issuerInAnswer, addedAt } = custom;
  return {
    id,
    name,
    issuer,
    clientId,
    scopes,
    endpoints: { authorize, token, revoke, userinfo },
    allowedOrigins,
    redirectPorts,
    issuerInAnswer,
    addedAt,
  };
}

function wrong(hint: string): AppError {
  return new AppError('wrong-use', { hint });
}
