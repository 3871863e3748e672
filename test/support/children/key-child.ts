/**
 * Adds or removes an API key in a process of its own, that dies (SIGKILL) at a named step.
 */
import { createEngine } from '../../../src/core/create.ts';
import type { Step } from '../../../src/core/ports.ts';

export interface KeyTask {
  readonly action: 'add' | 'remove';
  readonly service: string;
  readonly key: string;
  readonly dieAt: Step;
}

const { action, service, key, dieAt }: KeyTask = JSON.parse(process.argv[2] ?? '{}');
const { engine } = await createEngine({
  step: (step) => {
    if (step === dieAt) process.kill(process.pid, 'SIGKILL');
  },
});
if (action === 'add') await engine.keys.add(service, key);
else await engine.keys.remove(service);
