import type { RefreshReport } from '../../core/engine.ts';
import { run as keepFresh } from '../../core/run.ts';
import type { Tools } from '../command.ts';
import { INTERRUPTED } from '../exit-codes.ts';
import { print, say } from '../output.ts';
import { VERSION } from '../version.ts';
import { linesOf } from './refresh.ts';

/** Keeps every login fresh until it is stopped. */
export async function run({ engine, context }: Tools): Promise<number> {
  const stop = new AbortController();
  let code = 0;
  const stopWith = (exit: number) => () => {
    code = exit;
    stop.abort();
    say('Stopping.');
  };
  process.once('SIGINT', stopWith(INTERRUPTED));
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.once(signal, stopWith(0));

  const last = new Map<string, string>();
  await keepFresh(context, engine, {
    kind: 'daemon',
    version: VERSION,
    signal: stop.signal,
    onStart: () => say(`Keeping your logins fresh as process ${process.pid}. Ctrl-C stops it.`),
    onReport: (report) => {
      if (!isNews(report, last)) return;
      for (const line of linesOf(context, report, true)) print(`${timestamp(new Date())}  ${line}`);
    },
  });
  return code;
}

/** Each renewal is news. Trouble is when it begins or changes, not at every try. */
function isNews({ account, how, error }: RefreshReport, last: Map<string, string>): boolean {
  const event = `${how} ${error?.code}`;
  const known = last.get(account.id) === event;
  last.set(account.id, event);
  return how !== 'failed' || !known;
}

/** Local time, in the order that sorts. */
function timestamp(at: Date): string {
  const two = (number: number) => String(number).padStart(2, '0');
  const day = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join('-');
  return `${day} ${[at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(':')}`;
}
