import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { AccountView } from '../../../shared/account-view.ts';
import { shortlyInWords } from '../../../shared/time-words.ts';
import { shortage, windowName } from '../../../shared/ui/plan-use.ts';
import { TEXTS } from '../../../shared/ui/texts.ts';
import type { UsageView, UsageWindow } from '../../../shared/usage.ts';
import { opened } from '../../hooks.ts';
import { Group, Row } from '../../parts/list.tsx';
import { ask, clock, timeStyle } from '../../store.ts';

const { details: T } = TEXTS;

/** What the section is drawn from. */
export interface PlanUseProps {
  readonly account: AccountView;
  readonly service: string;
}

/** How much of the plan is used, where the service tells. */
export function PlanUse({ account, service }: PlanUseProps) {
  const usage = useUsage(account.id);
  if (!usage) return null;
  return (
    <Group label={T.planUse}>
      {usage.windows ? (
        usage.windows.map((window) => <Meter key={window.length} window={window} />)
      ) : (
        <Row name={T.useUntold({ service })} />
      )}
    </Group>
  );
}

function Meter({ window }: { readonly window: UsageWindow }) {
  const { used, resetsAt } = window;
  const name = windowName(window);
  const short = shortage(window);
  const when =
    resetsAt === null ? {} : { when: shortlyInWords(resetsAt, clock.value, timeStyle()) };
  const words = T.used({ count: used, ...when });
  return (
    <li class={`row use${short ? ' short' : ''}`}>
      <div class="row-line">
        <span>{name}</span>
        <meter
          min={0}
          max={100}
          value={used}
          aria-label={name}
          aria-valuetext={short ? `${words}. ${short}` : words}
        />
        <span class="row-value">
          {words}
          {short && <b>{short}</b>}
        </span>
      </div>
    </li>
  );
}

/** What was told last, so that coming back to it moves nothing. */
const last = signal<{ readonly account: string; readonly usage: UsageView | null } | null>(null);

/** Asked when the view is opened, and when the window is opened again. */
function useUsage(account: string): UsageView | null {
  const visit = opened.value;
  useEffect(() => {
    let wanted = true;
    void ask('account:usage', { account }).then((answer) => {
      if (wanted) last.value = { account, usage: answer.ok ? answer.value : null };
    });
    return () => {
      wanted = false;
    };
  }, [account, visit]);
  return last.value?.account === account ? last.value.usage : null;
}
