import { describe, expect, test } from 'vitest';
import {
  BUNDLE_HEADERS,
  bundleFile,
  isInBundle,
  PAGE,
  typeOf,
} from '../../src/main/security/bundle-request.ts';

const FILES = new Set(['index.html', 'assets/index-BxYz_1.js', 'assets/index.css']);

function get(url: string) {
  return bundleFile({ method: 'GET', url }, FILES);
}

describe('what is served', () => {
  test('the files of the bundle, by their exact names', () => {
    expect(get(PAGE)).toEqual({ status: 200, file: 'index.html' });
    const script = 'assets/index-BxYz_1.js';
    expect(get(`app://bundle/${script}`)).toEqual({ status: 200, file: script });
  });

  test.each([
    'app://bundle/package.json',
    'app://bundle/assets/other.js',
    'app://bundle/INDEX.HTML',
  ])('404 for what was not built: %s', (url) => {
    expect(get(url)).toEqual({ status: 404 });
  });

  test.each([
    'app://bundle/../package.json',
    'app://bundle/assets/../index.html',
    'app://bundle/%2e%2e/package.json',
    'app://bundle/..%2fpackage.json',
    'app://bundle/..%5cpackage.json',
    'app://bundle/..\\package.json',
    'app://bundle//etc/passwd',
    'app://bundle//index.html',
    'app://bundle/',
    'app://bundle/.vite/manifest.json',
    'app://bundle/index.html?x',
    'app://bundle/index.html#x',
    'app://bundle/index.html\0',
    'app://bundle:80/index.html',
    'app://user@bundle/index.html',
    'app://other/index.html',
    'app://bundle.evil/index.html',
    'APP://bundle/index.html',
    'https://bundle/index.html',
    'file:///index.html',
  ])('400 for any other address: %s', (url) => {
    expect(get(url)).toEqual({ status: 400 });
  });

  test('400 for any other method', () => {
    expect(bundleFile({ method: 'POST', url: PAGE }, FILES)).toEqual({ status: 400 });
  });
});

test('the page may run its own files and reach nothing', () => {
  expect(BUNDLE_HEADERS).toEqual({
    'Content-Security-Policy':
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
    'X-Content-Type-Options': 'nosniff',
  });
});

test('only what a page uses has a type', () => {
  expect(typeOf('index.html')).toBe('text/html; charset=utf-8');
  expect(typeOf('assets/a.js')).toBe('text/javascript; charset=utf-8');
  expect(typeOf('assets/a.js.map')).toBeUndefined();
  expect(typeOf('LICENSE')).toBeUndefined();
});

test.each([
  ['app://bundle/index.html', true],
  ['app://bundle.evil/index.html', false],
  ['app://other/index.html', false],
  ['https://bundle/', false],
  ['about:blank', false],
  ['', false],
])('%j is in the bundle: %s', (url, expected) => {
  expect(isInBundle(url)).toBe(expected);
});
