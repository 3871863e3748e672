/**
 * Knocks at the socket that the first argument names, as another user, with and without our client's own
 * checks, and prints what became of it.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { connectBroker } from '../../../src/core/broker/client.ts';
import { createEngine } from '../../../src/core/create.ts';
import { NOBODY } from '../nobody.ts';

const path = process.argv[2] ?? '';
const { context } = await createEngine();
process.setgroups?.([]);
process.setgid?.(NOBODY);
process.setuid?.(NOBODY);

const raw = await once(connect(path), 'connect').then(
  () => 'connected',
  (error: NodeJS.ErrnoException) => error.code,
);
const client = await connectBroker(context, { path });
console.log(JSON.stringify({ raw, client: client && 'connected' }));
process.exit();
