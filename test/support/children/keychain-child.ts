// A process that does keychain calls for a test, so that it can hang and be killed.
// In: one JSON request per line. Out: one JSON answer per line, in any order.
import { createInterface } from 'node:readline';
import { nodeClock } from '../../../src/core/files/node-files.ts';
import type { Clock, Keychain } from '../../../src/core/ports.ts';
import { readItem, removeItem, writeItem } from '../../../src/core/targets/keychain-item.ts';
import { createKeychain } from '../../../src/core/vault/keychain.ts';
import { leaveNow } from '../../../src/core/vault/leave.ts';
import { asAppError } from '../../../src/shared/errors.ts';
import type { ChildAnswer, ChildOptions, ChildRequest } from '../keychain-process.ts';

const options: ChildOptions = JSON.parse(process.argv[2] ?? '{}');
const { freeze, killAfter, limit, mayAsk = false, ...rest } = options;

let freezes = () => {};
const frozen = new Promise<void>((resolve) => {
  freezes = resolve;
});

/** Patience ends with the call that is stuck, however long it takes to come to that. */
const clock: Clock = {
  ...nodeClock,
  async sleep(ms, signal) {
    if (freeze) await frozen;
    return nodeClock.sleep(ms, signal);
  },
};

const keychain = dyingAfter(
  killAfter ?? Number.POSITIVE_INFINITY,
  createKeychain({
    clock,
    ...rest,
    mayAsk: async () => mayAsk,
    async load() {
      const keytar = (await import('keytar')).default;
      // After the look at the keyring and before the call: now the call is stuck.
      if (freeze) process.kill(freeze, 'SIGSTOP');
      freezes();
      return keytar;
    },
  }),
);

/** The same keychain; with its n-th change made, this process is gone. */
function dyingAfter(n: number, real: Keychain): Keychain {
  let changes = 0;
  const died = <T>(result: T): T => {
    changes += 1;
    if (changes >= n) process.kill(process.pid, 'SIGKILL');
    return result;
  };
  return {
    state: () => real.state(),
    get: (...names) => real.get(...names),
    set: async (...args) => died(await real.set(...args)),
    remove: async (...names) => died(await real.remove(...names)),
    get stuck() {
      return real.stuck;
    },
  };
}

async function answer({ op, args }: ChildRequest): Promise<unknown> {
  const [service = '', account = '', value = ''] = args;
  const pieces = limit === undefined ? {} : { limit };
  switch (op) {
    case 'state':
      return keychain.state();
    case 'get':
      return keychain.get(service, account);
    case 'set':
      return keychain.set(service, account, value);
    case 'remove':
      return keychain.remove(service, account);
    case 'stuck':
      return keychain.stuck;
    case 'write-item':
      return writeItem(keychain, service, account, value, pieces);
    case 'read-item':
      return readItem(keychain, service, account);
    case 'remove-item':
      return removeItem(keychain, service, account, pieces);
    case 'leave':
      return leaveNow(Number(service));
  }
}

function say(line: ChildAnswer): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

for await (const line of createInterface({ input: process.stdin })) {
  const request: ChildRequest = JSON.parse(line);
  answer(request).then(
    (value) => say({ id: request.id, value }),
    (error) => {
      const { code, details } = asAppError(error);
      say({ id: request.id, code, hint: details.hint ?? null });
    },
  );
}
