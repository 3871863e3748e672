/**
 * The app's time, which a spec moves: the clock, and the timers that the engine waits with. Loaded before
 * the app, so that the app needs no way of its own to be fooled.
 */
'use strict';
const { syncBuiltinESMExports } = require('node:module');
const timers = require('node:timers/promises');

const { now } = Date;
const wait = timers.setTimeout;
/** How far the app's time is ahead, ms. */
let ahead = Number(process.env.AUTHBAR_E2E_AHEAD ?? 0);
/** Who sleeps: until when, in the app's time, and what makes them look at the clock. */
const sleepers = new Set();

Date.now = () => now() + ahead;

timers.setTimeout = async (ms, value, options = {}) => {
  const end = Date.now() + ms;
  while (Date.now() < end) {
    options.signal?.throwIfAborted();
    const moved = new AbortController();
    const signal = AbortSignal.any([moved.signal, ...(options.signal ? [options.signal] : [])]);
    const sleeper = { end, wake: () => moved.abort() };
    sleepers.add(sleeper);
    await wait(end - Date.now(), undefined, { ...options, signal }).catch(() => {});
    sleepers.delete(sleeper);
  }
  options.signal?.throwIfAborted();
  return value;
};
syncBuiltinESMExports();

function jump(ms) {
  ahead += ms;
  for (const { wake } of sleepers) wake();
}

/** At most this much time goes by in one step, ms: not all that waits does so by these timers. */
const STEP = 60_000;
/** What a process that only waits has open; anything else is work under way. */
const AT_REST = /^(Timeout|PipeWrap|TTYWrap|ProcessWrap|FSEventWrap|TCPServerWrap|MessagePort)$/;
/**
 * Work that takes longer than this waits for somebody outside, ms of real time. Far more than a busy machine
 * needs: time that goes on in the middle of a request is its deadline.
 */
const LONGEST_WORK = 30_000;

/** How often in a row it has to look so after work was seen: a module that is loaded shows in between only. */
const CALM = 5;

/** Resolves once nothing is under way: deadlines are for what is slow, and not for a moved clock. */
async function rest() {
  const end = now() + LONGEST_WORK;
  let calm = CALM - 1;
  while (calm < CALM && now() < end) {
    await wait(4);
    const resting = process.getActiveResourcesInfo().every((kind) => AT_REST.test(kind));
    calm = resting ? calm + 1 : 0;
  }
}

/** Time goes by, and whoever sleeps wakes when it is time, not later. */
async function pass(ms) {
  const end = Date.now() + ms;
  await rest();
  while (Date.now() < end) {
    const next = Math.min(end, Date.now() + STEP, ...[...sleepers].map((each) => each.end));
    jump(Math.max(0, next - Date.now()));
    await rest();
  }
}

module.exports = { jump, pass };
