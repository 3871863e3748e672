import type { BuiltInId } from '../../../../../src/core/grant.ts';
import { TEXTS } from '../../../../../src/shared/ui/texts.ts';
import { tokensIn } from '../../../tools.ts';
import {
  type AppStage,
  becomes,
  browse,
  button,
  click,
  notices,
  pass,
  says,
  see,
} from '../stage.ts';
import { openDetails } from './sign-in.ts';

const MINUTE = 60_000;
const CLAUDE = { service: 'Claude' };
/** The icons that ask for the person, and that show that something is going on. */
const ATTENTION = /attention/i;
const WORKING = /working/i;

/** 5: nobody looks. */
export async function renewal(stage: AppStage): Promise<void> {
  const { app, narrator, services } = stage;
  await leave(stage);
  const isWorking = async () => WORKING.test((await app.trayState()).image ?? '');
  await becomes(stage, 'the icon is at rest', isWorking, false);
  const [before, told] = [await refreshTokens(stage), await notices(stage)];
  const icons = (await app.trayState()).images;
  narrator.note('Three quarters of an hour go by.');
  await pass(stage, 45 * MINUTE);
  await becomes(stage, 'each service saw one request', async () => requests(stage), [1, 1]);
  const fresh = async () =>
    (await refreshTokens(stage)).map((token, i) => token !== before[i] && services.active(token));
  await becomes(stage, 'your tools have the new logins, which work', fresh, [true, true]);
  const dead = before.map((token) => services.active(token));
  narrator.check('the old ones are dead', dead, [false, false]);
  narrator.check('the window stayed closed', (await app.windowState())?.visible, false);
  narrator.check(
    'nobody was told, and the icon did not change',
    [(await notices(stage)) - told, (await app.trayState()).images],
    [0, icons],
  );
  narrator.note('You look.');
  await app.popover();
  await openDetails(stage, 'Claude');
  await see(stage, '5-renewed-by-itself');
}

/** 6: the service is down for longer than the login lives. */
export async function outage(stage: AppStage): Promise<void> {
  const { app, page, narrator, services } = stage;
  await leave(stage);
  const told = await notices(stage);
  narrator.note('For more than an hour Claude answers everything with “503 Service Unavailable”.');
  services.faults.outage(true, 'anthropic');
  await pass(stage, 70 * MINUTE);
  await app.popover();
  await says(stage, TEXTS.heading.unreachable(CLAUDE));
  await see(stage, '6-outage');
  narrator.note('Claude is back.');
  services.faults.clear();
  await click(stage, button(page, TEXTS.card.tryNow));
  await says(stage, TEXTS.heading.allSignedIn);
  const [claude = ''] = await refreshTokens(stage);
  narrator.check('Claude Code has a login that works', services.active(claude));
  narrator.check('nobody was told', (await notices(stage)) - told, 0);
}

/** 7: only the service's own word ends a login. */
export async function revoked(stage: AppStage): Promise<void> {
  const { app, narrator, services } = stage;
  await leave(stage);
  const [told, opened] = [await notices(stage), (await app.opened).length];
  narrator.note('You change your password at Claude, which ends every login there.');
  services.revokeFamily('anthropic', 'anna');
  await pass(stage, 45 * MINUTE);
  await becomes(stage, 'one notification', async () => (await notices(stage)) - told, 1);
  const notice = (await app.notices).at(-1);
  for (const line of [notice?.title, notice?.body]) narrator.quote(line ?? '');
  const asks = async () => ATTENTION.test((await app.trayState()).image ?? '');
  await becomes(stage, 'the icon asks for you', asks);
  await pass(stage, 30 * MINUTE);
  narrator.check('half an hour later there is still only one', (await notices(stage)) - told, 1);

  narrator.note('You click on the notification.');
  await app.clickNotice(-1);
  await app.shown();
  await browse(stage, opened, '7-one-click-later');
  await says(stage, TEXTS.heading.allSignedIn);
  await see(stage, '7-mended');
  const [claude = ''] = await refreshTokens(stage);
  narrator.check('Claude Code has a login that works again', services.active(claude));
  await pass(stage, 5 * MINUTE);
  const after = [(await notices(stage)) - told, (await app.notices).at(-1)?.removed];
  narrator.check('the notification is gone, and no other came', after, [1, true]);
  await becomes(stage, 'the icon asks for nothing any more', asks, false);
}

async function leave(stage: AppStage): Promise<void> {
  const { app, narrator } = stage;
  narrator.note('You click into another program.');
  await app.blur();
  await becomes(stage, 'the window closes', async () => (await app.windowState())?.visible, false);
}

/** Of Claude in Claude Code, and of ChatGPT in Codex. */
async function refreshTokens({ home }: AppStage): Promise<string[]> {
  const world = { userHome: home };
  const logins = [
    await tokensIn(world, 'claude-code', 'anthropic'),
    await tokensIn(world, 'codex', 'openai'),
  ];
  return logins.map((login) => login?.refresh ?? '');
}

function requests({ services }: AppStage): number[] {
  const providers: readonly BuiltInId[] = ['anthropic', 'openai'];
  return providers.map((provider) => services.journal.requests(provider, 'refresh'));
}
