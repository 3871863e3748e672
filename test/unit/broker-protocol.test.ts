import { randomBytes } from 'node:crypto';
import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { linesOf } from '../../src/core/broker/lines.ts';
import { isProof, newNonce, prove } from '../../src/core/broker/proof.ts';
import {
  encodeAnswer,
  encodeRequest,
  MAX_ANSWER,
  MAX_REQUEST,
  type Request,
  readMessage,
  readRequest,
} from '../../src/core/broker/protocol.ts';
import { AppError, asAppError, ERROR_CODES } from '../../src/shared/errors.ts';

const id = fc.nat();
const name = fc.string({ maxLength: 100, unit: 'grapheme' });
const hex = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => Buffer.from(bytes).toString('hex'));
const request: fc.Arbitrary<Request> = fc.oneof(
  fc.constantFrom<Request>({ method: 'hello' }, { method: 'status' }, { method: 'subscribe' }),
  fc.constantFrom<Request>({ method: 'yield' }),
  hex.map((nonce) => ({ method: 'hello', nonce }) as const),
  hex.map((proof) => ({ method: 'hello', proof }) as const),
  fc.record({
    method: fc.constant('token' as const),
    name,
    minLife: fc.double({ min: 0, noDefaultInfinity: true, noNaN: true }).map((ms) => ms + 0),
  }),
  fc.record({
    method: fc.constant('refresh' as const),
    name: fc.option(name),
    force: fc.boolean(),
  }),
);

/** What a program that is not ours, or is broken, might send: text, JSON, and requests with a part changed. */
const garbage = fc.oneof(
  fc.string(),
  fc.json(),
  fc.object().map((value) => JSON.stringify({ v: 1, id: 1, ...value })),
  fc
    .tuple(request, fc.dictionary(fc.constantFrom('v', 'id', 'method', 'name'), fc.jsonValue()))
    .map(([asked, changed]) => JSON.stringify({ v: 1, id: 1, ...asked, ...changed })),
);

describe('a request', () => {
  test('arrives as it was sent', () => {
    fc.assert(
      fc.property(id, request, (number, asked) => {
        const line = encodeRequest({ id: number, ...asked });
        expect(line.endsWith('\n')).toBe(true);
        expect(line.indexOf('\n')).toBe(line.length - 1);
        expect(readRequest(line)).toEqual({ id: number, request: asked });
      }),
    );
  });

  test('may leave out what is usual', () => {
    expect(readRequest('{"v":1,"id":7,"method":"refresh"}')).toEqual({
      id: 7,
      request: { method: 'refresh', name: null, force: false },
    });
  });

  test('that is garbage is an error, whatever it is', () => {
    const codes = new Set<string>();
    fc.assert(
      fc.property(garbage, (line) => {
        const read = readRequest(line);
        if (read.id === null) expect(read.request).toBeInstanceOf(AppError);
        if (read.request instanceof AppError) codes.add(read.request.code);
      }),
      { numRuns: 2000 },
    );
    expect([...codes].filter((code) => !['wrong-use', 'newer-version'].includes(code))).toEqual([]);
  });

  test.each([
    ['{"v":2,"id":3,"method":"tokens","of":"all"}', 3, 'newer-version'],
    ['{"v":0,"id":3,"method":"status"}', 3, 'wrong-use'],
    ['{"id":3,"method":"status"}', 3, 'wrong-use'],
    ['{"v":1,"method":"status"}', null, 'wrong-use'],
    ['{"v":1,"id":-1,"method":"status"}', null, 'wrong-use'],
    ['{"v":1,"id":3,"method":"logout"}', 3, 'wrong-use'],
    ['{"v":1,"id":3,"method":"token","name":"claude"}', 3, 'wrong-use'],
    ['{"v":1,"id":3,"method":"token","name":"claude","minLife":-1}', 3, 'wrong-use'],
    ['{"v":1,"id":3,"method":"hello","nonce":"short"}', 3, 'wrong-use'],
    ['[1]', null, 'wrong-use'],
    ['', null, 'wrong-use'],
  ])('%s is refused', (line, number, code) => {
    expect(readRequest(line)).toMatchObject({ id: number, request: { code } });
  });
});

