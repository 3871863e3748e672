import { randomBytes } from 'node:crypto';
import { shareLogin } from '../../core/share.ts';
import { inWords } from '../../shared/time-words.ts';
import type { Tools } from '../command.ts';
import { INTERRUPTED } from '../exit-codes.ts';
import { print, quoted, say } from '../output.ts';
import { nameOf, serviceOf } from '../words.ts';

const USUAL_SPAN = 8 * 60 * 60_000;

/** Gives another computer the access of one login, until the time is over or somebody stops it. */
export async function share(
  { engine, context }: Tools,
  name: string,
  span: number = USUAL_SPAN,
): Promise<number> {
  const onUse = () => print(`${new Date().toTimeString().slice(0, 8)}  Used`);
  const shared = await shareLogin(context, engine, name, { span, onUse });
  let code = 0;
  const stopWith = (exit: number) => () => {
    code = exit;
    void shared.close();
  };
  process.once('SIGINT', stopWith(INTERRUPTED));
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.once(signal, stopWith(0));

  const end = inWords(shared.until, Date.now());
  const { accounts } = await engine.status();
  print(
    `Sharing ${nameOf(context, shared.account, accounts)}. It ends ${end}; Ctrl-C ends it before.`,
  );
  const login = serviceOf(context, shared.account).toLowerCase();
  for (const line of steps(shared.path, login)) print(line);
  await shared.closed;
  say('Nothing is shared any more. A token that was handed out works until its own end.');
  return code;
}

/**
 * What to run on either side. The folder there is one that nobody else can have made or can look into:
 * Authbar uses no other socket. What an earlier connection left in it has to go: whether sshd replaces that
 * is up to its own settings, and nothing that `ssh` could ask for.
 */
function steps(path: string, login: string): string[] {
  const folder = `/tmp/authbar-${randomBytes(8).toString('hex')}`;
  const socket = `${folder}/socket`;
  return [
    'The other computer gets access tokens of this login, never the login itself.',
    '',
    'Run this here, with the other computer in the place of you@host:',
    `  ssh you@host 'mkdir -p -m 700 ${folder} && rm -f ${socket}'`,
    `  ssh -o ExitOnForwardFailure=yes -R ${quoted(`${socket}:${path}`)} you@host`,
    'Then this there, in the shell that you are in now:',
    `  export AUTHBAR_SOCKET=${socket}`,
    `  authbar token ${login}`,
    'If the connection breaks, run the same lines again.',
    '',
  ];
}
