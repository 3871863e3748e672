import type { KeyService } from '../../core/keys/services.ts';
import { AppError, hasCode } from '../../shared/errors.ts';
import type { Tools } from '../command.ts';
import { say } from '../output.ts';

/**
 * The API key for a command, where there is no such login.
 * @param error Why there is no access token.
 * @throws `error` where there is no key either, or nobody asked this computer.
 */
export async function keyInstead(
  { engine, context }: Tools,
  name: string,
  error: unknown,
): Promise<{ service: KeyService; key: string }> {
  const service = serviceOf({ engine, context }, name, error);
  if (!service) throw error;
  const found = await engine.keys.forCommand(name);
  if (!found) throw hasCode(error, 'wrong-use') ? noKey(service) : error;
  // It is paid for by use, which a person who meant their plan has to know.
  const { service: login } = hasCode(error, 'no-such-login') ? error.details : {};
  if (login) say(`There is no ${login} login: the command gets your ${service.name} API key.`);
  return found;
}

/** `error` for a command that knows no keys, with what a person who has one has to know. */
export async function withoutKeys(tools: Tools, name: string, error: unknown): Promise<unknown> {
  const service = serviceOf(tools, name, error);
  if (!service || !(error instanceof AppError)) return error;
  const instead = `\`authbar exec ${service.id} -- …\` gives it to a command.`;
  if (await tools.engine.keys.has(service)) {
    const hint = `There is ${article(service.name)} API key, but this is for logins only; ${instead}`;
    return new AppError(error.code, { ...error.details, hint });
  }
  if (!hasCode(error, 'wrong-use')) return error;
  return new AppError('wrong-use', { hint: `${service.name} has API keys only, and no logins.` });
}

/** The service of keys that may be meant; `null`: another failure, or a login that someone shares. */
function serviceOf({ engine, context }: Tools, name: string, error: unknown): KeyService | null {
  if (context.env.AUTHBAR_SOCKET || !hasCode(error, 'no-such-login', 'wrong-use')) return null;
  return engine.keys.serviceFor(name);
}

function noKey({ id, name }: KeyService): AppError {
  const hint = `There is no ${name} key yet: \`authbar key add ${id}\` takes one.`;
  return new AppError('wrong-use', { hint });
}

function article(name: string): string {
  return /^[AEIO]/.test(name) ? `an ${name}` : `a ${name}`;
}
