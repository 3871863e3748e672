import type { Context } from '../core/context.ts';
import { cleanText } from '../core/redact.ts';
import { targetNames } from '../core/targets/names.ts';
import type { AccountView } from '../shared/account-view.ts';
import type { Notice, Notifier } from '../shared/notice.ts';
import { noticeText } from '../shared/notice-texts.ts';
import { print } from './output.ts';
import { timestamp } from './timestamp.ts';

/** Shows notices as lines of a terminal, which cannot be taken back; the next step below the notice. */
export function terminalNotifier(context: Context): Notifier {
  const services = Object.fromEntries(
    Object.values(context.providers).map(({ id, service }) => [id, service]),
  );
  const tools = targetNames(context);
  return {
    show(notice, accounts) {
      const now = context.clock.now();
      const words = { accounts, services, tools, platform: context.platform, now };
      const { title, body } = noticeText(notice, words);
      print(`${timestamp(new Date(now))}  ${cleanText(`${title}. ${body}`, 400)}`);
      const step = nextStep(notice, accounts, services);
      if (step) print(`  → ${step}`);
    },
    remove() {},
  };
}

/** What the notice's button would do. */
function nextStep(
  { kind, accounts: [first] }: Notice,
  accounts: readonly AccountView[],
  services: Readonly<Record<string, string>>,
): string | null {
  const provider = accounts.find(({ id }) => id === first)?.provider ?? '';
  const service = services[provider] ?? provider;
  switch (kind) {
    case 'login-ended':
      return `Run \`authbar login ${service.toLowerCase()}\`.`;
    case 'several-ended':
      return 'Run `authbar status` to see which.';
    case 'account-paused':
      return `Open ${service} in your browser to see why.`;
    case 'keychain-locked':
      return 'Unlock it, and Authbar carries on.';
    case 'tool-not-written':
      return 'Run `authbar targets` to see why.';
    case 'works-again':
      return null;
  }
}