describe('an answer', () => {
  test('that is garbage is an error, whatever it is', () => {
    fc.assert(
      fc.property(garbage, (line) => {
        try {
          expect(readMessage(line)).toBeTypeOf('object');
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('carries an error as it was, without what may hold a secret', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ERROR_CODES), fc.nat(), (code, pid) => {
        const details = { service: 'Claude', hint: 'Zwölf Boxkämpfer.', path: '/a b', pid };
        const sent = new AppError(code, details, new Error('sk-ant-oat01-secret'));
        const line = encodeAnswer({ id: 1, error: sent });
        expect(line).not.toContain('secret');
        expect(readMessage(line)).toEqual({ id: 1, error: new AppError(code, details) });
      }),
    );
  });

  test('carries errors that are inside a result', () => {
    const late = new AppError('unreachable', { service: 'Claude', retryAt: 5 });
    expect(JSON.parse(encodeAnswer({ id: 1, result: { late } }))).toEqual({
      v: 1,
      id: 1,
      result: { late: { code: 'unreachable', details: { service: 'Claude', retryAt: 5 } } },
    });
  });

  const endless = 'x'.repeat(MAX_ANSWER);
  test.each([
    ['a result that is too long', { id: 7, result: { endless } }],
    ['an error that is too long', { id: 7, error: new AppError('wrong-use', { path: endless }) }],
    ['what is no JSON', { id: 7, result: 1n }],
  ])('that cannot be said says so: %s', (_, answer) => {
    expect(readMessage(encodeAnswer(answer))).toEqual({ id: 7, error: new AppError('unexpected') });
  });

  test('masks what looks like a secret in a hint', () => {
    const hint = 'It said Bearer abcdef and sk-ant-oat01-0123456789.';
    const line = encodeAnswer({ id: 1, error: new AppError('unexpected', { hint }) });
    expect(line).toContain('It said Bearer [redacted] and [redacted].');
  });

  test('with a code of a newer version is unexpected, and fields that nobody knows are left out', () => {
    const error = { code: 'sun-burnt', details: { pid: 3, token: 'secret' } };
    const message = readMessage(JSON.stringify({ v: 1, id: 1, error }));
    expect(message).toEqual({ id: 1, error: new AppError('unexpected', { pid: 3 }) });
  });

  test('of a newer version is told from nonsense', () => {
    const code = (line: string): string => {
      try {
        readMessage(line);
        return 'read';
      } catch (error) {
        return asAppError(error).code;
      }
    };
    expect(code('{"v":2,"id":1,"result":{}}')).toBe('newer-version');
    expect(code('{"v":1,"id":1}')).toBe('wrong-use');
    expect(code('HTTP/1.1 400 Bad Request')).toBe('wrong-use');
  });
});

describe('lines', () => {
  async function read(...chunks: (string | Uint8Array)[]): Promise<string[]> {
    const stream = new PassThrough();
    const lines: string[] = [];
    const reading = (async () => {
      for await (const line of linesOf(stream, MAX_REQUEST)) lines.push(line);
    })();
    for (const chunk of chunks) stream.write(chunk);
    stream.end();
    await reading;
    return lines;
  }

  test('arrive whole, however they are cut up', async () => {
    const line = fc
      .string({ unit: 'grapheme', maxLength: 30 })
      .map((text) => text.replace(/\n/g, ''));
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 20 }),
        fc.infiniteStream(fc.nat(9)),
        async (lines, cuts) => {
          const bytes = Buffer.from(lines.map((each) => `${each}\n`).join(''));
          const chunks: Buffer[] = [];
          for (let at = 0; at < bytes.length; ) {
            const size = 1 + (cuts.next().value ?? 0);
            chunks.push(bytes.subarray(at, at + size));
            at += size;
          }
          expect(await read(...chunks)).toEqual(lines);
        },
      ),
      { numRuns: 100 },
    );
  });

  test('end with a line end: what follows the last one is none', async () => {
    expect(await read('one\ntw', 'o\nthr')).toEqual(['one', 'two']);
  });

  test('may be as long as is allowed, and not a byte longer', async () => {
    const longest = 'x'.repeat(MAX_REQUEST);
    expect(await read(longest, '\n')).toEqual([longest]);
    await expect(read(longest, 'x\n')).rejects.toMatchObject({ code: 'wrong-use' });
    await expect(read(longest, 'x')).rejects.toMatchObject({ code: 'wrong-use' });
    const request = { id: 1, method: 'token', name: longest, minLife: 0 } as const;
    expect(() => encodeRequest(request)).toThrow(AppError);
  });

  test('that are no text are refused', async () => {
    await expect(read(Buffer.from([0xff, 0xfe, 0x0a]))).rejects.toMatchObject({
      code: 'wrong-use',
    });
  });
});

describe('a proof', () => {
  const key = randomBytes(32);
  const nonces = { client: newNonce(), server: newNonce() };

  test('holds for its key, its side and its nonces, and for nothing else', () => {
    const proof = prove(key, 'server', nonces);
    expect(isProof(key, 'server', nonces, proof)).toBe(true);
    expect(isProof(randomBytes(32), 'server', nonces, proof)).toBe(false);
    expect(isProof(key, 'client', nonces, proof)).toBe(false);
    expect(isProof(key, 'server', { ...nonces, client: newNonce() }, proof)).toBe(false);
    expect(isProof(key, 'server', { ...nonces, server: newNonce() }, proof)).toBe(false);
  });

  test('that is too short, too long or no hex is none', () => {
    const proof = prove(key, 'client', nonces);
    for (const wrong of ['', proof.slice(2), `${proof}00`, 'zz'.repeat(32)]) {
      expect(isProof(key, 'client', nonces, wrong)).toBe(false);
    }
  });
});
