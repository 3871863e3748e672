import { useState } from 'preact/hooks';
import { TEXTS } from '../../shared/ui/texts.ts';
import { acceptTerms } from '../flow.ts';
import { Button } from '../parts/button.tsx';
import { View } from '../parts/view.tsx';
import { back } from '../router.ts';
import { call, serviceOf } from '../store.ts';
import type { ViewOf } from '../views.ts';

/** What has to be said before the first sign-in to a service whose terms forbid something. */
export const TermsView: ViewOf<'terms'> = ({ provider, account }) => {
  // Once they are accepted the state has none; what is read stays until the browser opens.
  const [service] = useState(() => serviceOf(provider));
  if (!service?.terms) return null;
  const { paragraphs, link } = service.terms;
  return (
    <View
      title={TEXTS.terms.heading}
      describedBy="terms"
      says={[TEXTS.terms.heading, ...paragraphs]}
    >
      <div id="terms" class="terms">
        <p>{paragraphs[0]}</p>
        <p class="quiet">{paragraphs[1]}</p>
      </div>
      <p class="terms-link">
        <Button kind="text" onPress={() => call('link:open', { link: 'terms' })}>
          {link}
        </Button>
      </p>
      <Button kind="main" large onPress={() => acceptTerms(provider, account)}>
        {TEXTS.terms.continue({ service: service.name })}
      </Button>
      <Button large onPress={back}>
        {TEXTS.terms.notNow}
      </Button>
    </View>
  );
};
