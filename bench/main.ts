/**
 * The figures that the README names, measured on this machine: `npm run bench`. What idles takes minutes to
 * measure, and is asked for by name: `npm run bench -- idle [minutes]`.
 */
import { cpus } from 'node:os';
import { benchIdle } from './idle.ts';
import { benchRenderer } from './renderer.ts';
import { benchTimetable } from './timetable.ts';
import { benchToken } from './token.ts';

const [cpu] = cpus();
console.log(
  `node ${process.version}, ${process.platform}, ${cpus().length} × ${cpu?.model ?? '?'}\n`,
);
const [part, minutes = '5'] = process.argv.slice(2);
if (part === 'idle') {
  await benchIdle(Number(minutes));
} else {
  await benchToken();
  benchTimetable();
  await benchRenderer();
}
