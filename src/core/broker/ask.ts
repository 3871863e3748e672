import { AppError, asAppError, hasCode } from '../../shared/errors.ts';
import type { Context } from '../context.ts';
import { connectBroker, openBroker } from './client.ts';
import type { BrokerService } from './server.ts';

/**
 * Has something done by the engine that runs, or `alone` where none does. Whatever goes wrong with the
 * engine, `alone` has the last word: the same locks hold there. Only a forced renewal, once asked for, is
 * never done again, for nobody knows how far the engine came with it. Where `AUTHBAR_SOCKET` names a socket, it
 * is that one or nothing, and neither a state folder nor a vault is needed.
 * @throws AppError as `alone` and the engine do, `unexpected` if it ended in a forced renewal; with
 * `AUTHBAR_SOCKET`, as `openBroker` does.
 */
export async function askEngine<T>(
  context: Context,
  ask: (engine: BrokerService) => Promise<T>,
  alone: () => Promise<T>,
): Promise<T> {
  const path = context.env.AUTHBAR_SOCKET;
  const client = path ? await openBroker(context, path) : await connectBroker(context);
  if (!client) return alone();
  try {
    return await ask(client);
  } catch (error) {
    if (path) throw error;
    // Its own words are about a shared login.
    if (client.isCommitted && hasCode(error, 'engine-gone'))
      throw new AppError('unexpected', {}, error);
    if (client.isCommitted) throw error;
    context.log({
      level: 'debug',
      event: 'engine-could-not',
      fields: { code: asAppError(error).code },
    });
  } finally {
    client.close();
  }
  return alone();
}
