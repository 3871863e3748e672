import type { AppState } from '../../../shared/app-state.ts';
import { type Banner as BannerLook, bannerOf } from '../../../shared/ui/banner.ts';
import type { Card } from '../../../shared/ui/card.ts';
import { TEXTS } from '../../../shared/ui/texts.ts';
import type { Act } from '../../actions.ts';
import { signIn } from '../../flow.ts';
import { Banner } from '../../parts/banner.tsx';
import { go } from '../../router.ts';
import { call, clock } from '../../store.ts';
import { type ListRef, useBelowTheFold } from './fold.ts';

/** What the banner is chosen from. */
export interface TopBannerProps {
  readonly state: AppState;
  readonly cards: readonly Card[];
  /** The cards as they are drawn. */
  readonly list: ListRef;
}

/** Above the cards, one at a time: the keychain, then a login that waits out of sight, then the rest. */
export function TopBanner({ state, cards, list }: TopBannerProps) {
  const first = cards.find(({ main }) => main);
  const isBelow = useBelowTheFold(list, first?.account ?? null, state.zoom);
  const banner = bannerOf(state, clock.value);
  const comesFirst = banner?.kind === 'keychain' || banner?.kind === 'trouble';
  if (first && isBelow && !comesFirst) return <Below card={first} />;
  if (!banner) return null;
  const { shape, title, sentence } = banner;
  return (
    <Banner
      tone="warn"
      shape={shape}
      title={title}
      sentence={sentence}
      button={buttonOf(banner)}
      dismiss={banner.kind === 'missed-notice' ? dismissalOf(state) : undefined}
    />
  );
}

function Below({ card: { service, provider, account } }: { readonly card: Card }) {
  const { sentence, signIn: label } = TEXTS.banner.below;
  return (
    <Banner
      tone="bad"
      shape="stop"
      title={sentence({ service })}
      button={{ words: label, onPress: () => signIn(provider, account) }}
    />
  );
}

function buttonOf({ action }: BannerLook): Act | undefined {
  switch (action?.kind) {
    case undefined:
      return undefined;
    case 'unlock':
      return { words: action.label, onPress: () => call('keychain:unlock') };
    case 'open-system':
      return {
        words: action.label,
        onPress: () => call('settings:open-system', { page: action.page }),
      };
    case 'show-folder':
      return { words: action.label, onPress: () => call('settings:show-folder') };
    case 'report':
      return { words: action.label, onPress: () => go({ view: 'report' }) };
    case 'notice':
      return { words: action.label, onPress: () => call('notice:act', { id: action.id }) };
  }
}

function dismissalOf({ missedNotice }: AppState): Act | undefined {
  const id = missedNotice?.id;
  return id === undefined
    ? undefined
    : { words: TEXTS.banner.dismiss, onPress: () => call('notice:dismiss', { id }) };
}
