import { effect } from '@preact/signals';
import { render } from 'preact';
import { followSignIn } from './flow.ts';
import { keepFocus } from './focus.ts';
import { opened } from './hooks.ts';
import { listenToKeys } from './keys.ts';
import { reportDrawn, reportHeight } from './resize.ts';
import { goTo, startOver, visit } from './router.ts';
import { listen } from './says.ts';
import { app, connect } from './store.ts';
import { shownAt } from './views.ts';
import './styles/tokens.css';
import './styles/base.css';
import './styles/parts.css';
import './styles/lists.css';
import './styles/cards.css';
import './styles/views.css';
import './styles/accounts.css';
import './styles/settings.css';
import './styles/forced.css';

/** How long a hidden window stays where it was left, ms. */
const STAYS = 60_000;

function Window() {
  const { id, route } = visit.value;
  const { key, View } = shownAt(route);
  return <View key={`${id} ${key}`} {...route} />;
}

function followWindow(): void {
  let leaving = 0;
  window.api['on:shown'](({ fresh }) => {
    clearTimeout(leaving);
    if (fresh) startOver();
    listen(true);
    opened.value += 1;
  });
  window.api['on:hidden'](() => {
    listen(false);
    // Main says so too when it shows the window; by then nothing old must be left to be seen.
    leaving = window.setTimeout(startOver, STAYS);
  });
  window.api['on:go'](goTo);
}

async function start(root: HTMLElement): Promise<void> {
  followWindow();
  await connect();
  effect(() => {
    document.documentElement.dataset.os = app().system.os;
  });
  followSignIn();
  render(<Window />, root);
  listenToKeys();
  keepFocus();
  await reportDrawn(reportHeight(root));
}

const root = document.getElementById('app');
if (root) void start(root);
