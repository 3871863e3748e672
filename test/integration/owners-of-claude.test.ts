import { test } from 'vitest';
import { expectOnceEach } from '../support/two-owners.ts';

// The other service has a file of its own: ten thousand renewals take two processors a while.
test('two owners of one folder renew logins to Claude once whenever they are due', () =>
  expectOnceEach('claude'));
