import { TEXTS } from '../../shared/ui/texts.ts';
import { View } from '../parts/view.tsx';
import { app } from '../store.ts';
import type { ViewOf } from '../views.ts';

const { about: T } = TEXTS;

/** The bundler copies it. */
const ICON = new URL('../../../build/icons/icon.svg', import.meta.url).href;

/** What Authbar is, what it does not do, and who did not make it. */
export const AboutView: ViewOf<'about'> = () => (
  <View title={T.heading} says={T.heading} describedBy="about">
    <div class="about" id="about">
      <img src={ICON} width="64" height="64" alt="" />
      <p class="about-name">{T.name}</p>
      <p class="small">{T.version({ version: app().version })}</p>
      <p>{T.privacy}</p>
      <p>{T.notTheirs}</p>
    </div>
  </View>
);
