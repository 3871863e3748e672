import type { Page } from '@playwright/test';
import { expect } from './harness.ts';

/** What nobody may see. */
const SECRET = 'sk-ant-ort01-a-canary-that-nobody-may-see';

/** The same, every object of it with secrets in fields that no view knows of. */
export function plant<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((each) => plant(each)) as T;
  const fields = Object.entries(value).map(([name, each]) => [name, plant(each)]);
  const secrets = { accessToken: SECRET, refreshToken: SECRET, idToken: SECRET, secret: SECRET };
  return { ...secrets, ...Object.fromEntries(fields) };
}

/** Fails if a planted secret is in the page: what is drawn and read out, in a field, or kept. */
export async function expectNoSecret(page: Page): Promise<void> {
  const told = await page.evaluate(async () =>
    JSON.stringify(await window.answer('state', undefined)),
  );
  expect(told, 'the page was told the secret').toContain(SECRET);
  const there = await page.evaluate(() => [
    document.documentElement.outerHTML,
    ...[...document.querySelectorAll('input')].map(({ value }) => value),
    JSON.stringify({ ...localStorage, ...sessionStorage }),
    ...window.bridge.said.map(({ text }) => text),
  ]);
  expect(there.filter((text) => text.includes(SECRET))).toEqual([]);
}
