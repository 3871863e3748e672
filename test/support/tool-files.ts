import fc from 'fast-check';
import type { BuiltInId } from '../../src/core/grant.ts';
import { claudeCodeCodec } from '../../src/core/targets/claude-code.ts';
import type { Codec } from '../../src/core/targets/codec.ts';
import { codexCodec } from '../../src/core/targets/codex.ts';
import { opencodeCodec } from '../../src/core/targets/opencode.ts';
import { peekabooCodec } from '../../src/core/targets/peekaboo.ts';
import { piCodec } from '../../src/core/targets/pi.ts';
import { synapsCodec } from '../../src/core/targets/synaps.ts';
import { jwt, NOON } from './codecs.ts';

/** A file in which others have something. */
export interface ToolFile {
  readonly file: string;
  /** Each of the others' entries, in their order. */
  readonly others: readonly string[];
}

/** A file in which there is a login too. */
export interface LoginFile extends ToolFile {
  /** What is outside the login, in its order; the first begins the file and the last ends it. */
  readonly outside: readonly string[];
  /** What is inside the login and not ours, in its order. */
  readonly unknown: readonly string[];
}

/** A tool, and the files that it may have. */
export interface Tool {
  readonly name: string;
  readonly codec: Codec;
  readonly provider: BuiltInId;
  /** What it keeps beside the two tokens. */
  readonly idToken: boolean;
  /** In steps of so many ms; `null`: it keeps none. */
  readonly expiry: number | null;
  readonly withLogin: fc.Arbitrary<LoginFile>;
  readonly without: fc.Arbitrary<ToolFile>;
}

/** A property of an object, its value as text. */
interface Member {
  readonly key: string;
  readonly raw: string;
}

/** How an object is laid out. */
interface Look {
  readonly bom: string;
  readonly line: string;
  readonly colon: string;
  readonly end: string;
  readonly comment: string;
}

/** The properties of a login, with `more` among the fields of its entry. */
type Login = (more: readonly Member[]) => Member[];

/** What the keys begin with that no tool has today. */
export const UNKNOWN = 'nobody-knows-';

const ID_TOKEN = jwt({ sub: 'u0' });
const API_KEYS = ['OPENAI_API_KEY', 'ANTHROPIC_API_KEY'];

/** What a reader that writes anew would change: numbers, escapes, spaces, keys that stand there twice. */
const AWKWARD = [
  '12345678901234567890',
  '-0.10',
  '1e400',
  '"\\u00e9\\ud83d\\ude00\\/"',
  '[ 1,\t2 ]',
  '{"x":{"x":1, "x":2}}',
  '{"__proto__":{"access":"x","type":"oauth"}}',
  '{"type":"api_key","key":"!command"}',
];
const AWKWARD_KEYS = ['__proto__', 'constructor', 'toString', 'twice', 'é"\\'];

const value = fc.oneof(
  fc.constantFrom(...AWKWARD),
  fc.jsonValue({ maxDepth: 3 }).map((json) => JSON.stringify(json)),
);
const look: fc.Arbitrary<Look> = fc.record({
  bom: fc.constantFrom('', '\ufeff'),
  line: fc.constantFrom('', ' ', '\n', '\r\n', '\n  ', '\r\n  ', '\n\t', '\n    '),
  colon: fc.constantFrom(':', ': ', ' : '),
  end: fc.constantFrom('', '\n', '\r\n'),
  comment: fc.constantFrom('', '', '/* {"a": "b" */', '/*,*/ '),
});

function textOf({ key, raw }: Member, colon = ' :'): string {
  return JSON.stringify(key) + colon + raw;
}

function objectOf(fields: object, more: readonly Member[]): string {
  const own = Object.entries(fields).map(([key, each]) => ({ key, raw: JSON.stringify(each) }));
  return `{ ${[...own, ...more].map((member) => textOf(member)).join(', ')} }`;
}

/** A file of these properties, and what of it is around the values of `ours`. */
function layOut(members: readonly Member[], ours: readonly Member[], style: Look) {
  const outside = [`${style.bom}{`];
  const put = (text: string) => outside.push((outside.pop() ?? '') + text);
  let file = style.bom;
  members.forEach((member, index) => {
    const before = `${index === 0 ? '' : ','}${style.line}${style.comment}`;
    const head = `${before}${JSON.stringify(member.key)}${style.colon}`;
    file += (index === 0 ? '{' : '') + head + member.raw;
    put(head);
    if (ours.includes(member)) outside.push('');
    else put(member.raw);
  });
  const close = `${style.line.replace(/[ \t]+$/, '')}}${style.end}`;
  put(close);
  return { file: file + close, outside };
}

