import type { RefreshReport } from '../../core/engine.ts';
import type { RunningEngine } from '../../core/engine-lock.ts';
import { run as keepFresh } from '../../core/run.ts';
import type { Tools } from '../command.ts';
import { INTERRUPTED } from '../exit-codes.ts';
import { tell } from '../failure.ts';
import { terminalNotifier } from '../notices.ts';
import { print, say } from '../output.ts';
import { tellSystemd } from '../systemd.ts';
import { timestamp } from '../timestamp.ts';
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
  const accounts = new Map((await engine.status()).accounts.map((view) => [view.id, view]));
  await keepFresh(context, engine, {
    kind: 'daemon',
    version: VERSION,
    signal: stop.signal,
    notifier: terminalNotifier(context),
    onStart: () => {
      say(`Keeping your logins fresh as process ${process.pid}. Ctrl-C stops it.`);
      tellSystemd('Keeping your logins fresh');
    },
    onStandby: (holder) => {
      say(standby(holder));
      tellSystemd('Standing by while the app runs');
    },
    onDeaf: (error) => say(`Other programs can’t ask this one for a login. ${tell(error).message}`),
    onReport: (report) => {
      if (!isNews(report, last)) return;
      accounts.set(report.account.id, report.account);
      const lines = linesOf(context, report, [...accounts.values()], true);
      for (const line of lines) print(`${timestamp(new Date())}  ${line}`);
    },
  });
  return code;
}

function standby(holder: RunningEngine | null): string {
  const keeper = holder ? `The app (process ${holder.pid}) keeps` : 'The app is here and keeps';
  return `${keeper} your logins fresh. Waiting here until it ends.`;
}

/** Each renewal is news. Trouble is when it begins or changes, not at every try. */
function isNews({ account, how, error }: RefreshReport, last: Map<string, string>): boolean {
  const event = `${how} ${error?.code}`;
  const known = last.get(account.id) === event;
  last.set(account.id, event);
  return how !== 'failed' || !known;
}
