// Loaded with --import. Moves the clock of a program, as its environment says: the time of day and with
// it the stamps of files, or every lock would look abandoned.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

let ahead = Number(process.env.INTEROP_AHEAD);
const RealDate = Date;

/** Puts the clock ahead of the machine's by so many ms. */
globalThis.moveTime = (ms) => {
  ahead = ms;
};

globalThis.Date = class extends RealDate {
  constructor(...parts) {
    if (parts.length === 0) super(RealDate.now() + ahead);
    else super(...parts);
  }

  static now() {
    return RealDate.now() + ahead;
  }
};

function seen(stats) {
  if (typeof stats?.mtimeMs !== 'number') return stats;
  for (const name of ['atime', 'mtime', 'ctime', 'birthtime']) {
    stats[`${name}Ms`] += ahead;
    stats[name] = new RealDate(stats[`${name}Ms`]);
  }
  return stats;
}

/** A time for utimes, seconds or a date, by the machine's own clock. */
function stamped(time) {
  return new RealDate((time instanceof RealDate ? time.getTime() : time * 1000) - ahead);
}

const { stat, statSync, lstat, lstatSync, utimes, utimesSync } = fs;
for (const [name, look] of Object.entries({ stat, lstat })) {
  fs[name] = (path, ...rest) => {
    const done = rest.pop();
    look(path, ...rest, (error, stats) => done(error, seen(stats)));
  };
}
for (const [name, look] of Object.entries({ statSync, lstatSync })) {
  fs[name] = (...args) => seen(look(...args));
}
fs.utimes = (path, atime, mtime, done) => utimes(path, stamped(atime), stamped(mtime), done);
fs.utimesSync = (path, atime, mtime) => utimesSync(path, stamped(atime), stamped(mtime));
syncBuiltinESMExports();
