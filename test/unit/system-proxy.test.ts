import { describe, expect, test } from 'vitest';
import { firstProxy, systemProxy } from '../../src/core/oauth/system-proxy.ts';
import { TestClock } from '../support/test-clock.ts';

describe('the answer of a system', () => {
  test.each([
    ['PROXY proxy.example:8080', 'http://proxy.example:8080'],
    ['PROXY a.example:1; PROXY b.example:2; DIRECT', 'http://a.example:1'],
    ['HTTPS proxy.example:443', 'https://proxy.example:443'],
    ['proxy [2001:db8::1]:3128', 'http://[2001:db8::1]:3128'],
    ['SOCKS5 socks.example:1080; PROXY a.example:1', 'http://a.example:1'],
    ['DIRECT', undefined],
    ['DIRECT; PROXY a.example:1', undefined],
    ['SOCKS5 socks.example:1080', undefined],
    ['', undefined],
    ['PROXY', undefined],
    ['PROXY user:secret@a.example:1', undefined],
    ['PROXY a.example:1/path', undefined],
    ['PROXY a.example:1 and more', undefined],
    ['PROXY a.example:99999', undefined],
  ])('%j → %j', (answer, proxy) => {
    expect(firstProxy(answer)).toBe(proxy);
  });
});

describe('asking the system', () => {
  test('tells it the origin alone', async () => {
    const asked: string[] = [];
    const ask = async (url: string) => {
      asked.push(url);
      return 'PROXY a.example:1';
    };
    const url = 'https://service.example/token?code=secret';
    expect(await systemProxy(ask, url, new TestClock())).toBe('http://a.example:1');
    expect(asked).toEqual(['https://service.example']);
  });

  test('a system that fails has no wish', async () => {
    const fails = () => Promise.reject(new Error('no session'));
    expect(await systemProxy(fails, 'https://service.example/', new TestClock())).toBeUndefined();
  });

  test('a system that never answers holds nothing up', async () => {
    const clock = new TestClock();
    clock.hurry(10_000);
    const never = () => new Promise<string>(() => {});
    expect(await systemProxy(never, 'https://service.example/', clock)).toBeUndefined();
  });
});