/** The files of a tool that keeps JSON. */
function jsonFiles(login: Login): Pick<Tool, 'withLogin' | 'without'> {
  const ours = [...login([]).map(({ key }) => key), ...API_KEYS];
  const key = fc
    .oneof(fc.constantFrom(...AWKWARD_KEYS), fc.string())
    .filter((each) => !ours.includes(each));
  const others = fc.array(fc.record({ key, raw: value }), { minLength: 1, maxLength: 6 });
  const field = fc.record({ key: fc.string().map((each) => UNKNOWN + each), raw: value });
  const more = fc.array(field, { maxLength: 3 });
  const without = fc.record({ others, style: look }).map((made) => ({
    file: layOut(made.others, [], made.style).file,
    others: made.others.map((member) => textOf(member, made.style.colon)),
  }));
  const withLogin = fc.record({ others, more, at: fc.nat(), style: look }).map((made) => {
    const own = login(made.more);
    const members = made.others.toSpliced(made.at % (made.others.length + 1), 0, ...own);
    return {
      ...layOut(members, own, made.style),
      others: made.others.map((member) => textOf(member, made.style.colon)),
      unknown: made.more.map((member) => textOf(member)),
    };
  });
  return { without, withLogin };
}

/** The files of Peekaboo. */
function lineFiles(login: readonly string[]): Pick<Tool, 'withLogin' | 'without'> {
  const line = fc.oneof(
    fc.constantFrom('', '# ANTHROPIC_ACCESS_TOKEN=x', '  spaced = a b ', '=nameless', 'no entry'),
    fc.stringMatching(/^[A-Z]{1,4}_KEY=[ -~]{0,12}$/),
  );
  const others = fc
    .array(line, { maxLength: 6 })
    .map((lines) => ['GROK_API_KEY=x', ...lines, 'X_AI_API_KEY=é=']);
  const end = fc.constantFrom('\n', '\r\n');
  const last = fc.boolean();
  const fileOf = (lines: readonly string[], lineEnd: string, ended: boolean) =>
    lines.join(lineEnd) + (ended ? lineEnd : '');
  return {
    without: fc.record({ others, end, last }).map((made) => ({
      file: fileOf(made.others, made.end, made.last),
      others: made.others,
    })),
    withLogin: fc.record({ others, end, last, at: fc.nat() }).map((made) => {
      // Before the last of the others, so that they begin and end the file.
      const at = 1 + (made.at % (made.others.length - 1));
      const lines = made.others.toSpliced(at, 0, ...login);
      const outside = made.last ? [...made.others, made.end] : made.others;
      return {
        file: fileOf(lines, made.end, made.last),
        others: made.others,
        outside,
        unknown: [],
      };
    }),
  };
}

function oauthEntry(key: string): Login {
  const fields = { type: 'oauth', access: 'old', refresh: 'old', expires: NOON };
  return (more) => [{ key, raw: objectOf(fields, more) }];
}

function codexLogin(more: readonly Member[]): Member[] {
  const tokens = { id_token: ID_TOKEN, access_token: 'old', refresh_token: 'old' };
  return [
    { key: 'auth_mode', raw: '"chatgpt"' },
    { key: 'tokens', raw: objectOf(tokens, more) },
    { key: 'last_refresh', raw: '"2026-02-28T12:00:00.123456789Z"' },
  ];
}

function claudeLogin(more: readonly Member[]): Member[] {
  const fields = { accessToken: 'old', refreshToken: 'old', expiresAt: NOON, scopes: [] };
  return [{ key: 'claudeAiOauth', raw: objectOf(fields, more) }];
}

const ANTHROPIC_LINES = [
  'ANTHROPIC_ACCESS_EXPIRES=1',
  'ANTHROPIC_ACCESS_TOKEN=old',
  'ANTHROPIC_REFRESH_TOKEN=old',
];
const OPENAI_LINES = ['OPENAI_ACCESS_TOKEN=old', 'OPENAI_ACCESS_EXPIRES=1'];

function jsonTool(name: string, codec: Codec, provider: BuiltInId, login: Login): Tool {
  return { name, codec, provider, idToken: false, expiry: 1, ...jsonFiles(login) };
}

function peekaboo(name: string, provider: BuiltInId, lines: readonly string[]): Tool {
  const codec = peekabooCodec;
  return { name, codec, provider, idToken: false, expiry: 1000, ...lineFiles(lines) };
}

/** The tools that keep JSON. */
export const JSON_TOOLS: readonly Tool[] = [
  jsonTool('Pi, anthropic', piCodec, 'anthropic', oauthEntry('anthropic')),
  jsonTool('Pi, openai', piCodec, 'openai', oauthEntry('openai-codex')),
  jsonTool('SynapsCLI, anthropic', synapsCodec, 'anthropic', oauthEntry('anthropic')),
  jsonTool('SynapsCLI, openai', synapsCodec, 'openai', oauthEntry('openai-codex')),
  jsonTool('opencode, openai', opencodeCodec, 'openai', oauthEntry('openai')),
  { ...jsonTool('Codex', codexCodec, 'openai', codexLogin), idToken: true, expiry: null },
  jsonTool('Claude Code', claudeCodeCodec, 'anthropic', claudeLogin),
];

/** Every tool that has a file. */
export const TOOLS: readonly Tool[] = [
  ...JSON_TOOLS,
  peekaboo('Peekaboo, anthropic', 'anthropic', ANTHROPIC_LINES),
  peekaboo('Peekaboo, openai', 'openai', OPENAI_LINES),
];
