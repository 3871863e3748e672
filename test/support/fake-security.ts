import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempFolder } from './temp-folder.ts';

export type SecurityCommand =
  | 'find-generic-password'
  | 'add-generic-password'
  | 'delete-generic-password';

/** One time that it was started. */
export interface SecurityCall {
  readonly pid: number;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** A stand-in for macOS's `security` with a keychain of its own, empty at first. */
export interface FakeSecurity {
  /** To be run. */
  readonly command: string;
  /** What an item holds, `null` when there is no such item. */
  item(service: string, account: string): Promise<string | null>;
  put(service: string, account: string, value: string): Promise<void>;
  /** From now on a command ends with a status, never ends, or says it did what it did not. */
  tell(told: Partial<Record<SecurityCommand, number | 'hang' | 'forget'>>): Promise<void>;
  calls(): Promise<SecurityCall[]>;
}

const SCRIPT = new URL('./fake-security.mjs', import.meta.url);

export async function fakeSecurity(): Promise<FakeSecurity> {
  const folder = await tempFolder();
  const path = (name: string) => join(folder, name);
  const items = async (): Promise<Record<string, string>> =>
    JSON.parse(await readFile(path('items.json'), 'utf8'));
  const save = (name: string, value: object) => writeFile(path(name), JSON.stringify(value));
  const command = path('security');
  await writeFile(command, `#!${process.execPath}\nimport('${SCRIPT.href}');\n`);
  await chmod(command, 0o700);
  await save('items.json', {});
  await save('told.json', {});
  await writeFile(path('calls'), '');
  return {
    command,
    async item(service, account) {
      const hex = (await items())[JSON.stringify([service, account])];
      return hex === undefined ? null : Buffer.from(hex, 'hex').toString('utf8');
    },
    async put(service, account, value) {
      const hex = Buffer.from(value).toString('hex');
      await save('items.json', { ...(await items()), [JSON.stringify([service, account])]: hex });
    },
    tell: (told) => save('told.json', told),
    async calls() {
      const lines = (await readFile(path('calls'), 'utf8')).split('\n').filter((line) => line);
      return lines.map((line) => JSON.parse(line));
    },
  };
}
