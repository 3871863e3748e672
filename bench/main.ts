/** The figures that the README names, measured on this machine: `npm run bench`. */
import { cpus } from 'node:os';
import { benchTimetable } from './timetable.ts';
import { benchToken } from './token.ts';

const [cpu] = cpus();
console.log(
  `node ${process.version}, ${process.platform}, ${cpus().length} × ${cpu?.model ?? '?'}\n`,
);
await benchToken();
benchTimetable();
