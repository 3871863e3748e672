// Stands in for macOS's `security`, in the three commands that are used of it. The folder that it was
// started from holds its keychain, what it is told to do, and a record of its calls.
// https://ss64.com/mac/security.html
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ITEM_NOT_FOUND = 44;
const DUPLICATE_ITEM = 45;
const USAGE = 2;
/** Its buffer for a line. */
const MAX_LINE = 4096;

const folder = dirname(process.argv[1]);
const args = process.argv.slice(2);
const load = (name) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
const items = () => load('items.json');
const save = (all) => writeFileSync(join(folder, 'items.json'), JSON.stringify(all));

const COMMANDS = {
  'find-generic-password'({ a, s, w }) {
    const hex = items()[JSON.stringify([s, a])];
    if (hex === undefined) return ITEM_NOT_FOUND;
    if (!w) return 0;
    const text = Buffer.from(hex, 'hex').toString('latin1');
    process.stdout.write(`${/^[ -~]*$/.test(text) ? text : hex}\n`);
    return 0;
  },
  'add-generic-password'({ a, s, X, U }) {
    const name = JSON.stringify([s, a]);
    if (!U && name in items()) return DUPLICATE_ITEM;
    save({ ...items(), [name]: X });
    return 0;
  },
  'delete-generic-password'({ a, s }) {
    const { [JSON.stringify([s, a])]: found, ...rest } = items();
    save(rest);
    return found === undefined ? ITEM_NOT_FOUND : 0;
  },
};

function optionsOf(words) {
  const options = {};
  for (let at = 0; at < words.length; at++) {
    const [, flag, letter] = /^-([UwW])$|^-([asX])$/.exec(words[at]) ?? [];
    if (flag) options[flag] = true;
    else if (letter) options[letter] = words[++at];
    else process.exit(USAGE);
  }
  return options;
}

function execute([command, ...words]) {
  const told = load('told.json')[command];
  if (told === 'hang') {
    setInterval(() => {}, 60_000);
    return null;
  }
  if (told === 'forget') return 0;
  if (told !== undefined) {
    process.stderr.write(`security: ${command}: told to fail\n`);
    return told;
  }
  return COMMANDS[command]?.(optionsOf(words)) ?? USAGE;
}

function interactive() {
  let status = 0;
  // Like fgets, it takes what does not fit for another line.
  const lines = readFileSync(0, 'latin1').match(new RegExp(`.{1,${MAX_LINE - 1}}\n?`, 'g')) ?? [];
  for (const line of lines) {
    const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare);
    status = execute(words);
  }
  return status;
}

appendFileSync(
  join(folder, 'calls'),
  `${JSON.stringify({ pid: process.pid, args, env: process.env })}\n`,
);
process.exitCode = (args[0] === '-i' ? interactive() : execute(args)) ?? 0;
