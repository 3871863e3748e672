import type { BuiltInId } from '../../../../src/core/grant.ts';
import { peekabooLogin } from '../facts.ts';
import { maskToken } from '../mask-token.ts';
import type { Stage } from '../stage.ts';

/** 4: one renewal of each login. */
export async function twoRenewals(stage: Stage): Promise<void> {
  await renewal(stage, 'anthropic', 'Claude');
  await renewal(stage, 'openai', 'ChatGPT');
}

async function renewal(stage: Stage, provider: BuiltInId, service: string): Promise<void> {
  const { authbar, narrator, services, keyring } = stage;
  const requests = () => services.journal.requests(provider, 'refresh');
  const old = await peekabooLogin(stage, provider);
  const before = requests();
  await authbar.run(['refresh', service.toLowerCase(), '--force']);
  const renewed = await peekabooLogin(stage, provider);
  narrator.check(`${service} saw one request`, requests() - before, 1);
  narrator.check(
    `Peekaboo has the new login: ${maskToken(old.access)} became ${maskToken(renewed.access)}`,
    services.tokens.includes(renewed.access) && renewed.access !== old.access,
  );
  const alive = [services.active(old.refresh), services.active(renewed.refresh)];
  narrator.check('the old one is dead, the new one works', alive, [false, true]);
  const { stdout } = await authbar.run(['token', service.toLowerCase()], { quiet: true });
  narrator.check('a program that asks gets the new one too', stdout === renewed.access);
  if (!keyring) return;
  const { secrets } = await keyring.search('Authbar');
  const holding = secrets.filter((secret) => secret.includes(renewed.refresh));
  narrator.check('and so does the keyring', holding.length, 1);
}
