import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { readTyped } from '../../src/core/providers/by-address.ts';
import { type CustomProvider, CustomSchema, toProvider } from '../../src/core/providers/custom.ts';
import { createProviders, type Providers } from '../../src/core/providers/index.ts';
import { ADDRESS_PROBLEMS, addressNote } from '../../src/shared/address-problems.ts';

function added(id: string, issuer: string): CustomProvider {
  return v.parse(CustomSchema, {
    id: `custom-${id}`,
    name: 'Example',
    issuer,
    clientId: 'authbar',
    scopes: ['openid', 'wine'],
    endpoints: { authorize: `${issuer}/a`, token: `${issuer}/t`, revoke: null, userinfo: null },
    allowedOrigins: ['https://tokens.example.com'],
    redirectPorts: [4100],
    issuerInAnswer: true,
    addedAt: 0,
  });
}

/** As it is after it was added. */
function addedBy(address: string, all: readonly CustomProvider[] = []): CustomProvider {
  const answer = read(address, 'authbar', all);
  if (!('request' in answer)) throw new Error('It is none.');
  const { id = '', name = '', issuer } = answer.request;
  return { ...added(id, issuer), name };
}

function read(address: string, clientId = 'authbar', all: readonly CustomProvider[] = []) {
  const own = Object.fromEntries(all.map((each) => [each.id, toProvider(each)]));
  return readTyped({ address, clientId }, all, { ...createProviders(), ...own } as Providers);
}

const LONG = 'https://sign-in.internal.example.com/realms/';

describe('what a person types of a service', () => {
  test.each([
    ['https://login.example.com', 'https://login.example.com'],
    [' https://login.example.com/ ', 'https://login.example.com'],
    ['login.example.com', 'https://login.example.com'],
    ['LOGIN.example.com:8443/Tenant', 'https://login.example.com:8443/Tenant'],
    ['https://login.example.com/a/.well-known/openid-configuration', 'https://login.example.com/a'],
    ['https:/login.example.com', 'https://login.example.com'],
    ['https:login.example.com', 'https://login.example.com'],
    ['login.example.com:8443', 'https://login.example.com:8443'],
    ['http://localhost:4000', 'http://localhost:4000'],
    ['http://127.0.0.1:4000/', 'http://127.0.0.1:4000'],
  ])('%j is the issuer %s', (typed, issuer) => {
    const request = { issuer, clientId: 'authbar', anySlash: true, replace: false };
    expect(read(typed, ' authbar\n')).toMatchObject({ request });
  });

  test.each([
    ['', 'empty'],
    ['  ', 'empty'],
    ['my service', 'no-address'],
    ['https://', 'no-address'],
    ['https:', 'no-address'],
    ['login.exam\nple.com', 'no-address'],
    ['https://login.example.com/my tenant', 'no-address'],
    ['file:///etc/passwd', 'no-address'],
    ['ftp://login.example.com', 'no-address'],
    ['javascript://login.example.com/%0aalert(1)', 'no-address'],
    [`https://login.example.com/${'a'.repeat(2100)}`, 'no-address'],
    ['http://login.example.com', 'no-https'],
    ['http://127.0.0.1.example.com', 'no-https'],
    ['http:login.example.com', 'no-https'],
    ['https://anna:secret@login.example.com', 'more'],
    ['anna@example.com', 'more'],
    ['anna:secret@login.example.com', 'more'],
    ['http:/login.example.com@other.example.com', 'more'],
    ['https://:secret@login.example.com', 'more'],
    ['https://login.example.com?tenant=1', 'more'],
    ['https://login.example.com#x', 'more'],
  ])('%j is refused: %s', (typed, problem) => {
    expect(read(typed)).toEqual({ problem });
  });

  test.each([
    ['', 'no-client'],
    [' ', 'no-client'],
    ['a b', 'client'],
    ['naïve', 'client'],
    ['a'.repeat(513), 'client'],
  ])('%j is no client id: %s', (clientId, problem) => {
    expect(read('https://login.example.com', clientId)).toEqual({ problem });
  });
});

describe('a service that was added by its address alone', () => {
  test.each([
    ['https://login.example.com', 'login-example-com', 'login.example.com'],
    ['https://login.example.com:8443/a/', 'login-example-com-8443-a', 'login.example.com:8443/a'],
    ['http://127.0.0.1:4000', 'at-127-0-0-1-4000', '127.0.0.1:4000'],
    ['https://beef', 'at-beef', 'beef'],
    ['https://gemini', 'at-gemini', 'gemini'],
    ['https://[2001:db8::1]', 'at-2001-db8-1', '[2001:db8::1]'],
    ['https://bücher.example', 'xn-bcher-kva-example', 'xn--bcher-kva.example'],
    [
      'https://a.host-with-a-name-that-is-longer.example.com',
      'a-host-with-a-name-that-is-long',
      '…me-that-is-longer.example.com',
    ],
    [`${LONG}alpha`, 'sign-in-internal-example-com-re', '…internal.example.com…ms/alpha'],
    [
      'https://accounts.example.com.example.net/aaaaaaaaaaaaaaaaa',
      'accounts-example-com-example-ne',
      '…mple.com.example.net…aaaaaaaa',
    ],
  ])('%s has the id %s', (address, id, name) => {
    expect(read(address)).toMatchObject({ request: { id, name } });
  });

  test('has an id of its own where the beginning is the same', () => {
    const all = [added('sign-in-internal-example-com-re', `${LONG}alpha`)];
    expect(read(`${LONG}beta`, 'authbar', all)).toMatchObject({
      request: { id: 'sign-in-internal-example-co-2', replace: false },
    });
  });
});

describe('two services never have one name', () => {
  test.each([
    ['https://login.example.com/a-b', 'https://login.example.com/a/b', 'login.example.com/a/b 2'],
    ['https://a.example.com', 'https://a.example.com.', 'a.example.com. 2'],
    [`${LONG}eu/main-alpha`, `${LONG}us/main-alpha`, '…internal.example.com…in-alpha 2'],
  ])('%s and %s', (first, second, name) => {
    const all = [addedBy(first)];
    all.push(addedBy(second, all));
    expect(all[1]?.name).toBe(name);
    const names = all.flatMap((each) => toProvider(each).aliases);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('a service that is there already', () => {
  const all = [added('example', 'https://login.example.com/')];

  test('is the one that is meant, and nothing is asked', () => {
    expect(read('login.example.com', 'authbar', all)).toEqual({ there: all[0] });
  });

  test('is the one with that client id, where one server has two', () => {
    const second = { ...added('second', 'https://login.example.com'), clientId: 'second' };
    expect(read('login.example.com', 'second', [...all, second])).toEqual({ there: second });
  });

  test('gets another client id, and keeps what the person decided about it', () => {
    expect(read('login.example.com', 'other', all)).toEqual({
      request: {
        id: 'example',
        name: 'Example',
        issuer: 'https://login.example.com/',
        clientId: 'other',
        scopes: ['openid', 'wine'],
        redirectPorts: [4100],
        allowedOrigins: ['https://tokens.example.com'],
        replace: true,
      },
    });
  });
});

test('every sentence about what was typed is plain', () => {
  const texts = ADDRESS_PROBLEMS.map((problem) => addressNote(problem).text);
  expect(texts.filter((text) => /token|oauth|[{}'"!]|undefined/i.test(text))).toEqual([]);
  expect(texts.filter((text) => text.length > 90)).toEqual([]);
});
