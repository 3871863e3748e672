import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import electronLog from 'electron-log/node.js';
import { expect, test } from 'vitest';
import { createSecrets, redactShapes } from '../../src/core/redact.ts';
import { createLogger } from '../../src/main/logger.ts';
import { tempFolder } from '../support/temp-folder.ts';

const KNOWN = 'a-plain-looking-secret';
const SHAPED = 'sk-ant-oat01-CANARY-000000';

test('what is logged, thrown or nested is masked, in a file for its owner alone, whose end can be read', async () => {
  const folder = join(await tempFolder(), 'logs');
  const printed: unknown[] = [];
  electronLog.transports.console.writeFn = ({ message }) => printed.push(message.data);
  const { log, redactWith, tail } = createLogger(folder, redactShapes);
  log({ level: 'info', event: 'renewed', fields: { account: 'a1', token: SHAPED } });
  const secrets = createSecrets();
  secrets.add(KNOWN);
  redactWith(secrets.redact);
  log({ level: 'warn', event: `adopted ${KNOWN}` });
  const cause = new Error(`${KNOWN} and ${SHAPED}`);
  process.listeners('uncaughtException').at(-1)?.(new Error(KNOWN, { cause }), 'uncaughtException');

  const file = join(folder, 'main.log');
  const text = await readFile(file, 'utf8');
  expect(text).toContain('renewed account=a1');
  expect(text).toContain('Unhandled');
  expect(printed).toHaveLength(3);
  expect(`${text}${JSON.stringify(printed)}`).not.toMatch(/CANARY|plain-looking/);
  if (process.platform !== 'win32') expect((await stat(file)).mode & 0o777).toBe(0o600);

  log({ level: 'info', event: 'first of many' });
  for (let i = 0; i < 200; i += 1) log({ level: 'info', event: `line ${i}` });
  const newest = await tail();
  expect(newest).toContain('line 199');
  expect(newest).not.toContain('first of many');
});
