import { useSignal } from '@preact/signals';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import type { ToolView } from '../../shared/app-state.ts';
import { TEXTS } from '../../shared/ui/texts.ts';
import { focusStart } from '../focus.ts';
import { useHold } from '../hooks.ts';
import { Button } from '../parts/button.tsx';
import { SwitchRow } from '../parts/list.tsx';
import { go } from '../router.ts';
import { call, serviceName } from '../store.ts';
import { holdsOurs, notAllowed } from '../tools.ts';

const { serves, takeOut } = TEXTS.settings;

/** What the switch is drawn with. */
export interface ToolSwitchProps {
  readonly tool: ToolView;
  /** What it says, where that is more than the tool's name. */
  readonly name?: string;
}

/** Whether a tool gets the logins. Before one is taken out, the person is asked. */
export function ToolSwitch({ tool, name = tool.name }: ToolSwitchProps) {
  const asking = useSignal(false);
  const id = `tool-${tool.id}`;
  const on = tool.mode !== 'off';
  const change = () => {
    if (!on) turnOn(tool);
    else if (tool.entries.some(holdsOurs)) asking.value = !asking.value;
    else turnOff(tool);
  };
  const answer = (agreed: boolean) => {
    // The question goes, and with it the button that has the focus.
    document.getElementById(id)?.focus();
    asking.value = false;
    if (agreed) turnOff(tool);
  };
  return (
    <SwitchRow id={id} name={name} detail={detailOf(tool)} on={on} onChange={change}>
      {on && asking.value && <TakeOut tool={tool.name} onAnswer={answer} />}
    </SwitchRow>
  );
}

interface TakeOutProps {
  readonly tool: string;
  readonly onAnswer: (agreed: boolean) => void;
}

function TakeOut({ tool, onAnswer }: TakeOutProps) {
  const box = useRef<HTMLFieldSetElement>(null);
  const question = useId();
  useHold();
  useLayoutEffect(() => {
    box.current?.scrollIntoView({ block: 'nearest' });
    if (box.current) focusStart(box.current);
  }, []);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    onAnswer(false);
  };
  return (
    <fieldset class="take-out" ref={box} aria-labelledby={question} onKeyDown={onKeyDown}>
      <p id={question}>{takeOut.question({ tool })}</p>
      <div class="buttons">
        <Button onPress={() => onAnswer(true)}>{takeOut.takeOut}</Button>
        <Button start onPress={() => onAnswer(false)}>
          {takeOut.keep}
        </Button>
      </div>
    </fieldset>
  );
}

/** Where the system would ask the person, they are told so first. */
function turnOn({ id, needsConsent }: ToolView): void {
  if (needsConsent) go({ view: 'consent', tool: id });
  else void call('tool:mode', { tool: id, mode: 'on' });
}

function turnOff({ id }: ToolView): void {
  void call('tool:mode', { tool: id, mode: 'off' });
}

function detailOf(tool: ToolView): string {
  if (tool.needsConsent && notAllowed.value.has(tool.id)) return TEXTS.details.tool.notAllowed;
  return serves({ services: tool.serves.map(serviceName) });
}
