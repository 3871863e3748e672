import { release } from 'node:os';
import type { AccountView } from '../../shared/account-view.ts';
import type { AppState, ToolEntry, ToolView } from '../../shared/app-state.ts';
import type { HistoryItem } from '../../shared/history.ts';
import { readHistory } from '../history.ts';
import { cleanText } from '../redact.ts';
import type { DeskParts } from './desk.ts';
import type { DesktopHandlers } from './ports.ts';

type ReportCalls = Pick<DesktopHandlers, 'report:read' | 'report:copy' | 'report:save'>;

/** The newest events of an account that are told. */
const EVENTS = 40;
const LONGEST_LINE = 400;
/** A shorter one is a word, or a piece of one. */
const SHORTEST_NAME = 3;
const EMAIL = /[^\s"'<>(),:;]+@[^\s"'<>(),:;]+/g;

/** The text for whoever is asked for help. */
export function reportCalls(desk: DeskParts): ReportCalls {
  return {
    'report:read': async () => ({ text: await composeReport(desk) }),
    'report:copy': async () => desk.shell.copy(await composeReport(desk)),
    'report:save': async () => {
      const day = new Date(desk.context.clock.now()).toISOString().slice(0, 10);
      const text = await composeReport(desk);
      return { saved: await desk.shell.saveText(`authbar-report-${day}.txt`, text) };
    },
  };
}

/** How everything is, without a login, a code, an e-mail address or a name of a person in it. */
export async function composeReport(desk: DeskParts): Promise<string> {
  const state = desk.state();
  const accounts = state.accounts;
  const happened = await Promise.all(
    accounts.map(async (account) => historyLines(state, account, await pastOf(desk, account))),
  );
  const log = (await desk.shell.logTail?.().catch(() => '')) ?? '';
  const parts = [
    headLines(desk, state),
    section(
      'Accounts',
      accounts.map((account) => accountLine(state, account)),
    ),
    section(
      'Tools',
      state.tools.flatMap((tool) => toolLines(state, tool)),
    ),
    section('What happened', happened.flat()),
    section(
      'Log',
      log.split('\n').filter((line) => line !== ''),
    ),
  ];
  return anonymous(desk, state, parts.flat().join('\n'));
}

async function pastOf({ context }: DeskParts, { id }: AccountView): Promise<HistoryItem[]> {
  return (await readHistory(context, [id]).catch(() => [])).slice(0, EVENTS);
}

function headLines({ context, shell }: DeskParts, state: AppState): string[] {
  const { os, locale } = shell.facts();
  const { settings, vault } = state;
  return [
    `Authbar ${state.version}`,
    `${context.platform} ${release()} ${process.arch} (${os}), ${locale}`,
    `Written ${timeOf(state.now)}`,
    `Logins are kept in: ${vault.kind ?? 'nothing yet'} (${vault.state})`,
    `Online: ${yesNo(state.online)}, icon hidden: ${yesNo(state.iconHidden)}`,
    `Open at login: ${yesNo(settings.openAtLogin)}, blocked: ${yesNo(settings.openAtLoginBlocked)}`,
    `Notifications: ${yesNo(settings.notices)}, blocked: ${yesNo(settings.noticesBlocked)}`,
    `Notice in the window: ${state.missedNotice?.title ?? 'none'}`,
  ];
}

function section(title: string, lines: readonly string[]): string[] {
  return [
    '',
    title,
    ...(lines.length > 0 ? lines : ['none']).map((line) => `  ${cleanText(line, LONGEST_LINE)}`),
  ];
}

function accountLine(state: AppState, account: AccountView): string {
  const { plan, inUse, code, expiresAt, renewedAt, renewsAt } = account;
  const times = `ends ${timeOf(expiresAt)}, renewed ${timeOf(renewedAt)}, renews ${timeOf(renewsAt)}`;
  const use = inUse ? 'in use' : 'on standby';
  return `${nameOf(state, account.id)}: ${account.state}${inBrackets(code)}, ${use}, plan ${plan ?? 'unknown'}, ${times}`;
}

function toolLines(state: AppState, tool: ToolView): string[] {
  const { name, installed, mode, path, entries } = tool;
  if (!installed && entries.length === 0) return [`${name}: not installed, ${mode}`];
  const head = `${name}: ${mode}${path ? `, ${path}` : ''}`;
  return [head, ...entries.map((entry) => `- ${entryLine(state, entry)}`)];
}

function entryLine(state: AppState, entry: ToolEntry): string {
  const { account, since, code, works, restart, leftAlone } = entry;
  const marks = [!works && 'refused there', restart && 'restart', leftAlone && 'left alone'];
  const rest = marks.filter((mark) => mark !== false).map((mark) => `, ${mark}`);
  const when = since === null ? '' : ` since ${timeOf(since)}`;
  return `${nameOf(state, account)}: ${entry.state}${inBrackets(code)}${when}${rest.join('')}`;
}

function historyLines(
  state: AppState,
  { id }: AccountView,
  items: readonly HistoryItem[],
): string[] {
  return items.map(({ at, event, ...more }) => {
    const rest = Object.entries(more).map(([key, value]) => ` ${key}=${value}`);
    return `${timeOf(at)} ${nameOf(state, id)}: ${event}${rest.join('')}`;
  });
}

/** `Claude 1`, `Claude 2`: what an account is called where nobody is to know whose it is. */
function nameOf({ accounts, services }: AppState, id: string): string {
  const { provider } = accounts.find((account) => account.id === id) ?? {};
  const siblings = accounts.filter((account) => account.provider === provider);
  const service = services.find((each) => each.id === provider)?.name ?? 'Account';
  return `${service} ${siblings.findIndex((account) => account.id === id) + 1}`;
}

/** Whatever found its way into a path, a log or a name of a tool's. */
function anonymous({ context }: DeskParts, state: AppState, text: string): string {
  const known = state.accounts.flatMap(({ id, email, workspace }): [string | null, string][] => [
    [id, nameOf(state, id)],
    [email, '[e-mail]'],
    [workspace, '[workspace]'],
  ]);
  const names: readonly (readonly [string | null, string])[] = [
    ...known,
    [context.paths.home, '[Authbar]'],
    [context.userHome, '~'],
  ];
  const told = names.reduce(
    (clean, [name, mask]) =>
      name && name.length >= SHORTEST_NAME ? clean.replaceAll(name, mask) : clean,
    text,
  );
  return context.secrets.redact(told).replace(EMAIL, '[e-mail]');
}

function timeOf(at: number | null): string {
  if (at === null || Number.isNaN(new Date(at).getTime())) return '–';
  return new Date(at).toISOString().slice(0, 19).replace('T', ' ');
}

function inBrackets(code: string | null): string {
  return code === null ? '' : ` [${code}]`;
}

function yesNo(value: boolean): string {
  return value ? 'yes' : 'no';
}
