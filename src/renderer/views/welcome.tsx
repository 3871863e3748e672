import { TEXTS } from '../../shared/ui/texts.ts';
import { signIn } from '../flow.ts';
import { Button, IconButton } from '../parts/button.tsx';
import { View } from '../parts/view.tsx';
import { go } from '../router.ts';
import { app, words } from '../store.ts';

/** The bundler copies it. */
const ICON = new URL('../../../build/icons/icon.svg', import.meta.url).href;

/** Before there is a login: what this is, and one click to begin. */
export function WelcomeView() {
  const { services, tools } = app();
  const found = tools.filter(({ installed }) => installed).map(({ name }) => name);
  return (
    <View says={TEXTS.welcome.heading} footer={<Footer found={found} />}>
      <div class="welcome">
        <img src={ICON} width="64" height="64" alt="" />
        <h1 class="heading" tabIndex={-1}>
          {TEXTS.welcome.heading}
        </h1>
        <p>{TEXTS.welcome.body(words())}</p>
        {services.map(({ id, name }) => (
          <Button key={id} kind="main" large onPress={() => signIn(id)}>
            {TEXTS.welcome.signIn({ service: name })}
          </Button>
        ))}
        <Button kind="text" onPress={() => go({ view: 'add' })}>
          {TEXTS.welcome.other}
        </Button>
      </div>
    </View>
  );
}

function Footer({ found }: { readonly found: readonly string[] }) {
  return (
    <>
      <p class="fill">
        {found.length > 0
          ? TEXTS.welcome.found({ ...words(), tools: found })
          : TEXTS.welcome.noTools}
      </p>
      <IconButton
        icon="settings"
        label={TEXTS.accounts.settings}
        onPress={() => go({ view: 'settings' })}
      />
    </>
  );
}
