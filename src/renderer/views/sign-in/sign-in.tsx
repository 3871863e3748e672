import { app } from '../../store.ts';
import type { ViewOf } from '../../views.ts';
import { DeviceView } from './device.tsx';
import { FailedView } from './failed.tsx';
import { FinishingView } from './finishing.tsx';
import { LockedView } from './locked.tsx';
import { OtherPersonView } from './other-person.tsx';
import { SignedInView } from './signed-in.tsx';
import { PreparingView, WaitingView } from './waiting.tsx';

/** A sign-in, at whatever step it is. */
export const SignInView: ViewOf<'sign-in'> = () => {
  const { signIn } = app();
  switch (signIn?.step) {
    case undefined:
      return null;
    case 'preparing':
      return <PreparingView {...signIn} />;
    case 'waiting':
      return <WaitingView {...signIn} />;
    case 'device':
      return <DeviceView {...signIn} />;
    case 'finishing':
      return <FinishingView {...signIn} />;
    case 'locked':
      return <LockedView {...signIn} />;
    case 'signed-in':
      return <SignedInView {...signIn} />;
    case 'other-account':
      return <OtherPersonView {...signIn} />;
    case 'failed':
      return <FailedView {...signIn} />;
  }
};
