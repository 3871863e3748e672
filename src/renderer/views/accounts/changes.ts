import { useEffect, useRef } from 'preact/hooks';
import type { AppState } from '../../../shared/app-state.ts';
import type { Card } from '../../../shared/ui/card.ts';
import { TEXTS } from '../../../shared/ui/texts.ts';
import { wordsFor } from '../../../shared/words.ts';
import { say, type Urgency } from '../../says.ts';

/** What is compared with what was. */
interface Scene {
  readonly state: AppState;
  readonly cards: readonly Card[];
}

type Saying = readonly [sentence: string, urgency: Urgency];

const { accounts: T } = TEXTS;

/** Says each change of a card, of the keychain and of the connection while the accounts are looked at. */
export function useChangesSaid(state: AppState, cards: readonly Card[]): void {
  const before = useRef<Scene | null>(null);
  useEffect(() => {
    const past = before.current;
    before.current = { state, cards };
    if (!past) return;
    for (const [sentence, urgency] of changes(past, { state, cards })) say(sentence, urgency);
  });
}

function changes(past: Scene, now: Scene): Saying[] {
  return [...ofKeychain(past, now), ...ofConnection(past, now), ...ofCards(past, now)];
}

function ofKeychain({ state: past }: Scene, { state: now }: Scene): Saying[] {
  if (past.vault.state === now.vault.state || now.accounts.length === 0) return [];
  const words = wordsFor(now.system.platform);
  if (now.vault.state === 'locked') return [[T.saysLocked(words), 'alert']];
  const isUnlocked = past.vault.state === 'locked' && now.vault.state === 'open';
  return isUnlocked ? [[T.saysUnlocked(words), 'status']] : [];
}

function ofConnection({ state: past }: Scene, { state: now }: Scene): Saying[] {
  if (past.online === now.online) return [];
  return [[now.online ? T.saysOnline : T.saysOffline, 'status']];
}

/** A countdown is no change. What locks or unlocks all of them at once has been said already. */
function ofCards(past: Scene, now: Scene): Saying[] {
  const keychainTurned = past.state.vault.state !== now.state.vault.state;
  return now.cards.flatMap((card): Saying[] => {
    const was = past.cards.find(({ account }) => account === card.account);
    if (!was || (was.state === card.state && was.line1 === card.line1)) return [];
    const isLocks = keychainTurned && [was.state, card.state].includes('locked');
    // The end of a sign-in has a sentence of its own.
    if (isLocks || was.state === 'signing-in') return [];
    return [[T.saysCard({ service: card.service, state: card.says }), 'status']];
  });
}
